"""Doubtful codings: what each reading makes of a truce, and the tables that a backtest prints of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.examples import a_truce
from tests.training.conftest import OBSERVED_TO, small_world
from training import jobs, sensitivity
from training.jobs import Asked
from truce.clock import end_of, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import open_store
from truce.vocabulary import Outcome, Truce


def test_a_date_known_to_the_month_is_moved_to_its_edges_and_no_other() -> None:
    vague = a_truce("vague", effective_date=date(2015, 3, 10), end_date=date(2015, 3, 20), end_precision="month")
    later = a_truce(
        "later",
        effective_date=date(2015, 1, 20),
        start_precision="month",
        end_date=date(2015, 6, 5),
        end_precision="month",
    )
    exact = a_truce("exact", end_date=date(2015, 4, 1), end_precision="day")
    first = sensitivity.earliest([vague, later, exact])
    assert [t.end_date for t in first] == [date(2015, 3, 10), date(2015, 6, 1), date(2015, 4, 1)], (
        "no end before its start"
    )
    assert first[1].effective_date == date(2015, 1, 1)
    last = sensitivity.at_latest(date(2015, 6, 20), [vague, later, exact])
    assert [t.end_date for t in last] == [date(2015, 3, 31), date(2015, 6, 20), date(2015, 4, 1)], (
        "nor after the record's"
    )
    assert last[1].effective_date == date(2015, 1, 31)
    assert last[0].end_known_at == end_of(date(2015, 3, 31)), "it cannot be known before it is over"
    assert first[2] is last[2] is exact


def test_an_unknown_fate_is_a_break_of_the_next_day_or_none_at_all() -> None:
    lost = a_truce("lost", outcome=Outcome.UNKNOWN)
    other = a_truce("other")
    (broke, _), (holds, _) = sensitivity.broken_next_day([lost, other]), sensitivity.held(OBSERVED_TO, [lost, other])
    assert (broke.outcome, broke.end_date) == (Outcome.BROKE, lost.effective_date + timedelta(days=1))
    assert (holds.outcome, holds.end_date) == (Outcome.ONGOING, None)
    assert sensitivity.broken_next_day([other]) == sensitivity.held(OBSERVED_TO, [other]) == [other]


def doubtful_world() -> list[Truce]:
    """The small world with three ends known to the month, four unknown fates, and purposes."""
    truces = small_world(120)
    ended = [k for k, t in enumerate(truces) if t.outcome is Outcome.BROKE][:3]
    for k in ended:
        truces[k] = replace(truces[k], end_precision="month")
    for k in range(100, 104):
        truces[k] = replace(truces[k], outcome=Outcome.UNKNOWN, end_date=None, end_known_at=None)
    return [replace(t, purpose="humanitarian" if k % 2 else "other") for k, t in enumerate(truces)]


def test_a_backtest_prints_and_writes_the_checks_that_were_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Settings.from_environment(tmp_path / "home", {})
    with open_store(home) as store:
        store.truces.put(doubtful_world(), known_at=system_clock(), source="truces", written_by="cli")
    asked = Asked(
        "2009-06-01", "2010-06-01", "182d", ["discrete-hazard"], None, "chronicle-1", leave_out=True, sensitivity=True
    )
    jobs.backtest(home, asked, tmp_path / "out").show()
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    doubts, left = metrics["sensitivity"], metrics["leave_one_conflict_out"]
    assert (doubts["month_dates"]["truces"], doubts["unknown_fates"]["truces"]) == (3, 4)
    assert set(doubts["month_dates"]) == {"truces", "coded", "earliest", "latest"}
    fates = doubts["unknown_fates"]
    assert fates["none_broke"]["30"]["n"] > fates["left_out"]["30"]["n"]
    assert fates["broke_next_day"]["30"]["breaks"] >= fates["left_out"]["30"]["breaks"]
    assert "purpose_humanitarian" in doubts["hindsight_terms"]["columns"]
    assert doubts["hindsight_terms"]["without"]["30"]["brier"] != doubts["hindsight_terms"]["with"]["30"]["brier"]
    assert doubts["hindsight_terms"]["with"]["30"]["skill"] == metrics["subsets"]["all"]["horizons"]["30"]["skill"]
    assert sorted(name for group in left["groups"] for name in group) == sorted({t.conflict for t in doubtful_world()})
    assert left["horizons"]["30"]["n"] == metrics["subsets"]["all"]["horizons"]["30"]["n"]
    printed = capsys.readouterr().out
    assert "conflicts left out of training" in printed
    assert "hindsight terms" in printed


def test_a_fitted_model_cannot_be_checked_so(own_home: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="leave --model out"):
        jobs.backtest(
            own_home, Asked(None, None, "91d", [], "champion", "chronicle-1", leave_out=True), tmp_path / "none"
        )
