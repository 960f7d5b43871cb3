from __future__ import annotations

from dataclasses import replace

from training.promotion import Record, objections
from truce.vocabulary import HORIZONS

PARAMETERS = {"rule": "chronicle-1", "as_of": "2023-12-31", "origins": "65", "data_digest": "d"}


def a_record(name: str, log_score: float, slope: float = 1.0) -> Record:
    metrics = {f"log_score_{h}d": log_score for h in HORIZONS} | {f"calibration_slope_{h}d": slope for h in HORIZONS}
    return Record(name, metrics, PARAMETERS)


CHAMPION = a_record("version 1", 0.30)


def test_a_better_and_calibrated_challenger_may_replace_the_champion() -> None:
    assert objections(a_record("version 2", 0.29), CHAMPION) == []


def test_one_no_better_may_not() -> None:
    assert "no better than the champion" in objections(a_record("version 2", 0.30), CHAMPION)[0]


def test_one_whose_chances_do_not_mean_what_they_say_may_not() -> None:
    assert len(objections(a_record("version 2", 0.29, slope=0.5), CHAMPION)) == len(HORIZONS)


def test_one_judged_on_other_rows_may_not() -> None:
    elsewhere = replace(a_record("version 2", 0.29), parameters={**PARAMETERS, "rule": "chronicle-nominal-1"})
    assert "not comparable: rule" in objections(elsewhere, CHAMPION)[0]


def test_one_without_a_score_at_some_horizon_may_not() -> None:
    partial = a_record("version 2", 0.29)
    del partial.metrics["log_score_365d"]
    assert "log_score_365d" in objections(partial, CHAMPION)[0]
