from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from training.promotion import BRIER, LOG, PLAIN_LOG, compare, miscalibrated, objections, timid
from truce import scoring
from truce.vocabulary import HORIZONS

TRUCES = 200
CONFLICT = {f"t{k:03}": f"c{k % 20}" for k in range(TRUCES)}


def forecasts(p: float, *, certain: float = 0.0, seed: int = 3) -> pd.DataFrame:
    """Rows of 200 truces of 20 conflicts over five years: half break, and ``p`` was given to what happened; 0 to a share ``certain``."""
    rng = np.random.default_rng(seed)
    n = TRUCES * len(HORIZONS)
    outcome = (np.arange(n) % 2).astype(int)
    given = np.where(rng.random(n) < certain, 0.0, p)
    return pd.DataFrame({
        "truce_id": [f"t{k:03}" for k in range(TRUCES)] * len(HORIZONS),
        "as_of": [f"{2010 + k % 5}-01-01" for k in range(TRUCES)] * len(HORIZONS),
        "horizon": np.repeat(HORIZONS, TRUCES),
        "p": np.where(outcome == 1, given, 1 - given),
        "outcome": outcome,
    })  # fmt: skip


def why_not(challenger: pd.DataFrame, champion: pd.DataFrame, *, refresh: bool = False) -> list[str]:
    return objections(compare(challenger, champion, CONFLICT), "version 1", refresh=refresh)


def test_a_better_challenger_may_replace_the_champion() -> None:
    assert why_not(forecasts(0.8), forecasts(0.7)) == []


def test_the_gain_is_the_difference_of_the_scores_averaged_over_the_horizons() -> None:
    own, other = forecasts(0.8).iloc[7:], forecasts(0.7).iloc[7:]
    found = compare(own, other, CONFLICT)
    for name, score in ((LOG, scoring.log_score), (BRIER, scoring.brier)):
        each = [
            score(b.outcome, b.p) - score(a.outcome, a.p)
            for h in HORIZONS
            for a, b in [(own[own.horizon == h], other[other.horizon == h])]
        ]
        assert found.overall[name].mean == pytest.approx(sum(each) / len(each))
        assert [g.mean for g in found.by_horizon[name].values()] == pytest.approx(each)
    assert (found.rows, found.shared) == (len(own), 1.0)


def test_one_no_better_may_not() -> None:
    told = why_not(forecasts(0.7), forecasts(0.7))
    assert [t.partition(":")[0] for t in told] == ["no better than version 1"] * 3


def test_one_better_by_what_may_be_chance_may_not() -> None:
    own = forecasts(0.7)
    lucky = np.random.default_rng(1).normal(0.002, 0.2, len(own))
    told = why_not(own.assign(p=np.clip(own.p + np.where(own.outcome == 1, lucky, -lucky), 0.01, 0.99)), forecasts(0.7))
    assert any(f"mean gain in {LOG} " in t for t in told)


def test_one_better_only_where_the_champion_was_certain_and_wrong_may_not() -> None:
    """One wrong certainty in a hundred costs the champion more log score than the challenger loses everywhere else."""
    own, champion = forecasts(0.65), forecasts(0.7, certain=0.02)
    assert compare(own, champion, CONFLICT).overall[LOG].low > 0
    told = why_not(own, champion)
    assert any(f"mean gain in {PLAIN_LOG} " in t for t in told)
    assert not any(f"mean gain in {LOG} +" in t for t in told)


def test_one_worse_at_a_horizon_may_not() -> None:
    own = forecasts(0.9)
    bad = own.horizon == 30
    own.loc[bad, "p"] = np.where(own.outcome[bad] == 1, 0.6, 0.4)
    told = why_not(own, forecasts(0.7))
    assert told == [
        f"worse than version 1 in {score} at 30 days, by a whole 95 % interval" for score in (PLAIN_LOG, BRIER)
    ]


