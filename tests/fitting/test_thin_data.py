"""Early origins know little: whatever there is to learn from, what comes out is a lawful curve that can be written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from models.artifact import FAMILIES
from models.contract import assert_incidence_laws
from tests.simulate import NAMES, table, world
from training.fitting.families import fit
from training.panel import TrainingSet
from truce.errors import BadInput
from truce.identity import canonical


def with_column(values: Callable[[TrainingSet], float | NDArray[np.generic]]) -> TrainingSet:
    """A world whose column z is something else."""
    training = world(300)
    changed = training.rows.values.copy()
    changed[:, NAMES.index("z")] = np.asarray(values(training), dtype=float)
    return replace(training, rows=replace(training.rows, values=changed))


WORLDS: dict[str, Callable[[], TrainingSet]] = {
    "one truce": lambda: world(1),
    "three truces": lambda: world(3),
    "no breakdown": lambda: world(100, scale=1e9),
    "no other end": lambda: world(200, other_rate=0.0),
    "all broke on the first day": lambda: world(40, scale=1e-9, other_rate=0.0),
    "a column never defined": lambda: with_column(lambda _: np.nan),
    "a column that never varies": lambda: with_column(lambda _: 0.1),
    "a column that is another's double": lambda: with_column(lambda t: t.rows.columns(["x"])[:, 0]),
    "a column that tells the end": lambda: with_column(lambda t: t.cause == 1),
    "a schedule for all": lambda: scheduled(world(300)),
}
ROWS = table(
    np.array([[0.0, 0.0], [1.0, 50.0], [1.0, -50.0], [0.0, np.nan]]),
    np.array([0, 13, 399, 12000]),
    np.array([3.0, np.nan, -20.0, 0.0]),
)


def scheduled(training: TrainingSet) -> TrainingSet:
    """The same world, all truces being due on day 20."""
    changed = training.rows.values.copy()
    changed[:, 2] = 20 - training.start
    return replace(training, rows=replace(training.rows, values=changed))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("case", WORLDS)
def test_whatever_there_was_to_learn_from_the_curve_is_lawful_and_can_be_written(case: str, family: str) -> None:
    model = fit(family, WORLDS[case](), () if family == "aalen-johansen" else ("x", "z")).model
    assert_incidence_laws(model, ROWS)
    back = FAMILIES[family].from_parameters(json.loads(canonical(model.parameters())))
    np.testing.assert_array_equal(
        back.cumulative_incidence(ROWS, range(366)), model.cumulative_incidence(ROWS, range(366))
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_no_rows_have_no_curves(family: str) -> None:
    model = fit(family, world(100), () if family == "aalen-johansen" else ("x", "z")).model
    assert model.cumulative_incidence(ROWS.take(np.arange(0)), (7, 30)).shape == (0, 2, 3)


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "aalen-johansen"])
def test_every_coefficient_is_listed_by_its_column(family: str) -> None:
    listed = fit(family, world(200), ("x", "z")).coefficients
    assert {"x", "z"} <= {row["name"] for row in listed}
    assert all(np.isfinite(row["estimate"]) for row in listed)


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        fit("crystal-ball", world(3), ())
    assert refusal.value.code == "unknown_family"
