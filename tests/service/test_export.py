from __future__ import annotations

import csv
from pathlib import Path

import pytest

from service.export import write
from tests.examples import a_truce
from truce.clock import Clock
from truce.settings import Settings
from truce.store import open_store


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