def test_one_judged_on_other_rows_may_not() -> None:
    elsewhere = forecasts(0.8).assign(as_of="2020-01-01")
    assert why_not(elsewhere, forecasts(0.7)) == [
        "not comparable: version 1 forecast 0% of its rows, and 80% at every horizon are asked for"
    ]


def test_one_without_forecasts_at_some_horizon_may_not() -> None:
    partial = forecasts(0.8).query("horizon != 365")
    assert "not comparable" in why_not(partial, forecasts(0.7))[0]


def test_rows_whose_outcome_was_corrected_since_are_left_out() -> None:
    corrected = forecasts(0.8)
    corrected["outcome"] = np.where(corrected.index == 0, 1 - corrected.outcome, corrected.outcome)
    assert compare(corrected, forecasts(0.7), CONFLICT).rows == len(corrected) - 1


def test_the_same_recipe_on_later_data_need_only_be_no_worse() -> None:
    assert why_not(forecasts(0.7), forecasts(0.7), refresh=True) == []
    assert any("worse than version 1" in t for t in why_not(forecasts(0.6), forecasts(0.7), refresh=True))


def metrics(**changed: Any) -> dict[str, Any]:
    fine = {"breaks": 20, "calibration": {"slope": 1.0, "observed_expected": 1.0}}
    horizons = {str(h): fine for h in HORIZONS} | {"30": {**fine, **changed}}
    return {"subsets": {"all": {"horizons": horizons}}}


@pytest.mark.parametrize(
    ("slope", "ratio", "says"),
    [
        (0.79, 1.0, "calibration slope outside 0.8 to 1.2: 0.79 at 30 days"),
        (1.21, 1.0, "calibration slope outside 0.8 to 1.2: 1.21 at 30 days"),
        (None, 1.0, "calibration slope outside 0.8 to 1.2: not there at 30 days"),
        (1.0, 0.84, "observed over expected breakdowns outside 0.85 to 1.15: 0.84 at 30 days"),
        (1.0, 1.16, "observed over expected breakdowns outside 0.85 to 1.15: 1.16 at 30 days"),
    ],
)
def test_one_whose_chances_do_not_mean_what_they_say_may_not(slope: float | None, ratio: float, says: str) -> None:
    assert miscalibrated(metrics(calibration={"slope": slope, "observed_expected": ratio})) == [says]


def test_one_that_is_too_timid_may_where_the_interval_of_its_slope_reaches_the_range_and_one_that_is_too_sure_may_not() -> (
    None
):
    def why(slope: float, interval: list[float]) -> list[str]:
        return miscalibrated(metrics(calibration={"slope": slope, "slope_ci": interval, "observed_expected": 1.0}))

    assert why(1.3, [0.9, 1.7]) == []
    assert why(1.3, [1.1, 1.5]) == []
    assert why(1.3, [1.21, 1.4]) == ["calibration slope outside 0.8 to 1.2: 1.30 at 30 days"]
    assert why(0.7, [0.4, 1.1]) == ["calibration slope outside 0.8 to 1.2: 0.70 at 30 days"]


def test_the_record_names_the_horizons_at_which_it_says_too_little() -> None:
    assert timid(metrics(calibration={"slope": 1.284, "observed_expected": 1.0})) == "30 days (slope 1.28)"
    assert timid(metrics(breaks=19, calibration={"slope": 1.284, "observed_expected": 1.0})) == ""
    assert timid(metrics(calibration={"slope": None, "observed_expected": 1.0})) == ""


def test_a_horizon_at_which_too_few_truces_broke_says_nothing_of_calibration() -> None:
    assert miscalibrated(metrics(breaks=19, calibration={"slope": 3.0, "observed_expected": 0.1})) == []
    assert miscalibrated(metrics()) == []


def test_no_rows_are_no_evidence() -> None:
    found = compare(forecasts(0.8).iloc[:0], forecasts(0.7), CONFLICT)
    assert math.isnan(found.overall[LOG].mean)
    assert objections(found, "version 1", refresh=True)
