"""A feed that comes in releases, through the whole import."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.training.sources.ged_rows import dated, row, written
from training.intake import import_source
from truce.clock import end_of
from truce.errors import BadInput, WrongFile
from truce.settings import Settings
from truce.store import open_store
from truce.store.events import Wanted

R22, R23, R24 = (end_of(date(year, 6, 30)) for year in (2022, 2023, 2024))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings.from_environment(tmp_path / "home", {})


def imported(home: Settings, version: str, *rows: dict[str, Any]) -> dict[str, int]:
    file = written(home.home.parent / f"GEDEvent_v{version}.csv", rows)
    records: dict[str, int] = import_source(home, "ucdp-ged", [str(file)], None)["records"]
    return records


def known(home: Settings, moment: datetime) -> dict[str, int | None]:
    with open_store(home) as store:
        events = (event for _, event in store.events.load(Wanted(known_by=moment)))
        return {event.event_id.partition("~")[0]: event.deaths for event in events}


def test_a_second_import_adds_nothing(home: Settings) -> None:
    rows = [row(k, best=k) for k in range(60)]
    assert imported(home, "22_1", *rows) == {"new": 60, "changed": 0, "unchanged": 0}
    assert imported(home, "22_1", *rows) == {"new": 0, "changed": 0, "unchanged": 60}


def test_a_second_import_of_a_copy_that_names_no_release_adds_nothing(home: Settings) -> None:
    today = datetime.now(UTC).date()
    file = written(home.home.parent / "iraq.csv", [row(1), dated(2, f"{today.year}-01-01")])
    first, second = (import_source(home, "ucdp-ged", [str(file)], None)["records"] for _ in range(2))
    assert (first["new"], second["new"], second["changed"]) == (2, 0, 0)
    assert len(known(home, datetime.now(UTC))) == 2, "the file is in hand, so both are known"


def test_a_later_release_corrects_from_its_own_day_on(home: Settings) -> None:
    imported(home, "22_1", row(1, best=3), row(2))
    assert imported(home, "23_1", row(1, best=8), row(2)) == {"new": 0, "changed": 1, "unchanged": 1}
    assert [known(home, moment)["ged:1"] for moment in (R22, R23)] == [3, 8]


def test_a_row_that_a_later_release_lacks_is_withdrawn_and_stands_again_when_it_is_back(home: Settings) -> None:
    imported(home, "22_1", row(1), row(2))
    assert imported(home, "23_1", row(1))["withdrawn"] == 1
    assert imported(home, "24_1", row(1), row(2))["changed"] == 1
    assert [sorted(known(home, moment)) for moment in (R22, R23, R24)] == [
        ["ged:1", "ged:2"], ["ged:1"], ["ged:1", "ged:2"],
    ]  # fmt: skip


def test_an_older_release_that_comes_after_a_newer_one_changes_nothing(home: Settings) -> None:
    imported(home, "23_1", row(1, best=8), row(2))
    assert imported(home, "22_1", row(1, best=3), row(3)) == {"new": 0, "changed": 0, "unchanged": 2}
    assert known(home, R24) == {"ged:1": 8, "ged:2": 3}
    assert imported(home, "23_1", row(1, best=8), row(2)) == {"new": 0, "changed": 0, "unchanged": 2}


def test_a_row_that_a_later_release_adds_was_not_known_before_it(home: Settings) -> None:
    imported(home, "22_1", row(1), row(3))
    imported(home, "23_1", row(1), row(2), row(3))
    assert [sorted(known(home, moment)) for moment in (R22, R23)] == [
        ["ged:1", "ged:3"], ["ged:1", "ged:2", "ged:3"],
    ]  # fmt: skip


def test_one_month_of_candidates_takes_nothing_back_of_another(home: Settings) -> None:
    imported(home, "24_0_4", dated(1, "2024-04-05"), dated(2, "2024-04-20"))
    assert "withdrawn" not in imported(home, "24_0_5", dated(3, "2024-05-05"), dated(4, "2024-04-30"))
    assert imported(home, "24_01_24_06", dated(1, "2024-04-05"), dated(3, "2024-05-05"))["withdrawn"] == 2
    assert sorted(known(home, end_of(date(2024, 7, 20)))) == ["ged:1", "ged:3"]


def test_a_row_that_cannot_be_read_in_a_later_release_stays(home: Settings) -> None:
    imported(home, "22_1", row(1), row(2))
    assert imported(home, "23_1", row(1), row(2, best=-4)) == {"new": 0, "changed": 0, "unchanged": 1}
    assert sorted(known(home, R23)) == ["ged:1", "ged:2"]


def test_a_wrong_file_stores_nothing(home: Settings) -> None:
    file = written(home.home.parent / "GEDEvent_v22_1.csv", [{"id": 1, "side_a": "x"}])
    with pytest.raises(WrongFile):
        import_source(home, "ucdp-ged", [str(file)], None)
    assert known(home, R24) == {}


KILLED = """
import os, signal, sys
from pathlib import Path
from training import intake
from truce.settings import Settings
from truce.store import events, imports
where, home, file = sys.argv[1:]
holder, name = {"rows": (events, "write_rows"), "log": (imports.Imports, "log")}[where]
whole = getattr(holder, name)
def killed(*args, **kwargs):
    whole(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(holder, name, killed)
intake.import_source(Settings.from_environment(Path(home), {}), "ucdp-ged", [file], None)
"""


@pytest.mark.parametrize("where", ["rows", "log"])
def test_an_import_that_is_killed_leaves_the_store_as_it_was_and_the_next_one_completes(
    home: Settings, where: str
) -> None:
    imported(home, "22_1", row(1, best=1), row(2))
    file = written(home.home.parent / "GEDEvent_v23_1.csv", [row(1, best=5), row(3)])
    done = subprocess.run([sys.executable, "-c", KILLED, where, str(home.home), str(file)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert known(home, R24) == {"ged:1": 1, "ged:2": 3}
    assert imported(home, "23_1", row(1, best=5), row(3)) == {"new": 1, "changed": 1, "unchanged": 0, "withdrawn": 1}
    assert known(home, R24) == {"ged:1": 5, "ged:3": 3}


def test_a_release_in_two_files_takes_nothing_of_itself_back(home: Settings) -> None:
    halves = [[row(k) for k in range(1, 6)], [row(k) for k in range(6, 11)]]
    imported(home, "23_1", *halves[0], *halves[1])
    for name, half in (("24_1", halves[0]), ("24_1_part2", halves[1]), ("24_1", halves[0])):
        imported(home, name, *half)
    with open_store(home) as store:
        events = [event for _, event in store.events.load(Wanted())]
    standing = {event.source_ref for event in events if event.retracted_at is None}
    assert standing == {str(k) for k in range(1, 11)}


def test_a_part_of_a_release_that_would_take_back_much_is_refused_whole(home: Settings) -> None:
    imported(home, "23_1", *(row(k) for k in range(1, 60)))
    with pytest.raises(BadInput, match="seems to be a part of one"):
        imported(home, "24_1", *(row(k) for k in range(1, 30)))
    with open_store(home) as store:
        assert all(event.retracted_at is None for _, event in store.events.load(Wanted()))
