from __future__ import annotations

from threading import Event

import pytest

from tests.training.sources.remote.conftest import PASSWORD
from tests.training.sources.remote.server import FakeServer, Says, first_then
from training.sources.remote.http import TRIES, Http, Question, Rejected, base_url, header, secret
from training.sources.remote.pages import Place
from truce.errors import BadInput, Denied, FeedTrouble

FINE = Says(b"fine")


def ask(place: Place, server: FakeServer, largest: int = 1000) -> bytes:
    return place.http.ask(Question(server.url + "/x", largest=largest))


@pytest.mark.parametrize(
    ("troubles", "waits"),
    [
        ([Says(status=429, headers={"Retry-After": "7"})], [7.0]),
        ([Says(status=429, headers={"Retry-After": "Sat, 15 Jun 2024 12:00:40 GMT"})], [40.0]),
        ([Says(status=429, headers={"Retry-After": "soon"})], [1.0]),
        ([Says(status=503, headers={"Retry-After": "0"})], [0.0]),
        ([Says(status=500), Says(status=502), Says(status=504)], [1.0, 2.0, 4.0]),
        ([Says(b"one half and another", cut=8)], [1.0]),
    ],
    ids=["429 in seconds", "429 by date", "429 in words", "503 at once", "three times 5xx", "reset in the middle"],
)
def test_what_passes_is_asked_again_after_a_wait(
    place: Place, server: FakeServer, naps: list[float], troubles: list[Says], waits: list[float]
) -> None:
    server.answer = first_then(troubles, lambda _: FINE)
    assert ask(place, server) == b"fine"
    assert naps == waits
    assert len(server.log) == len(troubles) + 1


def test_a_server_that_falls_silent_is_not_waited_for(
    place: Place, server: FakeServer, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.sources.remote.http._TIMEOUT", (1.0, 0.1))
    wakes = Event()

    def silent_once(_: object) -> Says:
        if len(server.log) == 1:
            wakes.wait(10)
        return FINE

    server.answer = silent_once
    assert ask(place, server) == b"fine"
    wakes.set()
    assert naps == [1.0]


def test_a_server_that_never_recovers_is_given_up_with_one_line(
    place: Place, server: FakeServer, naps: list[float]
) -> None:
    server.answer = lambda _: Says(b"<html>down</html>", 500)
    with pytest.raises(FeedTrouble, match=r"^127\.0\.0\.1 answers 500, 6 times over: try again later; what has come"):
        ask(place, server)
    assert len(server.log) == TRIES
    assert naps == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_jitter_shortens_a_wait_by_at_most_a_half(server: FakeServer) -> None:
    naps: list[float] = []
    server.answer = first_then([Says(status=500)] * 2, lambda _: FINE)
    Http(sleep=naps.append, jitter=lambda: 0.0).ask(Question(server.url))
    assert naps == [0.5, 1.0]


def test_nobody_waits_an_hour_because_a_server_says_so(place: Place, server: FakeServer, naps: list[float]) -> None:
    server.answer = lambda _: Says(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(FeedTrouble, match="answers 429 and wants 3600 seconds of rest: try again then"):
        ask(place, server)
    assert (len(server.log), naps) == (1, [])


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 422])
def test_any_other_refusal_is_final_and_tells_what_the_server_said(
    place: Place, server: FakeServer, naps: list[float], status: int
) -> None:
    server.answer = lambda _: Says(b'{"error":\n "no such\tfilter"}', status, {"Location": server.url + "/elsewhere"})
    with pytest.raises(Rejected, match=rf"answers {status} \(.*no such filter.*\)") as caught:
        ask(place, server)
    assert caught.value.status == status
    assert (len(server.log), naps) == (1, [])


def test_a_server_that_is_not_there_is_told_apart_from_one_that_refuses(naps: list[float]) -> None:
    with pytest.raises(FeedTrouble, match="cannot be reached"):
        Http(sleep=naps.append).ask(Question("http://127.0.0.1:9/"))
    assert len(naps) == TRIES - 1


def test_an_endless_answer_is_stopped(place: Place, server: FakeServer) -> None:
    server.answer = lambda _: Says(b"x" * 1001)
    with pytest.raises(FeedTrouble, match="more than 1000 bytes"):
        ask(place, server)


@pytest.mark.parametrize("echo", [PASSWORD, "pass%20word%261", "pass+word%261"])
def test_a_server_that_repeats_a_secret_is_not_quoted_with_it(place: Place, server: FakeServer, echo: str) -> None:
    place.http.hide([PASSWORD, ""])
    server.answer = lambda _: Says(f"wrong: {echo}!".encode(), 400)
    with pytest.raises(Rejected, match=r"\(wrong: \*\*\*!\)"):
        ask(place, server)


def test_a_secret_must_be_there_and_must_be_such_that_it_can_be_sent() -> None:
    assert secret({"A": " x "}, "A", "get one") == "x"
    for wrong in ({}, {"A": "  "}, {"A": "a\nb"}):
        with pytest.raises(Denied, match=r"^A .*: get one$") as caught:
            secret(wrong, "A", "get one")
        assert "a\nb" not in caught.value.detail
    with pytest.raises(Denied, match="A holds signs that cannot be sent in a header"):
        header("kläglich", "A")


def test_the_address_of_a_proxy_must_be_one() -> None:
    assert base_url({"A": "http://proxy:1/x/"}, "A", "https://own") == "http://proxy:1/x"
    assert base_url({"A": ""}, "A", "https://own") == "https://own"
    for wrong in ("proxy", "ftp://proxy", "http://", "http://[::1"):
        with pytest.raises(BadInput, match="A is no address"):
            base_url({"A": wrong}, "A", "https://own")
