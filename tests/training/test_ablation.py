from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.examples import a_truce, an_event
from tests.training.conftest import OBSERVED_TO, small_world
from training import jobs, workshop
from training.backtest import Recipe, refitted
from training.evaluate import Evaluation
from training.folds import rolling
from training.jobs import Asked
from training.panel import Panel, build
from training.recipes import FEATURES_OF
from training.workshop import Period
from truce import scoring
from truce.clock import end_of
from truce.columns import EventColumns
from truce.errors import BadInput
from truce.history import History
from truce.settings import Settings
from truce.vocabulary import Event, Outcome, Truce

WHEN = Period(date(2008, 6, 1), OBSERVED_TO, 182, OBSERVED_TO)


def forewarned(n: int = 160) -> Panel:
    """Truces of eight conflicts that break at any age alike; three days before each break there is an attack."""
    rng = np.random.default_rng(8)
    truces: list[Truce] = []
    attacks: list[Event] = []
    for k in range(n):
        start, rebels = date(2006, 1, 1) + timedelta(days=int(rng.integers(0, 1900))), (f"Front {k}",)
        end = start + timedelta(days=5 + int(rng.exponential(90)))
        known = {"end_date": end, "end_known_at": end_of(end)} if end < OBSERVED_TO else {}
        truces.append(
            a_truce(
                f"t{k:03}", side_b=rebels, conflict=f"c{k % 8}", effective_date=start, observed_to=OBSERVED_TO, **known
            )
        )
        if known:
            attacks.append(an_event(f"e{k}", actor=rebels[0], occurred_on=end - timedelta(days=3)))
    return build(History.whole(truces, EventColumns.of(attacks)), OBSERVED_TO)


@pytest.mark.slow
def test_attacks_that_foretell_a_break_have_a_gain_and_talks_that_never_were_have_none() -> None:
    panel = forewarned()
    recipe: Recipe = {"discrete-hazard": ("attacks_sides_7", "talks_sides_7")}
    folds = list(rolling(panel, WHEN.start, WHEN.stop, WHEN.every))
    forecasts = refitted(panel, folds, recipe, ablate=True, workers=1)["discrete-hazard"]
    ablation = Evaluation(panel, forecasts, OBSERVED_TO).metrics()["ablation"]
    assert set(forecasts.without) == {"attacks", "talks"}
    assert ablation["attacks"]["7"]["gain"] > 0.05
    assert ablation["attacks"]["7"]["ci"][0] > 0
    assert {figures["gain"] for figures in ablation["talks"].values()} == {0.0}
    assert "no column" in ablation["threats"]["7"]["reason"]


@pytest.mark.slow
def test_an_event_family_whose_columns_never_vary_adds_exactly_nothing(trained: Settings, tmp_path: Path) -> None:
    asked = Asked("2009-01-01", "2010-12-31", "182d", ["discrete-hazard"], None, "chronicle-1", ablate=True)
    metrics = jobs.backtest(trained, asked, tmp_path / "out").judged["discrete-hazard"].metrics
    assert len(metrics["ablation"]) == 8
    for horizons in metrics["ablation"].values():
        for figures in horizons.values():
            assert figures == {"gain": 0.0, "ci": [0.0, 0.0]}
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<td>conciliatory_words</td><td>+0.0000 (+0.000 .. +0.000)</td>" in page


def test_without_being_asked_an_ablation_is_absent_and_says_how_to_ask(trained: Settings, tmp_path: Path) -> None:
    asked = Asked("2009-01-01", "2009-12-31", "182d", ["discrete-hazard"], None, "chronicle-1")
    metrics = jobs.backtest(trained, asked, tmp_path / "out").judged["discrete-hazard"].metrics
    assert metrics["ablation"]["attacks"]["30"] == {
        "gain": None, "ci": None, "reason": "ask for it with `trucecast backtest --ablate`"
    }  # fmt: skip


def test_a_fitted_model_cannot_be_ablated(trained: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="leave --model out"):
        jobs.backtest(trained, Asked(None, None, "91d", [], "champion", "chronicle-1", ablate=True), tmp_path / "none")


def shuffled(truces: list[Truce], seed: int) -> list[Truce]:
    """The same truces, each with the length of life and the outcome of another; what ends after the last day goes on."""
    order = np.random.default_rng(seed).permutation(len(truces))
    out = []
    for truce, other in zip(truces, [truces[k] for k in order], strict=True):
        life = ((other.end_date or OBSERVED_TO) - other.effective_date).days
        end = truce.effective_date + timedelta(days=life)
        over = other.end_date is not None and end <= OBSERVED_TO
        out.append(
            replace(
                truce,
                end_date=end if over else None,
                outcome=other.outcome if over else Outcome.ONGOING,
                end_known_at=end_of(end) + timedelta(days=2) if over else None,
            )
        )
    return out


@pytest.mark.slow
def test_where_fates_are_shuffled_between_truces_nothing_has_skill() -> None:
    recipe = {family: FEATURES_OF[family] for family in ("discrete-hazard", "landmark-logistic")}
    truces = small_world(300)

    def scores(world: list[Truce]) -> dict[str, list[dict[str, float]]]:
        panel = build(History.whole(world, EventColumns.of([])), OBSERVED_TO)
        judged = workshop.judge(panel, recipe, "chronicle-1", WHEN)
        return {family: list(one.metrics["subsets"]["all"]["horizons"].values()) for family, one in judged.items()}

    for as_it_was in scores(truces).values():
        assert np.mean([s["skill"] for s in as_it_was]) > 0.02, "one-sided truces do live shorter"
    noise = [s for seed in (1, 2, 3) for found in scores(shuffled(truces, seed)).values() for s in found]
    assert np.mean([s["skill"] for s in noise]) < 0.005
    assert scoring.holm([s["p_value"] for s in noise]).min() > 0.05
