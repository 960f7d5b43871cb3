from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.training.sources.remote.conftest import PASSWORD, USER, everything_written
from tests.training.sources.remote.server import Asked, FakeServer, Says, first_then, say_json
from training.reading.tables import rows_of
from training.sources.remote import acled
from training.sources.remote.pages import Place
from truce.errors import BadInput, Denied, FeedTrouble

QUERY = "read?country=Iraq&event_date=2023-01-01|2023-12-31"
SECRETS = (USER, PASSWORD, "access-1", "access-2", "refresh-1", "refresh-2")

Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def two_rows_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acled, "ROWS", 2)


def rows(*names: str, at: int = 1_700_000_000) -> Rows:
    return [{"event_id_cnty": name, "timestamp": str(at + k)} for k, name in enumerate(names)]


@dataclass
class Api:
    """What the documented API does: it gives tokens that live for some questions, and pages counted from 1."""

    events: Callable[[], Rows]
    deleted: Rows = field(default_factory=list)
    lives: int = 1000
    renews: bool = True
    counts: bool = True
    tokens: int = 0
    left: int = 0

    def __call__(self, asked: Asked) -> Says:
        return self._token(asked.form) if asked.path == "/oauth/token" else self._page(asked)

    def _token(self, form: Any) -> Says:
        known = {"grant_type": "password", "username": USER, "password": PASSWORD, "client_id": "acled"}
        again = {"grant_type": "refresh_token", "refresh_token": f"refresh-{self.tokens}", "client_id": "acled"}
        if form != known and not (self.renews and form == again):
            return say_json({"error": "invalid_grant", "said": dict(form)}, 400)
        self.tokens += 1
        self.left = self.lives
        names = {"access_token": f"access-{self.tokens}", "refresh_token": f"refresh-{self.tokens}"}
        return say_json({"token_type": "Bearer", "expires_in": 86400, **names})

    def _page(self, asked: Asked) -> Says:
        if asked.headers.get("Authorization") != f"Bearer access-{self.tokens}" or self.left == 0:
            return say_json({"message": "The token has expired", "token": asked.headers.get("Authorization")}, 401)
        self.left -= 1
        changed = "timestamp" if asked.path == "/api/acled/read" else "deleted_timestamp"
        since = int(asked.query.get(changed, 0)) if asked.query.get(f"{changed}_where") == ">" else 0
        source = self.events() if changed == "timestamp" else self.deleted
        found = [row for row in source if int(row[changed]) > since]
        size, number = int(asked.query["limit"]), int(asked.query["page"])
        page = found[(number - 1) * size : number * size]
        total = {"total_count": len(found)} if self.counts and asked.query.get("with_total") == "true" else {}
        return say_json({"status": 200, "success": True, "count": len(page), "messages": [], "data": page, **total})


def names(files: list[Path]) -> list[object]:
    return [row.cells["event_id_cnty"] for file in files for row in rows_of(file, ("event_id_cnty",))]


def test_a_query_logs_in_once_and_brings_every_page(place: Place, server: FakeServer) -> None:
    server.answer = Api(lambda: rows("A1", "A2", "A3", "A4", "A5"))
    files = acled.fetch(QUERY, place)
    assert names(files) == ["A1", "A2", "A3", "A4", "A5"]
    assert [file.name for file in files] == [f"acled-read-page-0000{k}.json" for k in (1, 2, 3)]
    assert [asked.method + " " + asked.path for asked in server.log] == [
        "POST /oauth/token",
        *["GET /api/acled/read"] * 3,
    ]
    assert server.log[2].query == {
        "_format": "json", "limit": "2", "page": "2", "country": "Iraq", "event_date": "2023-01-01|2023-12-31",
        "event_date_where": "BETWEEN",
    }  # fmt: skip


@pytest.mark.parametrize("counts", [True, False], ids=["counts", "does not count"])
def test_a_last_page_that_is_full_is_followed_by_an_empty_one_that_is_not_kept(
    place: Place, server: FakeServer, *, counts: bool
) -> None:
    server.answer = Api(lambda: rows("A1", "A2"), counts=counts)
    assert names(acled.fetch(QUERY, place)) == ["A1", "A2"]
    assert server.pages() == [1, 2]


