from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.artifact import FAMILIES, dumps, loads
from models.past_cases import CELLS, PastCases, cell_of
from models.support import Seen, Support
from models.uncertainty import AGES, Uncertainty
from tests.models.test_artifact import an_artifact
from tests.simulate import world
from training.backing import support
from training.fitting.families import fit
from training.uncertainty import bootstrap
from truce.features import NAMES, FeatureTable, feature_set_id


def rows(n: int = 1, age: int = 10, **columns: float) -> FeatureTable:
    values = np.zeros((n, len(NAMES)))
    for name, value in columns.items():
        values[:, NAMES.index(name)] = value
    return FeatureTable(
        NAMES, values, np.full(n, age), np.full(n, "t"), np.full(n, np.datetime64("NaT", "s")), feature_set_id()
    )


SEEN = Support(
    last_age=1000,
    names=("unilateral", "tacit", "log_term", "attacks_sides_90", "elections_sides_90"),
    low=np.array([0.0, 0.0, 0.0, 0.0, 0.0]),
    high=np.array([1.0, 0.0, 5.0, 1.0, 0.0]),
    sd=np.array([0.5, 0.0, 1.0, 0.2, 0.0]),
    seen={"attacks_sides_90": Seen(10, 4, 2)},
)


def test_what_was_seen_is_inside() -> None:
    assert SEEN.outside(rows(3, unilateral=1.0, log_term=5.0, attacks_sides_90=1.0)) == [None] * 3


@pytest.mark.parametrize(
    ("age", "columns", "said"),
    [
        (1366, {}, "1366 days old"),
        (10, {"log_term": 10.1}, "log_term is 10.1"),
        (10, {"attacks_sides_90": 2.1}, "attacks_sides_90"),
        (10, {"tacit": 1.0}, "tacit is 1"),
    ],
    ids=["too old", "far outside", "an onslaught never seen", "a kind never seen"],
)
def test_what_is_unlike_all_training_is_outside_and_the_reason_names_it(
    age: int, columns: dict[str, float], said: str
) -> None:
    (why,) = SEEN.outside(rows(1, age, **columns))
    assert why is not None
    assert said in why


@pytest.mark.parametrize(
    ("age", "columns"),
    [(1365, {}), (10, {"log_term": 9.9}), (10, {"elections_sides_90": 3.0})],
    ids=["the oldest truce grown older", "a little beyond", "an event that has no weight"],
)
def test_what_the_model_can_do_without_or_nearly_knows_is_inside(age: int, columns: dict[str, float]) -> None:
    assert SEEN.outside(rows(1, age, **columns)) == [None]


def test_support_of_a_training_set_is_what_it_holds() -> None:
    training = world(80)
    found = support(training, ("x", "z"))
    values = training.rows.columns(("x", "z"))
    np.testing.assert_array_equal(found.low, values.min(axis=0))
    np.testing.assert_array_equal(found.high, values.max(axis=0))
    assert found.last_age == int(training.spell_time.max())
    assert found.outside(training.rows) == [None] * len(training.rows)


def past(truces: int, breaks: int, conflicts: int) -> PastCases:
    counts = [np.full(CELLS, n) for n in (truces, breaks, conflicts, 100)]
    return PastCases(counts[0], counts[1], counts[2], counts[3], np.full(CELLS, 0.1), np.full(CELLS, 0.2))


@pytest.mark.parametrize(
    ("truces", "breaks", "conflicts", "word"),
    [(4, 4, 4, "untested"), (5, 0, 1, "thin"), (90, 19, 9, "thin"), (90, 20, 4, "thin"), (90, 20, 5, "tested")],
)
def test_the_class_follows_the_written_rule(truces: int, breaks: int, conflicts: int, word: str) -> None:
    (said,) = past(truces, breaks, conflicts).classes(rows())
    assert said == {"class": word, "n": truces, "breaks": breaks}


def test_cases_are_told_apart_by_age_band_kind_and_schedule() -> None:
    some = FeatureTable.take(rows(4), np.arange(4))
    values = some.values.copy()
    values[1, NAMES.index("unilateral")] = values[2, NAMES.index("timed")] = 1.0
    cells = cell_of(replace(some, values=values, age_days=np.array([7, 7, 7, 8])))
    assert len(set(cells.tolist())) == 4
    assert past(9, 9, 9).cases(rows(1, 800))[0]["cell"] == "731 or more days old, mutual, without a scheduled end"


def test_the_backing_comes_back_from_json() -> None:
    for part in (SEEN, past(9, 3, 2)):
        assert type(part).from_parameters(part.parameters()).parameters() == part.parameters()
    training = world(60)
    model = fit("weibull", training, ("x", "z")).model
    found = bootstrap("weibull", training, ("x", "z"), model, draws=4, workers=1, compared=100)
    assert found is not None
    back = Uncertainty.from_parameters(found.parameters())
    assert back.parameters() == found.parameters()
    np.testing.assert_allclose(back.errors(training.rows, (7, 100)), found.errors(training.rows, (7, 100)), rtol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_read_back_with_its_backing(family: str) -> None:
    training = world(60)
    features = () if family == "aalen-johansen" else ("x", "z")
    artifact = an_artifact(family)
    spread = bootstrap(family, training, features, artifact.model, draws=3, workers=1, compared=100)
    backed = replace(artifact, uncertainty=spread, support=support(training, features), past_cases=past(30, 20, 9))
    back = loads(dumps(backed))
    assert dumps(back) == dumps(backed)
    some = training.rows.take(np.arange(3))
    p = back.forecast(some, (7, 30))[:, :, 0]
    assert np.array(back.interval(some, (7, 30), p)).shape == (3, 2, 2)


def test_backing_that_does_not_fit_is_refused_when_it_is_read() -> None:
    short = past(1, 1, 1).parameters()
    short["breaks"].pop()
    with pytest.raises(ValueError, match="one number a cell"):
        PastCases.from_parameters(short)
    with pytest.raises(ValueError, match="bounds"):
        Support.from_parameters({**SEEN.parameters(), "sd": [1.0]})
    body = {
        "link": "probit",
        "scale": {"names": [], "mean": [], "sd": []},
        "roots": [],
        "missed": [[0.0] * len(AGES)] * 5,
    }
    with pytest.raises(ValueError, match="no scale"):
        Uncertainty.from_parameters(body)


def test_a_model_without_backing_gives_no_intervals_and_counts_as_untested() -> None:
    artifact = an_artifact("weibull")
    some = world(5).rows
    assert artifact.interval(some, (7, 30), np.zeros((len(some), 2)))[0] == [None, None]
    assert artifact.reliability(some)[0] == {"class": "untested", "n": 0, "breaks": 0}
    assert artifact.outside(some) == [None] * len(some)
