"""Proofs that the protocol finds nothing where there is nothing to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from training.backtest import OutOfFold
from training.evaluate import Evaluation
from training.fitting import aalen_johansen
from training.fitting.families import fit
from training.folds import rolling
from training.panel import Fates, Panel, build, cut
from training.recipes import FEATURES_OF
from training.sources import truces
from truce.chronicle import reader
from truce.columns import EventColumns
from truce.history import History
from truce.vocabulary import HORIZONS

FAMILY = "landmark-logistic"
FIRST, EVERY = date(2010, 1, 1), 728


def chronicle() -> Panel:
    """The embedded Chronicle without its news: terms, schedule and track record."""
    read = truces.read([reader.truces_path()], observed_to=reader.OBSERVED_TO)
    return build(History.whole(read.records, EventColumns.of([])), reader.OBSERVED_TO)


def permuted(panel: Panel, seed: int) -> Panel:
    """The same rows and features; fates are exchanged among truces that began in one year, so that truce age says what it said."""
    rng, fates = np.random.default_rng(seed), panel.fates
    order = np.arange(len(fates.life))
    has_rows = np.isin(order, panel.truce)
    for year in np.unique(fates.begins.astype("datetime64[Y]")):
        same = np.flatnonzero(has_rows & (fates.begins.astype("datetime64[Y]") == year))
        order[same] = rng.permutation(same)
    return replace(panel, fates=_given(fates, order))


def _given(fates: Fates, order: np.ndarray) -> Fates:
    shift = fates.begins - fates.begins[order]
    return replace(
        fates, life=fates.life[order], cause=fates.cause[order], ended=fates.ended[order] + shift, end_known=fates.end_known[order] + shift,
        watched=fates.watched,
    )  # fmt: skip


def skill(truth: Panel, learned: Panel) -> dict[str, dict[str, Any]]:
    """Skill on the true record of models that learned from another one, over truce age in the true one.

    Age comes in bands here, as the family itself leans on it: B1's raw curve is beaten by any smoother one, whatever was learned.
    """
    folds = list(rolling(truth, FIRST, reader.OBSERVED_TO, EVERY))
    said, age_alone = [], []
    for fold in folds:
        asked = truth.rows.take(fold.rows)
        model = fit(FAMILY, cut(learned, fold.origin), FEATURES_OF[FAMILY]).model
        said.append(model.cumulative_incidence(asked, HORIZONS)[:, :, 0])
        age_alone.append(
            aalen_johansen.fit_banded(cut(truth, fold.origin)).cumulative_incidence(asked, HORIZONS)[:, :, 0]
        )
    rows = np.concatenate([fold.rows for fold in folds])
    origin = np.concatenate([np.full(len(fold.rows), np.datetime64(fold.origin)) for fold in folds])
    p, p_km = np.concatenate(said), np.concatenate(age_alone)
    forecasts = OutOfFold(FAMILY, rows, origin, p, p_km, {"B1": p_km})
    summary = Evaluation(truth, forecasts, reader.OBSERVED_TO).summary(np.ones(len(truth.rows), dtype=bool))
    found: dict[str, dict[str, Any]] = summary["horizons"]
    return found


@pytest.mark.slow
def test_permuting_fates_between_truces_in_training_leaves_no_skill_on_the_chronicle() -> None:
    panel = chronicle()
    for scores in skill(panel, permuted(panel, 1)).values():
        # Five horizons are five chances to be lucky: Holm, as in every printed table.
        assert scores["p_holm"] > 0.05, "no skill that is not chance"
    for days, scores in skill(panel, panel).items():
        assert days not in ("7", "30") or scores["skill"] > 0.01, "and with the true fates there is some"