@pytest.mark.parametrize("renews", [True, False], ids=["renewed", "too old to be renewed"])
def test_a_token_that_dies_on_the_way_is_replaced_and_no_page_is_lost(
    place: Place, server: FakeServer, *, renews: bool
) -> None:
    server.answer = Api(lambda: rows("A1", "A2", "A3", "A4", "A5"), lives=2, renews=renews)
    assert names(acled.fetch(QUERY, place)) == ["A1", "A2", "A3", "A4", "A5"]
    grants = [asked.form["grant_type"] for asked in server.log if asked.method == "POST"]
    assert grants == (["password", "refresh_token"] if renews else ["password", "refresh_token", "password"])
    assert server.pages() == [1, 2, 3, 3]


def test_a_download_that_broke_off_asks_only_for_the_pages_that_are_missing(place: Place, server: FakeServer) -> None:
    api = Api(lambda: rows("A1", "A2", "A3", "A4", "A5"))

    def breaks(asked: Asked) -> Says:
        return Says(b"gone", cut=2) if asked.query.get("page") == "2" else api(asked)

    server.answer = breaks
    with pytest.raises(FeedTrouble, match="cannot be reached"):
        acled.fetch(QUERY, place)
    server.log.clear()
    server.answer = api
    assert names(acled.fetch(QUERY, place)) == ["A1", "A2", "A3", "A4", "A5"]
    assert server.pages() == [2, 3]


def test_a_query_that_is_asked_again_brings_only_what_was_uploaded_since(place: Place, server: FakeServer) -> None:
    world = rows("A1", "A2", "A3")
    server.answer = Api(lambda: world)
    first = acled.fetch(QUERY, place)
    assert acled.fetch(QUERY, place) == first
    world += rows("A2", "A4", at=1_800_000_000)
    files = acled.fetch(QUERY, place)
    assert files[: len(first)] == first
    assert names(files) == ["A1", "A2", "A3", "A2", "A4"]
    assert acled.fetch(QUERY, place) == files
    since = [asked.query.get("timestamp") for asked in server.log if asked.query.get("page") == "1"]
    assert since == [None, "1700000002", "1700000002", "1800000001"]


def test_a_query_with_its_own_end_of_uploads_is_not_asked_again(place: Place, server: FakeServer) -> None:
    server.answer = Api(lambda: rows("A1"))
    for _ in range(2):
        acled.fetch("read?timestamp=2023-01-01|2024-01-01", place)
    assert server.pages() == [1]
    assert server.log[-1].query["timestamp_where"] == "BETWEEN"


def test_a_moment_of_upload_alone_asks_for_that_and_all_later_ones(place: Place, server: FakeServer) -> None:
    server.answer = Api(lambda: rows("A1"))
    for _ in range(2):
        acled.fetch("read?timestamp=1600000000", place)
    asked = [(a.query["timestamp"], a.query["timestamp_where"]) for a in server.log if "page" in a.query]
    assert asked == [("1600000000", ">="), ("1700000000", ">")]


def test_the_list_of_what_was_taken_back_is_a_query_of_its_own(place: Place, server: FakeServer) -> None:
    gone = [{"event_id_cnty": "A1", "deleted_timestamp": 1_700_000_000 + k} for k in range(3)]
    server.answer = Api(list, deleted=gone)
    assert names(acled.fetch("deleted", place)) == ["A1", "A1", "A1"]
    assert {asked.path for asked in server.log} == {"/oauth/token", "/api/deleted/read"}


def test_data_that_changes_between_two_pages_is_begun_anew(place: Place, server: FakeServer) -> None:
    worlds = iter([rows("A1", "A2", "A3"), rows("A0", "A1", "A2"), *[rows("A0", "A1", "A2")] * 2])
    server.answer = Api(lambda: next(worlds), counts=False)
    assert names(acled.fetch(QUERY, place)) == ["A0", "A1", "A2"]
    assert server.pages() == [1, 2, 1, 2]


def test_wrong_or_missing_credentials_name_the_variables_and_show_nothing(place: Place, server: FakeServer) -> None:
    server.answer = Api(lambda: rows("A1"))
    wrong = {**place.environment, "TRUCECAST_ACLED_PASSWORD": "wr0ng"}
    missing = {**place.environment, "TRUCECAST_ACLED_PASSWORD": ""}
    for environment in (wrong, missing):
        with pytest.raises(Denied, match="TRUCECAST_ACLED_PASSWORD") as caught:
            acled.fetch(QUERY, replace(place, environment=environment))
        assert not any(secret in caught.value.detail for secret in ("wr0ng", USER))
    assert len(server.log) == 1


