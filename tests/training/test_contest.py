from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models import registry
from models.artifact import Artifact, loads
from models.reasons import AGE, Reasons
from training import contest, jobs, tracking
from truce.errors import Refused
from truce.features import FeatureTable
from truce.settings import Settings
from truce.store import open_store
from truce.store.models import Published
from truce.vocabulary import HORIZONS


def version(home: Settings, number: str) -> Published:
    with open_store(home) as store:
        return store.models.get(number)


def objections(home: Settings, challenger: Published, champion: Published | None) -> list[str]:
    return contest.judge(home, challenger, champion).objections


class Falling:
    """A model whose risk falls as the horizon grows, and starts above nothing."""

    family = "weibull"
    features: tuple[str, ...] = ()

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> NDArray[np.float64]:
        """More than certain at once, then less and less."""
        curve = 0.7 - np.asarray(horizons, dtype=float)[None, :, None] / 1000
        return np.broadcast_to(curve, (len(rows), len(horizons), 3)).copy()

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """None either."""
        return Reasons((AGE,), np.zeros((len(rows), len(horizons), 1)))

    def parameters(self) -> dict[str, Any]:
        """None."""
        return {}


@pytest.fixture
def artifact(trained: Settings) -> Artifact:
    return loads(version(trained, "2").body)


def test_a_model_that_keeps_the_laws_on_the_grid_and_reads_what_the_service_has_is_lawful(artifact: Artifact) -> None:
    assert contest.lawless(artifact) == []
    assert len(contest.grid()) > len(HORIZONS)


def test_a_model_that_breaks_a_law_of_a_curve_is_refused_by_the_law_s_name(artifact: Artifact) -> None:
    assert contest.lawless(replace(artifact, model=Falling())) == [
        "law broken: nothing ends in no time",
        "law broken: risk never falls as the horizon grows",
        "law broken: the ends together are never more than certain",
    ]


def test_a_model_of_other_features_or_of_a_rule_that_is_not_there_is_refused(artifact: Artifact) -> None:
    assert "train anew" in contest.lawless(replace(artifact, feature_set="fs-other"))[0]
    assert contest.lawless(replace(artifact, rule="by-eye"))[0] == "no rule by-eye here"


def test_a_model_that_does_not_answer_is_refused(artifact: Artifact) -> None:
    class Mute(Falling):
        def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> NDArray[np.float64]:
            raise KeyError(f"{len(rows)} rows, {len(horizons)} horizons, and a column of another house")

    assert "does not answer" in contest.lawless(replace(artifact, model=Mute()))[0]


def test_models_under_two_rules_are_not_compared(trained: Settings) -> None:
    other = replace(version(trained, "1"), rule="chronicle-nominal-1")
    assert "not comparable: rule chronicle-1 against chronicle-nominal-1" in objections(
        trained, version(trained, "2"), other
    )


def test_the_baseline_s_forecasts_are_those_beside_the_challenger_s_own(trained: Settings) -> None:
    found = contest.judge(trained, version(trained, "2"), version(trained, "1")).comparison
    assert found is not None
    assert found.shared == 1
    metrics = json.loads(tracking.kept(trained, str(version(trained, "2").run_id), "metrics.json").read_text())
    for h in HORIZONS:
        scores = metrics["subsets"]["all"]["horizons"][str(h)]
        gain = found.by_horizon["Brier score"][h].mean
        assert gain == pytest.approx(scores["brier_km"] - scores["brier"], abs=2e-6)


def test_without_a_champion_only_calibration_and_the_laws_are_asked(trained: Settings) -> None:
    verdict = contest.judge(trained, version(trained, "2"), None)
    assert verdict.comparison is None
    assert not any("better" in told for told in verdict.objections)


def test_a_champion_without_a_run_is_spoken_for_by_its_family_in_the_challenger_s_training(trained: Settings) -> None:
    shipped = replace(version(trained, "2"), version="shipped", run_id=None, trained_to=date(2011, 6, 30))
    again = contest.judge(trained, version(trained, "2"), shipped)
    assert again.refresh
    other = contest.judge(trained, version(trained, "3"), shipped)
    assert not other.refresh
    assert other.comparison is not None
    assert other.comparison.shared == 1
    with pytest.raises(Refused, match="no MLflow run"):
        contest.judge(trained, version(trained, "2"), replace(shipped, family="cox"))


def test_a_run_whose_files_are_gone_is_refused_and_may_be_forced(own_home: Settings) -> None:
    with tracking.lab_book(own_home):
        left = tracking.kept(own_home, str(version(own_home, "2").run_id), "forecasts.csv")
    assert left.is_relative_to(own_home.home)
    left.unlink()
    with pytest.raises(Refused, match=r"left no forecasts\.csv"):
        jobs.promote(own_home, "2", force=False, why=None)
    assert "forced over: run" in jobs.promote(own_home, "2", force=True, why="a test")["why"]


def test_what_was_forced_and_over_what_is_kept_in_the_store_and_in_mlflow(own_home: Settings) -> None:
    jobs.promote(own_home, "2", force=True, why="a first try")
    told = jobs.promote(own_home, "1", force=True, why="the board asked for it")
    assert told["objections"]
    assert told["why"].startswith("the board asked for it (forced over: no better than version 2")
    client = registry.client(own_home)
    tags = client.get_model_version(registry.MODEL, "1").tags
    assert tags["champion_because"] == f"{told['why']} (by cli)"


def test_the_champion_is_not_promoted_over_itself(own_home: Settings) -> None:
    assert jobs.promote(own_home, "1", force=False, why=None)["why"] == "it is champion already"


@pytest.mark.slow
def test_the_same_recipe_on_later_data_is_a_refresh(own_home: Settings) -> None:
    jobs.train(own_home, ["discrete-hazard"], "2011-10-31", "chronicle-1")
    earlier = version(own_home, "4")
    verdict = contest.judge(own_home, version(own_home, "2"), earlier)
    assert verdict.refresh
    assert verdict.comparison is not None
    assert 0.8 < verdict.comparison.shared < 1
    assert not any("no better" in told for told in verdict.objections)
    assert "same recipe on later data" in verdict.sentence("version 4")
    assert not contest.judge(own_home, earlier, version(own_home, "2")).refresh
