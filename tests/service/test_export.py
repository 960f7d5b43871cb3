from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from service.exchange import ARCHIVE_COLUMNS, HUB_COLUMNS
from service.export import write
from tests.examples import a_truce
from truce.clock import Clock
from truce.errors import BadInput
from truce.identity import canonical
from truce.settings import Settings
from truce.store import open_store
from truce.store.seals import Entry


@pytest.fixture
def stocked(tmp_path: Path, noon: Clock) -> Settings:
    home = Settings.from_environment(tmp_path / "home", {})
    truces = [
        a_truce("ours"),
        *(a_truce(f"{coding}-1", coding=coding) for coding in ("ccd", "pax", "ucdp-pad")),
    ]
    with open_store(home, noon) as store:
        store.truces.put(truces, known_at=noon(), source="truces", written_by="cli")
    return home


def test_truces_that_we_may_not_pass_on_are_left_out_and_that_is_said(
    stocked: Settings, tmp_path: Path, noon: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    write(stocked, "truces", "csv", tmp_path / "out.csv", clock=noon)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["truce_id"] for row in csv.DictReader(lines)] == ["ours", "ucdp-pad-1"]
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["2 truces of ccd, pax are left out: their terms may not allow to pass them on"]


def test_nothing_is_said_when_nothing_is_left_out(
    tmp_path: Path, noon: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Settings.from_environment(tmp_path / "home", {})
    with open_store(home, noon) as store:
        store.truces.put([a_truce("ours")], known_at=noon(), source="truces", written_by="cli")
    write(home, "truces", "csv", None, clock=noon)
    told = capsys.readouterr()
    assert "ours" in told.out
    assert told.err == ""


def test_forecasts_leave_as_the_window_gives_them(stocked: Settings, tmp_path: Path, noon: Clock) -> None:
    with open_store(stocked, noon) as store:
        store.forecasts.append([said("one", noon()), said("two", noon())])
    for how, columns, rows in (("csv", ARCHIVE_COLUMNS, 2), ("hub", HUB_COLUMNS, 4)):
        write(stocked, "forecasts", how, tmp_path / how, clock=noon)
        with (tmp_path / how).open(encoding="utf-8", newline="") as lines:
            found = list(csv.reader(lines))
        assert tuple(found[0]) == columns
        assert len(found) == 1 + rows
    write(stocked, "forecasts", "parquet", tmp_path / "f.parquet", clock=noon)
    assert pq.read_table(tmp_path / "f.parquet").column("interval_high").to_pylist() == [0.2, 0.2]


def test_what_cannot_be_exported_is_said(stocked: Settings, noon: Clock) -> None:
    for what, how in (("truces", "hub"), ("nothing", "csv"), ("forecasts", "xlsx"), ("forecasts", "parquet")):
        with pytest.raises(BadInput):
            write(stocked, what, how, None, clock=noon)


def said(name: str, moment: datetime) -> Entry:
    """A forecast of one horizon as it is archived."""
    horizon = {
        "days": 30, "p_breakdown": 0.1, "interval": [0.05, 0.2], "p_expired": 0.2, "p_superseded": 0.3, "p_holds": 0.4,
        "p_baseline": 0.1,
    }  # fmt: skip
    body = {
        "forecast_id": name, "truce_id": "ours", "as_of": "2024-06-15", "issued_at": "2024-06-15", "age_days": 3, "rule": "r",
        "hindcast": False, "model": {"version": "1", "family": "cox"}, "horizons": [horizon],
    }  # fmt: skip
    return Entry(
        forecast_id=name, kind="issued", truce_id="ours", as_of=moment, issued_at=moment, model_version="1", rule="r",
        history_digest="d", features="{}", body=canonical(body),
    )  # fmt: skip


@pytest.mark.parametrize("what", ["truces", "events"])
def test_an_empty_table_has_its_header_all_the_same(
    tmp_path: Path, noon: Clock, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    home = Settings.from_environment(tmp_path / "home", {})
    write(home, what, "csv", None, clock=noon)
    assert "truce_id" in capsys.readouterr().out.strip().split(",")


def test_a_hub_s_table_that_is_empty_says_why(
    stocked: Settings, noon: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(stocked, noon) as store:
        store.forecasts.append([replace(said("one", noon()), kind="hindcast")])
    write(stocked, "forecasts", "hub", None, clock=noon)
    told = capsys.readouterr()
    assert told.out.count("\n") == 1
    assert "nothing has been issued yet" in told.err
