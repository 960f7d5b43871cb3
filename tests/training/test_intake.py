from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from training import register, resolution
from training.intake import import_source
from truce.clock import end_of
from truce.errors import BadInput, Clash, Unknown, WrongFile
from truce.settings import Settings
from truce.store import open_store
from truce.store.events import Wanted

HEADER = "truce_id,name,iso3,side_a,side_b,effective_date,outcome,end_date\n"
GOOD = "aaa-2015-01-one,One,AAA,Government of A,R Front,2015-01-01,ongoing,\n"
BAD = "aaa-2015-02-two,Two,AAA,Government of A,R Front,2015-02-31,ongoing,\n"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings.from_environment(tmp_path / "home", {})


def test_a_second_import_adds_nothing(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "truces.csv"
    file.write_text(HEADER + GOOD)
    first, second = (import_source(home, "truces", [str(file)], date(2015, 6, 1)) for _ in range(2))
    assert first["records"] == {"new": 1, "changed": 0, "unchanged": 0}
    assert second["records"] == {"new": 0, "changed": 0, "unchanged": 1}
    with open_store(home) as store:
        assert store.truces.get("aaa-2015-01-one").observed_to == date(2015, 6, 1)


def bombing(killed: str, day: str) -> str:
    text = f"A suicide bombing at the Sadriya market in Sadr City, Baghdad, Iraq, kills {killed} people and injures 40."
    return json.dumps({"date": day, "category": "", "text": text})


def test_news_with_a_rising_toll_are_one_event_that_is_corrected_once_however_often_they_are_imported(
    home: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "bullets.jsonl"
    file.write_text("\n".join([bombing("two", "2020-03-05"), bombing("five", "2020-03-06")]))
    first, second = (import_source(home, "current-events", [str(file)], None) for _ in range(2))
    assert first["rows"] == {"read": 2, "duplicate": 0, "rejected": 0, "merged": 1, "accepted": 1}
    assert first["records"] == {"new": 1, "changed": 1, "unchanged": 0}
    assert second["rows"] == first["rows"]
    assert second["records"] == {"new": 0, "changed": 0, "unchanged": 2}
    with open_store(home) as store:
        known = [
            [event.deaths for _, event in store.events.load(Wanted(known_by=end_of(date(2020, 3, day))))]
            for day in (4, 5, 6, 7)
        ]
    assert known == [[], [2], [5], [5]]


def test_news_that_grow_by_a_day_add_what_that_day_told(home: Settings, tmp_path: Path) -> None:
    days = [bombing("two", "2020-03-05"), bombing("five", "2020-03-06"), bombing("nine", "2020-03-07")]
    file = tmp_path / "bullets.jsonl"
    records = []
    for grown in (days[:1], days[:2], days):
        file.write_text("\n".join(grown))
        records.append(import_source(home, "current-events", [str(file)], None)["records"])
    assert [counts["new"] for counts in records] == [1, 0, 0]
    assert [counts["changed"] for counts in records] == [0, 1, 1]
    with open_store(home) as store:
        known = [
            [event.deaths for _, event in store.events.load(Wanted(known_by=end_of(date(2020, 3, day))))]
            for day in (5, 6, 7)
        ]
    assert known == [[2], [5], [9]]


def test_a_row_with_an_impossible_date_is_counted_and_kept_with_its_reason(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "truces.csv"
    file.write_text(HEADER + GOOD + BAD)
    report = import_source(home, "truces", [str(file)], None)
    assert report["rows"] == {"read": 2, "duplicate": 0, "rejected": 1, "merged": 0, "accepted": 1}
    rejects = Path(report["rejects_file"]).read_text()
    assert "2015-02-31" in rejects
    assert ",3," in rejects, "the line in the file"


@pytest.mark.parametrize(
    ("source", "content", "error"),
    [
        ("truces", b"", WrongFile),
        ("truces", b"\x00\x01\x02\xff" * 100, WrongFile),
        ("truces", b"a,b,c\n1,2,3\n", WrongFile),
        ("events", (HEADER + GOOD).encode(), WrongFile),
        ("rumours", (HEADER + GOOD).encode(), BadInput),
    ],
    ids=["empty", "binary", "other columns", "truces as events", "no such source"],
)
def test_a_wrong_file_is_refused_and_nothing_is_stored(
    home: Settings, tmp_path: Path, source: str, content: bytes, error: type[Exception]
) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    with pytest.raises(error):
        import_source(home, source, [str(file)], None)
    with open_store(home) as store:
        assert store.stamp() == (0, 0, 0, 0, 0)


def test_a_truncated_gzip_and_a_missing_file_are_refused(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "truces.csv.gz"
    file.write_bytes(gzip.compress((HEADER + GOOD * 1).encode())[:-12])
    for path in (file, tmp_path / "nothing.csv"):
        with pytest.raises(WrongFile):
            import_source(home, "truces", [str(path)], None)


def test_a_truce_of_your_own_can_be_added_closed_and_shown_as_it_was_known(home: Settings) -> None:
    fields = [
        "truce_id=my-truce", "iso3=AAA", "side_a=Government of A", "side_b=R Front;S Army", "effective_date=2024-01-10",
        "outcome=ongoing",
    ]  # fmt: skip
    assert register.added(home, fields) == {"new": 1, "changed": 0, "unchanged": 0}
    assert register.added(home, fields)["unchanged"] == 1
    with pytest.raises(Clash):
        register.added(home, [*fields, "sidedness=unilateral"])
    counts = register.closed(home, "my-truce", "broke", "2024-03-01", "shelling resumed", "desk")
    assert counts["changed"] == 1
    assert register.closed(home, "my-truce", "broke", "2024-03-01", "shelling resumed", "desk")["unchanged"] == 1
    assert register.shown(home, "my-truce", None)["outcome"] == "broke"
    assert register.shown(home, "my-truce", "2024-03-02")["outcome"] == "ongoing", "nobody had told us then"
    assert [r.outcome for r in resolution.resolved(home, "chronicle-1", None).found] == ["broke"]


@pytest.mark.parametrize(
    ("outcome", "day", "error"),
    [("vanished", "2024-03-01", BadInput), ("broke", "2023-01-01", BadInput), ("broke", "2999-01-01", BadInput)],
)
def test_an_end_that_cannot_be_is_refused(home: Settings, outcome: str, day: str, error: type[Exception]) -> None:
    register.added(
        home, ["truce_id=t", "iso3=AAA", "side_a=A", "side_b=B", "effective_date=2024-01-10", "outcome=ongoing"]
    )
    with pytest.raises(error):
        register.closed(home, "t", outcome, day, "why", "desk")
    with pytest.raises(Unknown):
        register.closed(home, "nobody", "broke", "2024-03-01", "why", "desk")


def test_rejects_that_cannot_be_kept_leave_the_store_unchanged(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "truces.csv"
    file.write_text(HEADER + GOOD + BAD)
    (home.home / "var").mkdir(parents=True)
    (home.home / "var" / "rejects").write_text("no folder")
    with pytest.raises(OSError, match="rejects"):
        import_source(home, "truces", [str(file)], None)
    with open_store(home) as store:
        assert (store.truces.current(), store.imports.all()) == ([], [])


def test_what_the_system_refuses_is_one_line(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "truces.csv"
    file.write_text(HEADER + GOOD + BAD)
    (home.home / "var").mkdir(parents=True)
    (home.home / "var" / "rejects").write_text("no folder")
    command = [
        sys.executable,
        "-c",
        "import trucecast; trucecast.main()",
        "--home",
        str(home.home),
        "import",
        "truces",
        str(file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "rejects" in done.stderr
