from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from models.artifact import FAMILIES, Artifact, dump, dumps, load, loads
from tests.simulate import world
from training.fitting import aalen_johansen
from training.fitting.families import fit
from truce.errors import BadInput

TRAINING = world(200)
Body = dict[str, Any]


def an_artifact(family: str) -> Artifact:
    return Artifact(
        name="truce-breakdown",
        version=None,
        family=family,
        model=fit(family, TRAINING, () if family == "aalen-johansen" else ("x", "z")).model,
        baseline=aalen_johansen.fit(TRAINING),
        feature_set="fs-test",
        rule="chronicle-1",
        trained_to=date(2020, 1, 1),
    )


def first_list(body: Body) -> list[Any]:
    """Some list of numbers of the model, to be cut short."""
    return next(value for value in body["parameters"].values() if isinstance(value, list) and len(value) > 1)


UNFIT: dict[str, tuple[str, Callable[[Body], object]]] = {
    "a coefficient is missing": ("cox", lambda body: body["parameters"]["coefficients"].pop()),
    "a column has no mean": ("weibull", lambda body: body["parameters"]["scale"]["mean"].pop()),
    "a band has no level": ("discrete-hazard", lambda body: body["parameters"]["curve"]["levels"].clear()),
    "a horizon has no intercept": ("landmark-logistic", lambda body: body["parameters"]["intercepts"].pop()),
    "a horizon has no scale": ("landmark-logistic", lambda body: body["parameters"]["scales"].pop()),
    "an age has no hazard": ("aalen-johansen", lambda body: first_list(body).pop()),
    "a member has no weight": ("linear-pool", lambda body: body["parameters"]["weights"].pop()),
    "the weights are more than all": ("linear-pool", lambda body: body["parameters"].update(weights=[0.5, 0.5, 0.5])),
    "numbers are words": ("weibull", lambda body: body["parameters"]["curve"].update(shape="steep")),
    "the parameters are a list": ("cox", lambda body: body.update(parameters=[])),
    "the baseline is a word": ("cox", lambda body: body.update(baseline="B1")),
}


@pytest.mark.parametrize("case", UNFIT)
def test_numbers_that_do_not_fit_together_are_refused_when_the_model_is_read(case: str) -> None:
    family, spoil = UNFIT[case]
    body = dump(an_artifact(family))
    spoil(body)
    with pytest.raises(BadInput) as refusal:
        load(body)
    assert refusal.value.code == "bad_model"


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_model_with_something_that_is_no_number_is_refused(constant: str) -> None:
    text = dumps(an_artifact("weibull"))
    shape = dump(an_artifact("weibull"))["parameters"]["curve"]["shape"]
    assert str(shape) in text
    with pytest.raises(BadInput, match="no number"):
        loads(text.replace(str(shape), constant, 1))


@pytest.mark.parametrize("body", [None, [], "x", 3, {}, {"format": 1}])
def test_what_is_no_model_at_all_is_refused(body: Any) -> None:
    with pytest.raises(BadInput) as refusal:
        load(body)
    assert refusal.value.code == "bad_model"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_read_back_after_its_trial(family: str) -> None:
    assert load(dump(an_artifact(family))).family == family
