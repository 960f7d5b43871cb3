"""Alarms and their delivery, to a receiver on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from service import messenger
from service.app import create_app
from service.messenger import Messenger
from service.wiring import Parts
from tests.databases import Homes
from tests.examples import an_event
from tests.service.conftest import TRUCE, Hands, publish
from truce.clock import end_of
from truce.errors import BadInput
from truce.false_alarms import BROKE, HELD, UNSEEN, Judgement
from truce.liveness import WhenStale
from truce.settings import Settings
from truce.store import Store
from truce.store.webhooks import BACK_OFF, LEASE
from truce.vocabulary import HORIZONS, Outcome


@dataclass
class Receiver:
    """A web server that writes down what it gets and answers as told."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    name: str = request.param
    return name


@pytest.fixture
def home(homes: Homes) -> Settings:
    """A home on either database, whose only source is silent for months, and which does not mind."""
    return replace(homes(), when_stale=WhenStale.IGNORE)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.status)
            if found.status == 302:
                self.send_header("location", found.url)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/hook?of=me"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def desk(home: Settings, hands: Hands, store: Store) -> Iterator[TestClient]:
    """A service that may deliver to this machine, and whose watches a test turns by hand."""
    publish(store, "1")
    window = replace(home.window, private_hooks=True, alarm_seconds=3600)
    with TestClient(create_app(replace(home, window=window), clock=hands), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def admin(store: Store) -> dict[str, str]:
    return {"Authorization": f"Bearer {store.keys.create(['webhooks:admin'])[1]}"}


def parts(client: TestClient) -> Parts:
    found: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return found


def hooked(client: TestClient, admin: dict[str, str], url: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(
        "/v1/webhooks", json={"url": url, "threshold": 0.3, "hysteresis": 0.1, **fields}, headers=admin
    )
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def attacked(store: Store, hands: Hands, count: int) -> None:
    """Attacks between the sides, known now: the test model's hazard rises with their number."""
    day = hands.now.date() - timedelta(days=1)
    events = [an_event(f"a{hands.now.isoformat()}-{k}", occurred_on=day, known_at=end_of(day)) for k in range(count)]
    store.events.put(events, written_by="test")


def alarmed(client: TestClient, admin: dict[str, str], store: Store, hands: Hands, url: str) -> dict[str, Any]:
    """A webhook whose alarm has been raised: its message is in the outbox."""
    hook = hooked(client, admin, url, truce_id=TRUCE)
    attacked(store, hands, 20)
    parts(client).alarms.look()
    return hook


def test_an_alarm_is_raised_once_signed_and_carries_the_archived_forecast(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hook = hooked(desk, admin, receiver.url, truce_id=TRUCE)
    assert parts(desk).alarms.look() == 0
    attacked(store, hands, 20)
    assert [parts(desk).alarms.look() for _ in range(3)] == [1, 0, 0]
    assert parts(desk).messenger.deliver() == 1
    ((headers, body),) = receiver.got
    said = json.loads(body)
    assert (said["type"], said["data"]["truce_id"], said["id"]) == ("alarm.raised", TRUCE, headers["webhook-id"])
    archived = desk.get(f"/v1/forecasts/{said['forecast']['forecast_id']}")
    assert archived.text in body
    secret = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    mark = base64.b64encode(hmac.new(secret, told, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"


def test_an_alarm_is_cleared_only_below_the_hysteresis_and_may_be_raised_again(
    desk: TestClient,
    admin: dict[str, str],
    receiver: Receiver,
    store: Store,
    hands: Hands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hooked(desk, admin, receiver.url, truce_id=TRUCE)
    turned = []
    for p in (0.29, 0.31, 0.25, 0.21, 0.19, 0.25, 0.31):
        monkeypatch.setattr("service.forecasting.Forecaster.sketch", _sketch(p))
        turned.append(parts(desk).alarms.look())
        hands.on(minutes=1)
    assert turned == [0, 1, 0, 0, 1, 0, 1]
    parts(desk).messenger.deliver()
    assert [json.loads(body)["type"] for _, body in receiver.got] == ["alarm.raised", "alarm.cleared", "alarm.raised"]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 3


def _sketch(p: float) -> Any:
    def said(*_: object, **__: object) -> list[dict[str, Any]]:
        return [{"truce_id": TRUCE, "horizons": [{"days": 30, "p_breakdown": p}]}]

    return said


def test_a_truce_that_is_over_clears_its_alarm(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hooked(desk, admin, receiver.url)
    attacked(store, hands, 20)
    assert parts(desk).alarms.look() == 2, "both truces in force between these sides"
    key = {"Authorization": f"Bearer {store.keys.create(['truces:write'])[1]}"}
    end = {"outcome": "broke", "end_date": "2015-06-14", "why": "over", "source": "desk"}
    assert desk.patch(f"/v1/truces/{TRUCE}", json=end, headers=key).status_code == 200
    hands.on(minutes=1)
    assert parts(desk).alarms.look() == 1
    parts(desk).messenger.deliver()
    last = json.loads(receiver.got[-1][1])
    assert (last["type"], last["forecast"], last["data"]["why"]) == (
        "alarm.cleared",
        None,
        "the truce is no longer in force",
    )


def test_an_alarm_stays_raised_while_nothing_can_be_said_of_its_truce(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hooked(desk, admin, receiver.url, truce_id=TRUCE)
    attacked(store, hands, 20)
    assert parts(desk).alarms.look() == 1
    lost = replace(store.truces.get(TRUCE), outcome=Outcome.UNKNOWN)
    store.truces.put([lost], known_at=hands(), source="truces", written_by="cli")
    hands.on(minutes=1)
    assert parts(desk).alarms.look() == 0, "that nobody knows whether it holds is no reason to call the alarm off"


def test_what_does_not_arrive_is_tried_again_later_with_the_same_id_and_at_last_given_up(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hook = hooked(desk, admin, receiver.url, truce_id=TRUCE)
    attacked(store, hands, 20)
    parts(desk).alarms.look()
    receiver.status = 302
    for pause in BACK_OFF:
        assert parts(desk).messenger.deliver() == 0
        assert parts(desk).messenger.deliver() == 0, "not before its time"
        hands.on(seconds=pause.total_seconds())
    assert parts(desk).messenger.deliver() == 0
    hands.on(days=30)
    assert parts(desk).messenger.deliver() == 0
    assert len(receiver.got) == len(BACK_OFF) + 1
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    (told,) = desk.get(f"/v1/webhooks/{hook['id']}/deliveries", headers=admin).json()["deliveries"]
    assert (told["state"], told["attempts"], told["trouble"]) == ("given_up", len(BACK_OFF) + 1, "answered 302")


def test_the_outbox_outlives_the_process_and_two_workers_deliver_once(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands, home: Settings
) -> None:
    hooked(desk, admin, receiver.url, truce_id=TRUCE)
    attacked(store, hands, 20)
    parts(desk).alarms.look()
    taken = list(store.webhooks.take_due())
    assert len(taken) == 1
    assert list(store.webhooks.take_due()) == [], "somebody has it"
    hands.on(seconds=LEASE.total_seconds())
    assert Messenger(store.webhooks, hands, private=True).deliver() == 1, "who had it died"


def test_a_deleted_webhook_is_told_nothing_and_unknown_ones_are_404(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hook = hooked(desk, admin, receiver.url, truce_id=TRUCE)
    attacked(store, hands, 20)
    parts(desk).alarms.look()
    assert desk.delete(f"/v1/webhooks/{hook['id']}", headers=admin).status_code == 204
    parts(desk).messenger.deliver()
    assert receiver.got == []
    assert desk.get("/v1/webhooks", headers=admin).json()["webhooks"] == []
    for method, path in (("DELETE", f"/v1/webhooks/{hook['id']}"), ("GET", "/v1/webhooks/nobody/deliveries")):
        answer = desk.request(method, path, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_webhook")


def test_a_secret_is_shown_once_and_webhooks_need_their_scope(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, key: dict[str, str]
) -> None:
    hook = hooked(desk, admin, receiver.url)
    listed = desk.get("/v1/webhooks", headers=admin)
    assert hook["secret"] not in listed.text
    assert "secret" not in listed.json()["webhooks"][0]
    assert desk.get("/v1/webhooks", headers=key).json()["code"] == "missing_scope"
    assert desk.get("/v1/webhooks").json()["code"] == "missing_key"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3/", "https://169.254.169.254/latest", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://0.0.0.0/", "https://printer.local/", "http://example.org/",
        "ftp://example.org/", "https://", "//example.org", "https://me:secret@example.org/", "https://example.org/#x",
        "https://example.org:99999/", "https://ex ample.org/", "javascript:alert(1)", "https://224.0.0.1/", "https://[2002:7f00:1::]/",
    ],
)  # fmt: skip
def test_a_url_that_is_not_public_https_is_refused(client: TestClient, admin: dict[str, str], url: str) -> None:
    answer = client.post("/v1/webhooks", json={"url": url, "threshold": 0.5}, headers=admin)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["code"] in ("bad_url", "private_url")


def test_a_name_that_leads_to_a_private_address_is_not_followed(
    client: TestClient, admin: dict[str, str], store: Store, hands: Hands
) -> None:
    hooked(client, admin, "https://innocent.example/hook", truce_id=TRUCE)
    attacked(store, hands, 20)
    parts(client).alarms.look()
    asked: list[str] = []

    def inward(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", "10.0.0.7"]

    assert Messenger(store.webhooks, hands, private=False, resolve=inward).deliver() == 0
    (delivery,) = store.webhooks.deliveries(store.webhooks.all()[0].id)
    assert (asked, delivery.trouble) == (["innocent.example"], "its host has a private address")


@pytest.mark.parametrize(
    "fields",
    [
        {"threshold": 0}, {"threshold": 1.1}, {"threshold": 0.2, "hysteresis": 0.2}, {"horizon": 366}, {"truce_id": "nobody"},
        {"mood": 1},
    ],
    ids=str,
)  # fmt: skip
def test_an_alarm_that_makes_no_sense_is_refused(
    client: TestClient, admin: dict[str, str], fields: dict[str, Any]
) -> None:
    body = {"url": "https://93.184.216.34/", "threshold": 0.5, **fields}
    assert client.post("/v1/webhooks", json=body, headers=admin).status_code in (404, 422)


def test_a_watch_that_sees_nothing_says_so(home: Settings, hands: Hands, store: Store, admin: dict[str, str]) -> None:
    publish(store, "1")
    with TestClient(create_app(replace(home, when_stale=WhenStale.REFUSE), clock=hands)) as client:
        hooked(client, admin, "https://93.184.216.34/")
        assert parts(client).alarms.look() == 0
        assert "no source of events has reported" in client.get("/v1/webhooks", headers=admin).json()["blind"]
        day = hands.now.date() - timedelta(days=1)
        store.events.put([an_event("news", occurred_on=day, known_at=end_of(day))], written_by="test")
        parts(client).alarms.look()
        assert client.get("/v1/webhooks", headers=admin).json()["blind"] is None


def a_judgement() -> Judgement:
    """Two truces at six forecasts each: p rises and falls twice; the first truce holds, the second breaks in the end."""
    p = np.array([0.1, 0.4, 0.25, 0.1, 0.5, 0.6] * 2)[:, None].repeat(len(HORIZONS), axis=1)
    outcome = np.array([HELD] * 6 + [HELD, HELD, HELD, UNSEEN, BROKE, BROKE])[:, None].repeat(len(HORIZONS), axis=1)
    return Judgement.of(np.repeat([0, 1], 6), np.full(12, 7), p, outcome)


@pytest.mark.parametrize(
    ("threshold", "hysteresis", "alarms", "false"),
    [(0.3, 0.0, 4, 3), (0.3, 0.25, 2, 2), (0.55, 0.0, 2, 1), (0.9, 0.1, 0, 0)],
)
def test_false_alarms_are_counted_by_playing_the_alarm_through_the_backtest(
    threshold: float, hysteresis: float, alarms: int, false: int
) -> None:
    played = a_judgement().play(30, threshold, hysteresis)
    assert (played.alarms, played.false_alarms) == (alarms, false)
    assert played.truce_years == pytest.approx(84 / 365.25)


def test_a_webhook_says_how_many_false_alarms_to_expect_or_why_nobody_knows(
    client: TestClient, admin: dict[str, str], store: Store
) -> None:
    url = "https://93.184.216.34/"
    assert "no out-of-fold forecasts" in hooked(client, admin, url)["expected_false_alarms"]["reason"]
    store.judgements.put("1", a_judgement())
    from service import false_alarms

    false_alarms._judgement.cache_clear()
    told = hooked(client, admin, url, hysteresis=0.0)["expected_false_alarms"]
    assert (told["alarms"], told["false_alarms"], told["reason"]) == (4, 3, None)
    assert told["per_truce_year"] == pytest.approx(3 / (84 / 365.25))
    assert "not of 31" in hooked(client, admin, url, horizon=31)["expected_false_alarms"]["reason"]


def test_a_webhook_that_is_deleted_while_it_is_told_stays_deleted_and_stops_no_other(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hook = alarmed(desk, admin, store, hands, receiver.url)
    ((_, taken),) = store.webhooks.take_due()
    assert desk.delete(f"/v1/webhooks/{hook['id']}", headers=admin).status_code == 204
    store.webhooks.settle(taken, "ReadTimeoutError")
    hands.on(days=2)
    (told,) = store.webhooks.deliveries(hook["id"])
    assert (told.due_at, told.trouble) == (None, "its webhook was deleted")
    hooked(desk, admin, receiver.url, truce_id=TRUCE)
    parts(desk).alarms.look()
    assert parts(desk).messenger.deliver() == 1


def test_who_lost_his_lease_does_not_settle(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hook = alarmed(desk, admin, store, hands, receiver.url)
    ((_, slow),) = store.webhooks.take_due()
    hands.on(seconds=LEASE.total_seconds())
    assert parts(desk).messenger.deliver() == 1
    store.webhooks.settle(slow, "ReadTimeoutError")
    (told,) = store.webhooks.deliveries(hook["id"])
    assert (told.due_at, told.trouble, told.attempts) == (None, None, 1)
    assert told.delivered_at is not None


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nX-A: ", b""], ids=["header", "nothing"])
def test_an_answer_that_comes_letter_by_letter_is_cut_off(
    desk: TestClient, admin: dict[str, str], store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    monkeypatch.setattr(messenger, "WHOLE_SECONDS", 1.0)
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        with listening, listening.accept()[0] as held, suppress(OSError):
            held.sendall(first)
            while not over.wait(0.2):
                held.sendall(b"a" if first else b"")

    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=drip, args=(listening,), daemon=True)
    thread.start()
    hook = alarmed(desk, admin, store, hands, f"http://127.0.0.1:{listening.getsockname()[1]}/hook")
    assert parts(desk).messenger.deliver() == 0
    (told,) = store.webhooks.deliveries(hook["id"])
    assert (told.attempts, told.trouble) == (1, "TimeoutError")
    over.set()
    thread.join()


def test_a_host_and_a_path_in_any_letters_are_told(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    url = receiver.url.replace("127.0.0.1", "127。0。0。1").replace("/hook", "/hök")
    alarmed(desk, admin, store, hands, url)
    assert parts(desk).messenger.deliver() == 1
    ((headers, _),) = receiver.got
    assert headers["host"].startswith("127.0.0.1:")


def test_one_receiver_s_fault_of_any_kind_is_written_down_and_the_others_are_told(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    bad = hooked(desk, admin, "https://odd.example/hook", truce_id=TRUCE)
    alarmed(desk, admin, store, hands, receiver.url)

    def strange(host: str, _: int) -> list[str]:
        if host == "odd.example":
            raise UnicodeError("label too long")
        return ["127.0.0.1"]

    assert Messenger(store.webhooks, hands, private=True, resolve=strange).deliver() == 1
    assert [told.trouble for told in store.webhooks.deliveries(bad["id"])] == ["UnicodeError"]


def test_a_message_of_a_clock_that_ran_ahead_is_not_kept_back(
    desk: TestClient, admin: dict[str, str], receiver: Receiver, store: Store, hands: Hands
) -> None:
    hands.on(days=365)
    alarmed(desk, admin, store, hands, receiver.url)
    hands.on(days=-365)
    assert parts(desk).messenger.deliver() == 1


def test_a_url_with_a_user_is_refused_even_where_private_addresses_are_allowed() -> None:
    from service.messenger import checked_url

    with pytest.raises(BadInput):
        checked_url("http://u:p@127.0.0.1/", private=True)
    assert checked_url("http://127.0.0.1:8080/x", private=True).port == 8080
