"""A conflict left out of training: nothing of its fates reaches the forecasts of its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from tests.training.conftest import OBSERVED_TO, small_world
from training.backtest import ALONE, POOLED, OutOfFold, conflict_groups, left_out, refitted
from training.folds import rolling
from training.panel import Panel, build, cut
from truce.clock import end_of
from truce.columns import EventColumns
from truce.history import History
from truce.vocabulary import Outcome, Truce

FAMILY, FEATURES = "discrete-hazard", ("unilateral",)
FIRST, LAST = date(2009, 1, 1), date(2010, 6, 30)


def panel_of(truces: list[Truce]) -> Panel:
    return build(History.whole(truces, EventColumns.of([])), OBSERVED_TO)


def with_c0_broken_at_once(truces: list[Truce]) -> list[Truce]:
    """The same world, but that the finished truces of one conflict broke a month sooner, though as long ago known."""
    out = []
    for truce in truces:
        ended = truce.end_date is not None and truce.conflict == "c0"
        end = max(truce.effective_date, (truce.end_date or LAST) - timedelta(days=30))
        out.append(replace(truce, end_date=end, outcome=Outcome.BROKE, end_known_at=end_of(LAST)) if ended else truce)
    return out


def test_small_conflicts_are_pooled_and_each_conflict_is_in_one_group() -> None:
    truces = [replace(t, conflict="big" if k % 3 else f"small{k % 40}") for k, t in enumerate(small_world(120))]
    panel = panel_of(truces)
    groups = conflict_groups(panel)
    assert sorted(code for group in groups for code in group) == np.unique(panel.conflict).tolist()
    first = np.unique(panel.truce, return_index=True)[1]
    sizes = [int(np.isin(panel.conflict[first], group).sum()) for group in groups]
    for group, size in zip(groups, sizes, strict=True):
        assert len(group) == 1 or size * POOLED <= len(first)
        assert len(group) == 1 or size < len(first) * len(group) / ALONE
    assert len(groups[0]) == 1, "the big one is left out alone"


def test_a_cut_without_conflicts_holds_no_row_and_no_spell_of_them() -> None:
    panel = panel_of(small_world())
    whole, part = cut(panel, LAST), cut(panel, LAST, without_conflicts=(0, 3))
    kept = ~np.isin(whole.conflict, (0, 3))
    assert part.start.tolist() == whole.start[kept].tolist()
    assert 0 < len(part.spell_time) < len(whole.spell_time)


def said_of_c0(panel: Panel, forecasts: OutOfFold) -> dict[tuple[str, int], list[float]]:
    """Forecasts of model and B1 for the rows of conflict c0, by truce and age."""
    of = [panel.truces[i] for i in panel.truce[forecasts.rows]]
    both = np.column_stack((forecasts.p, forecasts.p_km)).tolist()
    ages = panel.age[forecasts.rows].tolist()
    return {(t.truce_id, age): p for t, age, p in zip(of, ages, both, strict=True) if t.conflict == "c0"}


def test_what_became_of_a_conflict_s_truces_changes_no_forecast_of_its_rows() -> None:
    left, plain = [], []
    for truces in (small_world(), with_c0_broken_at_once(small_world())):
        panel = panel_of(truces)
        folds = list(rolling(panel, FIRST, LAST, 182))
        left.append(said_of_c0(panel, left_out(panel, folds, FAMILY, FEATURES, workers=1)))
        fitted_with_it = refitted(panel, folds, {FAMILY: FEATURES}, beside=(), workers=1)
        plain.append(said_of_c0(panel, fitted_with_it[FAMILY]))
    shared = left[0].keys() & left[1].keys()
    assert len(shared) > 50
    assert all(left[0][key] == left[1][key] for key in shared)
    assert any(plain[0][key] != plain[1][key] for key in shared), "fitted with it, they do change"
