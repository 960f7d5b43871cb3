from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.aalen_johansen import AalenJohansen
from models.artifact import FAMILIES, Artifact, dump, dumps, load, loads
from models.contract import Model, assert_incidence_laws, assert_reasons_laws
from models.incidence import compose, isotonic
from tests.simulate import table, world
from training.fitting.aalen_johansen import fit as age_alone
from training.fitting.families import fit
from training.panel import TrainingSet
from truce.errors import BadInput
from truce.features import FeatureTable

TRAINING: TrainingSet = world(500)
FITTED: dict[str, Model] = {
    name: fit(name, TRAINING, () if name == "aalen-johansen" else ("x", "z")).model for name in FAMILIES
}


@st.composite
def rows(draw: st.DrawFn) -> FeatureTable:
    """Landmark rows of any age, far outside what was trained on, with and without a schedule."""
    n = draw(st.integers(1, 6))
    numbers = st.floats(-50, 50)
    x = np.array(draw(st.lists(st.tuples(numbers, numbers), min_size=n, max_size=n)))
    age = np.array(draw(st.lists(st.integers(0, 9000), min_size=n, max_size=n)))
    left = draw(st.lists(st.one_of(st.just(float("nan")), st.integers(-500, 800).map(float)), min_size=n, max_size=n))
    return table(x, age, np.array(left))


@pytest.mark.parametrize("family", FITTED)
def test_every_family_obeys_the_laws_of_a_curve(family: str) -> None:
    @given(rows())
    def lawful(table: FeatureTable) -> None:
        assert_incidence_laws(FITTED[family], table)

    lawful()


@pytest.mark.parametrize("family", FITTED)
def test_every_family_gives_reasons_that_add_up(family: str) -> None:
    @given(rows(), st.sets(st.integers(1, 365), min_size=1, max_size=4))
    def complete(table: FeatureTable, horizons: set[int]) -> None:
        assert_reasons_laws(FITTED[family], table, sorted(horizons))

    complete()


@pytest.mark.parametrize("family", FITTED)
def test_a_horizon_says_the_same_whatever_else_was_asked_for(family: str) -> None:
    some = table(np.array([[1.0, 0.3], [0.0, -1.0]]), np.array([0, 40]), np.array([20.0, np.nan]))
    alone = FITTED[family].cumulative_incidence(some, [30])
    together = FITTED[family].cumulative_incidence(some, [7, 30, 365])
    np.testing.assert_allclose(alone[:, 0], together[:, 1], atol=1e-12)


@pytest.mark.parametrize("family", FITTED)
def test_a_row_says_the_same_alone_and_in_a_crowd(family: str) -> None:
    ages = np.arange(0, 5000, 7)
    crowd = table(np.column_stack((ages % 2, ages / 5000)), ages)
    together = FITTED[family].cumulative_incidence(crowd, [30, 180])
    for k in (0, 17, len(ages) - 1):
        alone = FITTED[family].cumulative_incidence(crowd.take(np.array([k])), [30, 180])
        np.testing.assert_allclose(alone[0], together[k], rtol=1e-10)


@pytest.mark.parametrize("family", FITTED)
def test_a_model_comes_back_from_json_with_the_same_numbers(family: str) -> None:
    artifact = Artifact(
        name="truce-breakdown",
        version="7",
        family=family,
        model=FITTED[family],
        baseline=age_alone(TRAINING),
        feature_set="fs-test",
        rule="chronicle-1",
        trained_to=date(2020, 1, 1),
    )
    back = loads(dumps(artifact))
    assert dumps(back) == dumps(artifact)
    some = table(np.array([[1.0, 0.3], [0.0, -2.0]]), np.array([3, 900]))
    np.testing.assert_array_equal(
        back.forecast(some, [7, 365]), artifact.model.cumulative_incidence(some, [7, 365])
    )  # to the last bit


def test_rows_of_another_feature_set_are_refused() -> None:
    artifact = _artifact()
    with pytest.raises(BadInput, match="train anew"):
        artifact.forecast(table(np.zeros((1, 2)), np.array([1])), [7])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.update(format=99),
        lambda body: body.update(family="crystal-ball"),
        lambda body: body.pop("baseline"),
        lambda body: body["parameters"].pop("ages"),
        lambda body: body.update(trained_to="soon"),
    ],
    ids=["format", "family", "missing", "numbers", "date"],
)
def test_a_broken_model_is_refused_with_one_clear_error(spoil: object) -> None:
    body = dump(_artifact())
    assert callable(spoil)
    spoil(body)
    with pytest.raises(BadInput):
        load(body)


def test_text_that_is_no_json_is_no_model() -> None:
    with pytest.raises(BadInput):
        loads("\x80\x04pickle")


def _artifact() -> Artifact:
    baseline = AalenJohansen(np.array([5.0]), np.array([[0.5, 0, 0]]), 10.0, np.array([0.01, 0, 0]))
    return Artifact(
        name="n", version=None, family="aalen-johansen", model=baseline, baseline=baseline, feature_set="fs-other",
        rule="chronicle-1", trained_to=date(2020, 1, 1),
    )  # fmt: skip


def test_beyond_the_last_observed_age_the_last_year_s_hazard_goes_on() -> None:
    model = AalenJohansen(np.array([5.0]), np.array([[0.5, 0.0, 0.0]]), 10.0, np.array([0.01, 0.0, 0.0]))
    chance = model.cumulative_incidence(table(np.zeros((3, 2)), np.array([0, 10, 4000])), [5, 30])
    assert chance[0, 0, 0] == pytest.approx(0.5)
    assert chance[1, 1, 0] == pytest.approx(1 - 0.99**30)
    assert chance[2, 1, 0] == pytest.approx(1 - 0.99**30)


@given(st.lists(st.lists(st.floats(0, 2), min_size=4, max_size=4), min_size=1, max_size=5))
def test_competing_hazards_become_curves_that_never_exceed_certainty(daily: list[list[float]]) -> None:
    hazards = np.abs(np.array(daily))[:, :, None] * np.array([1.0, 0.5, 0.25])
    curve = compose(hazards)
    assert (np.diff(curve, axis=1) >= 0).all()
    np.testing.assert_allclose(1 - curve.sum(axis=2)[:, -1], np.exp(-hazards.sum(axis=(1, 2))), atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_isotonic_rows_rise_and_keep_what_rose_already(values: list[float]) -> None:
    from sklearn.isotonic import isotonic_regression

    row = np.array([values])
    fixed = isotonic(row)
    assert (np.diff(fixed) >= 0).all()
    np.testing.assert_allclose(fixed[0], isotonic_regression(row[0]), atol=1e-12)
    if (np.diff(row) >= 0).all():
        np.testing.assert_array_equal(fixed, row)


def test_rounding_never_lifts_a_chance_above_certainty() -> None:
    hazards = np.random.default_rng(0).uniform(0, 0.3, (500, 366, 1))
    assert compose(hazards).max() <= 1.0
