"""From ``api:`` to the store, as a user goes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.training.sources.remote.conftest import PASSWORD, TOKEN, USER, everything_written
from tests.training.sources.remote.server import Asked, FakeServer, Says, say_json
from tests.training.sources.test_acled import ROW
from training.intake import SOURCES, import_source
from training.sources.remote.doors import CLIENTS, on_disk
from truce.clock import parse_moment
from truce.errors import BadInput, Denied
from truce.settings import Settings
from truce.store import open_store
from truce.store.events import Wanted

DAY = 86_400
UPLOADED = int(ROW["timestamp"])
QUERY = "api:read?country=Iraq"


@pytest.fixture
def home(tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TRUCECAST_ACLED_URL", server.url)
    monkeypatch.setenv("TRUCECAST_ACLED_USER", USER)
    monkeypatch.setenv("TRUCECAST_ACLED_PASSWORD", PASSWORD)
    return Settings.from_environment(tmp_path / "home", {})


class Api:
    """An ACLED of one page a question, which honours the moments since which is asked."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = [ROW]
        self.deleted: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Says:
        if asked.method == "POST":
            return say_json({"access_token": TOKEN, "refresh_token": "r3fresh"})
        name, rows = (
            ("timestamp", self.rows) if asked.path == "/api/acled/read" else ("deleted_timestamp", self.deleted)
        )
        since = int(asked.query.get(name, 0))
        return say_json({"status": 200, "success": True, "data": [r for r in rows if int(r[name]) > since]})


def known(home: Settings, moment: datetime) -> list[tuple[str, int | None]]:
    with open_store(home) as store:
        return [(e.event_id, e.deaths) for _, e in store.events.load(Wanted(known_by=moment))]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_acled_from_its_api_with_its_corrections_and_what_it_took_back(home: Settings, server: FakeServer) -> None:
    server.answer = api = Api()
    first, second = (import_source(home, "acled", [QUERY], None) for _ in range(2))
    assert first["rows"] == {"read": 1, "duplicate": 0, "rejected": 0, "merged": 0, "accepted": 1}
    assert (first["records"], first["files"]) == ({"new": 1, "changed": 0, "unchanged": 0}, 1)
    assert second["records"] == {"new": 0, "changed": 0, "unchanged": 1}

    api.rows = [ROW | {"fatalities": "7", "timestamp": str(UPLOADED + 10 * DAY)}]
    third = import_source(home, "acled", [QUERY], None)
    assert (third["records"], third["files"]) == ({"new": 0, "changed": 1, "unchanged": 1}, 2)

    api.deleted = [{"event_id_cnty": "IRQ1", "deleted_timestamp": UPLOADED + 20 * DAY}]
    for gone in (1, 0):
        report = import_source(home, "acled", ["api:deleted"], None)
        assert report["records"].get("withdrawn", 0) == gone
    import_source(home, "acled", [QUERY], None)

    history = [known(home, at(UPLOADED + days * DAY)) for days in (-1, 0, 9, 10, 19, 20, 30)]
    assert [[deaths for _, deaths in rows] for rows in history] == [[], [3], [3], [7], [7], [], []]


def test_an_older_export_after_a_newer_one_changes_nothing(home: Settings, tmp_path: Path) -> None:
    for name, deaths, seconds in (("new", "7", UPLOADED + DAY), ("old", "3", UPLOADED)):
        row = ROW | {"fatalities": deaths, "timestamp": str(seconds)}
        (tmp_path / f"{name}.json").write_text(json.dumps({"data": [row]}))
    import_source(home, "acled", [str(tmp_path / "new.json")], None)
    report = import_source(home, "acled", [str(tmp_path / "old.json")], None)
    assert report["records"] == {"new": 0, "changed": 0, "unchanged": 1}
    assert known(home, parse_moment("2024-01-01")) == [("acled:IRQ1", 7)]


def test_files_and_queries_go_together_in_their_order(home: Settings, server: FakeServer, tmp_path: Path) -> None:
    server.answer = Api()
    mine = tmp_path / "mine.csv"
    found = on_disk("acled", [str(mine), QUERY], home.home)
    assert found[0] == mine
    assert [file.name for file in found[1:]] == ["acled-read-page-00001.json"]
    assert found[1].is_relative_to(home.home / "var" / "feeds" / "acled")


@pytest.mark.parametrize("source", ["truces", "events", "current-events"])
def test_a_source_without_an_api_refuses_with_one_line(home: Settings, source: str) -> None:
    with pytest.raises(BadInput, match=f"^{source} has no API here, only acled, gdelt, ucdp-ged have: name a file"):
        import_source(home, source, ["api:all"], None)


def test_without_credentials_the_command_ends_with_one_line_that_names_them(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRUCECAST_ACLED_USER")
    with pytest.raises(Denied, match=r"^TRUCECAST_ACLED_USER is not set: put the e-mail address"):
        import_source(home, "acled", [QUERY], None)
    assert not (home.home / "var" / "trucecast.db").exists()


def test_no_secret_gets_into_the_home_or_onto_the_screen(home: Settings, server: FakeServer) -> None:
    from trucecast import app

    server.answer = Api()
    done = CliRunner().invoke(app, ["--home", str(home.home), "import", "acled", QUERY, "--json"])
    assert done.exit_code == 0, done.output
    told = done.output.encode() + everything_written(home.home)
    assert b"acled-read-page-00001.json" in told
    assert [secret for secret in (TOKEN, "r3fresh", USER, PASSWORD) if secret.encode() in told] == []


def test_the_page_of_sources_has_a_row_for_every_source_and_says_which_have_an_api() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "data" / "README.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")
    ]
    told = {row[0]: row[4] for row in rows if len(row) == 6}
    assert set(SOURCES) <= set(told)
    assert {source for source, api in told.items() if api == "yes"} == set(CLIENTS)