def test_an_account_that_may_not_read_is_told_what_to_do(place: Place, server: FakeServer) -> None:
    api = Api(list)
    server.answer = lambda asked: api(asked) if asked.method == "POST" else say_json({"message": "consent"}, 403)
    with pytest.raises(Denied, match=r"accept its terms and complete your profile"):
        acled.fetch(QUERY, place)
    assert len(server.log) == 2


def test_a_token_that_is_refused_at_once_is_given_up(place: Place, server: FakeServer) -> None:
    server.answer = Api(lambda: rows("A1"), lives=0)
    with pytest.raises(Denied, match=r"ACLED refuses the token that it gave \(401\)"):
        acled.fetch(QUERY, place)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Says(b"<html>"), "something else than JSON"),
        (say_json({"status": 500, "success": False, "data": []}), r"failed \(status 500\)"),
        (say_json({"status": 200, "success": True}), "without a list 'data'"),
        (say_json({"data": [{"event_id_cnty": "A1"}]}), "without event_id_cnty or timestamp"),
        (say_json({"data": [{"event_id_cnty": "A1", "timestamp": "today"}]}), "without event_id_cnty or timestamp"),
    ],
)
def test_what_is_no_page_is_refused_and_not_kept(place: Place, server: FakeServer, reply: Says, says: str) -> None:
    api = Api(list)
    server.answer = lambda asked: api(asked) if asked.method == "POST" else reply
    with pytest.raises(FeedTrouble, match=says):
        acled.fetch(QUERY, place)
    assert [file.name for file in place.folder.rglob("*") if file.is_file()] == ["query.json"]


@pytest.mark.parametrize("reply", [say_json({"access_token": ""}), say_json({}), Says(b"hello")])
def test_a_login_that_gives_no_token_is_no_login(place: Place, server: FakeServer, reply: Says) -> None:
    server.answer = lambda _: reply
    with pytest.raises(FeedTrouble, match="ACLED answers"):
        acled.fetch(QUERY, place)


def test_a_login_that_fails_for_a_while_is_tried_again(place: Place, server: FakeServer, naps: list[float]) -> None:
    server.answer = first_then([Says(status=503)], Api(lambda: rows("A1")))
    assert names(acled.fetch(QUERY, place)) == ["A1"]
    assert naps == [1.0]


@pytest.mark.parametrize(
    "query",
    ["", "cast?country=Iraq", "read?page=2", "read?limit=0", "read?country=", "read?fields=iso", "read?a-b=1",
     "read?export_type=monadic"],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_before_anybody_is_asked(place: Place, server: FakeServer, query: str) -> None:
    with pytest.raises(BadInput):
        acled.fetch(query, place)
    assert server.log == []


@pytest.mark.parametrize("name", ["key", "email", "password", "access_token", "KEY"])
def test_credentials_in_a_query_are_refused_and_not_repeated(place: Place, server: FakeServer, name: str) -> None:
    with pytest.raises(BadInput, match="credentials are no part of a query: put the e-mail") as caught:
        acled.fetch(f"read?country=Iraq&{name}=hush", place)
    assert "hush" not in caught.value.detail
    assert not place.folder.exists()


def test_a_query_that_nothing_matches_is_no_success(place: Place, server: FakeServer) -> None:
    server.answer = Api(list)
    for _ in range(2):
        with pytest.raises(BadInput, match="no row matches read with these filters at ACLED"):
            acled.fetch(QUERY, place)


def test_no_secret_is_in_any_file_or_output(
    place: Place, server: FakeServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    caplog.set_level("DEBUG")
    server.answer = Api(lambda: rows("A1", "A2", "A3"), lives=1)
    acled.fetch(QUERY, replace(place, tell=said.append))
    written = everything_written(place.folder).decode() + "".join(capfd.readouterr()) + "".join(said) + caplog.text
    assert "acled-read-page-00002.json: 1 rows" in written
    assert [secret for secret in SECRETS if secret in written] == []
