from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.training.sources.remote.conftest import TOKEN, everything_written
from tests.training.sources.remote.server import Answer, Asked, FakeServer, Says, first_then, say_json
from training.reading.tables import rows_of
from training.sources.remote import ucdp
from training.sources.remote.pages import Place
from truce.errors import BadInput, Denied, FeedTrouble, TrucecastError

QUERY = "24.1?Country=645"
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(autouse=True)
def two_rows_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ucdp, "ROWS", 2)


def events(n: int, start: int = 1) -> list[dict[str, Any]]:
    return [{"id": k, "side_a": f"Side {k}"} for k in range(start, start + n)]


def page_of(rows: list[dict[str, Any]], asked: Asked) -> Says:
    """What the documented API answers: pages counted from 0 in an envelope."""
    size, number = int(asked.query["pagesize"]), int(asked.query["page"])
    pages = -(-len(rows) // size)
    return say_json(
        {
            "TotalCount": len(rows),
            "TotalPages": pages,
            "PreviousPageUrl": "" if number == 0 else f"?page={number - 1}",
            "NextPageUrl": f"?page={number + 1}" if number + 1 < pages else "",
            "Result": rows[number * size : (number + 1) * size],
        }
    )


def api(rows: Callable[[], list[dict[str, Any]]]) -> Answer:
    def answer(asked: Asked) -> Says:
        if asked.headers.get("x-ucdp-access-token") != TOKEN:
            return Says(b"API token required", 401)
        if not asked.path.startswith("/gedevents/24."):
            return Says(status=404)
        return page_of(rows(), asked)

    return answer


def ids(files: list[Path]) -> list[object]:
    return [row.cells["id"] for file in files for row in rows_of(file, ("id",))]


def test_a_query_brings_every_page_under_names_that_tell_the_version(place: Place, server: FakeServer) -> None:
    server.answer = api(lambda: events(5))
    files = ucdp.fetch("24.1?country=645&StartDate=2014-01-01", place)
    assert [file.name for file in files] == [f"ucdp-ged-24.1-page-0000{k}.json" for k in range(3)]
    assert ids(files) == [1, 2, 3, 4, 5]
    assert [asked.path for asked in server.log] == ["/gedevents/24.1"] * 3
    assert server.log[1].query == {"pagesize": "2", "page": "1", "Country": "645", "StartDate": "2014-01-01"}


def test_a_finished_download_asks_nothing_and_another_query_has_its_own_folder(
    place: Place, server: FakeServer
) -> None:
    server.answer = api(lambda: events(3))
    first = ucdp.fetch(QUERY, place)
    silent = replace(place, environment={})
    assert ucdp.fetch("24.1?COUNTRY=645", silent) == first, "it needs no token either"
    assert server.pages() == [0, 1]
    assert ucdp.fetch("24.1?Country=652", place)[0].parent != first[0].parent
    first[1].unlink()
    assert ids(ucdp.fetch(QUERY, place)) == [1, 2, 3], "a file that somebody removed comes again"
    assert server.pages() == [0, 1, 0, 1, 1]


DOWNLOAD = """
import os, sys
from pathlib import Path
from training.sources.remote import ucdp
from training.sources.remote.http import Http
from training.sources.remote.pages import Place
ucdp.ROWS = 2
ucdp.fetch(sys.argv[1], Place(Path(sys.argv[2]), os.environ, Http()))
"""


def test_a_download_that_was_killed_asks_only_for_the_pages_that_are_missing(place: Place, server: FakeServer) -> None:
    reached, over = Event(), Event()

    def hangs_at_page_2(asked: Asked) -> Says:
        if asked.query["page"] == "2":
            reached.set()
            over.wait(30)
        return page_of(events(7), asked)

    server.answer = hangs_at_page_2
    command = [sys.executable, "-c", DOWNLOAD, QUERY, str(place.folder)]
    with subprocess.Popen(command, env={**os.environ, **place.environment}, cwd=ROOT) as process:
        assert reached.wait(30)
        process.kill()
    over.set()
    assert server.pages() == [0, 1, 2]
    server.answer = api(lambda: events(7))
    assert ids(ucdp.fetch(QUERY, place)) == [1, 2, 3, 4, 5, 6, 7]
    assert server.pages() == [0, 1, 2, 2, 3]


def test_a_download_that_fails_from_within_goes_on_where_it_stopped(place: Place, server: FakeServer) -> None:
    def interrupted(name: str) -> None:
        if "00001" in name:
            raise KeyboardInterrupt

    server.answer = api(lambda: events(7))
    with pytest.raises(KeyboardInterrupt):
        ucdp.fetch(QUERY, replace(place, tell=interrupted))
    assert ids(ucdp.fetch(QUERY, place)) == [1, 2, 3, 4, 5, 6, 7]
    assert server.pages() == [0, 1, 2, 3]
    assert not list(place.folder.rglob("*.part"))


def test_a_page_that_was_cut_on_the_disk_is_asked_for_anew(place: Place, server: FakeServer) -> None:
    server.answer = first_then([page_of(events(4), asked(0))], lambda _: Says(status=500))
    with pytest.raises(FeedTrouble):
        ucdp.fetch(QUERY, place)
    (page,) = place.folder.rglob("*page-00000*")
    page.write_bytes(page.read_bytes()[:20])
    server.log.clear()
    server.answer = api(lambda: events(4))
    assert ids(ucdp.fetch(QUERY, place)) == [1, 2, 3, 4]
    assert server.pages() == [0, 1]


def asked(number: int) -> Asked:
    return Asked("GET", "/", {"pagesize": "2", "page": str(number)}, {}, {})


def test_data_that_changes_between_two_pages_is_begun_anew(place: Place, server: FakeServer) -> None:
    worlds = iter([events(4), events(6), events(6), events(6), events(6)])
    server.answer = api(lambda: next(worlds))
    assert ids(ucdp.fetch(QUERY, place)) == [1, 2, 3, 4, 5, 6]
    assert server.pages() == [0, 1, 0, 1, 2]


def test_rows_that_move_from_one_page_to_the_next_are_noticed_though_their_number_stays(
    place: Place, server: FakeServer
) -> None:
    worlds = iter([events(4), events(4, start=0), events(4, start=0), events(4, start=0)])
    server.answer = api(lambda: next(worlds))
    assert ids(ucdp.fetch(QUERY, place)) == [0, 1, 2, 3]
    assert server.pages() == [0, 1, 0, 1]


def test_data_that_never_rests_is_refused_with_one_line(place: Place, server: FakeServer) -> None:
    size = iter(range(10, 100))
    server.answer = api(lambda: events(next(size)))
    with pytest.raises(FeedTrouble, match=r"^the data changed while it was downloaded, and again at the second try"):
        ucdp.fetch(QUERY, place)
    assert not list(place.folder.rglob("done.json"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>maintenance</html>", "UCDP answers with something else than JSON"),
        (b"[1, 2]", "UCDP answers with something else than JSON"),
        (b'{"TotalCount": 1, "TotalPages": 1}', "without a list 'Result'"),
        (b'{"TotalCount": 1, "TotalPages": 1, "Result": [1]}', "without a list 'Result'"),
        (b'{"Result": []}', "without TotalCount, TotalPages or ids"),
        (b'{"TotalCount": 1, "TotalPages": 1, "Result": [{"a": 1}]}', "without TotalCount, TotalPages or ids"),
    ],
)
def test_what_is_no_page_is_refused_and_not_kept(place: Place, server: FakeServer, body: bytes, says: str) -> None:
    server.answer = lambda _: Says(body)
    with pytest.raises(FeedTrouble, match=says):
        ucdp.fetch(QUERY, place)
    assert [file.name for file in place.folder.rglob("*") if file.is_file()] == ["query.json"]


@pytest.mark.parametrize(
    "query",
    ["", "latest?Country=645", "24.1/../x", "24.1?Region=1", "24.1?Country=", "24.1?x-ucdp-access-token=abc"],
)
def test_what_cannot_be_asked_is_refused_before_anybody_is_asked(place: Place, server: FakeServer, query: str) -> None:
    with pytest.raises(BadInput, match="UCDP"):
        ucdp.fetch(query, place)
    assert server.log == []


def test_a_query_that_nothing_matches_is_no_success(place: Place, server: FakeServer) -> None:
    server.answer = api(list)
    with pytest.raises(BadInput, match=r"no row matches 24\.1 with these filters at UCDP"):
        ucdp.fetch(QUERY, place)


def test_an_unknown_version_says_where_the_versions_are(place: Place, server: FakeServer) -> None:
    server.answer = api(lambda: events(1))
    with pytest.raises(BadInput, match=r"UCDP has no version 99\.1"):
        ucdp.fetch("99.1", place)


def test_without_a_token_or_with_a_wrong_one_the_variable_is_named_and_the_token_is_not(
    place: Place, server: FakeServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.answer = api(lambda: events(1))
    wrong = {**place.environment, "TRUCECAST_UCDP_TOKEN": "wr0ng"}
    for environment in ({"TRUCECAST_UCDP_URL": server.url}, wrong):
        with pytest.raises(Denied, match="TRUCECAST_UCDP_TOKEN") as caught:
            ucdp.fetch(QUERY, replace(place, environment=environment))
        assert "wr0ng" not in caught.value.detail
    assert len(server.log) == 1, "without a token nobody is asked, and a refusal is final"
    assert "wr0ng" not in "".join(capfd.readouterr())


def test_the_token_is_in_no_file_and_in_no_error_whatever_the_server_answers(
    place: Place, server: FakeServer, capfd: pytest.CaptureFixture[str]
) -> None:
    replies = [say_json({"error": TOKEN}, status) for status in (400, 403, 418)] + [Says(TOKEN.encode())]
    for reply in replies:
        server.answer = lambda _, reply=reply: reply  # type: ignore[misc]
        with pytest.raises(TrucecastError) as caught:
            ucdp.fetch(QUERY, place)
        assert TOKEN not in caught.value.detail
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    server.answer = api(lambda: events(3))
    ucdp.fetch(QUERY, place)
    assert TOKEN.encode() not in everything_written(place.folder)
    assert TOKEN not in "".join(capfd.readouterr())


def test_the_folder_of_a_query_says_what_was_asked(place: Place, server: FakeServer) -> None:
    server.answer = api(lambda: events(1))
    (file,) = ucdp.fetch(QUERY, place)
    assert json.loads((file.parent / "query.json").read_text()) == {"version": "24.1", "Country": "645"}
