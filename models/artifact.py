"""A fitted model as JSON and back: numbers under a format number, never an object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.aalen_johansen import AalenJohansen
from models.contract import Model
from models.cox import Cox
from models.discrete_hazard import DiscreteHazard
from models.landmark_logistic import LandmarkLogistic
from models.linear_pool import LinearPool
from models.other_ends import SCHEDULE
from models.past_cases import UNTESTED, PastCases
from models.support import Support
from models.uncertainty import AGES, Uncertainty
from models.weibull import Weibull
from truce.errors import BadInput
from truce.features import FeatureTable
from truce.identity import canonical, digest
from truce.vocabulary import MAX_HORIZON

_SCHEDULED = 30.0
"""Days to the scheduled end of the rows that a model is tried on."""
FORMAT = 2
_READABLE = (1, FORMAT)
"""Format 1 had no backing: its models answer without intervals, and count as untested."""

FAMILIES: dict[str, Any] = {
    kind.family: kind for kind in (AalenJohansen, Weibull, Cox, DiscreteHazard, LandmarkLogistic, LinearPool)
}
"""Family name -> class."""

_FIELDS = ("name", "version", "family", "feature_set", "rule", "trained_to", "parameters", "baseline")
_BACKING: dict[str, Any] = {"uncertainty": Uncertainty, "support": Support, "past_cases": PastCases}
"""What may come along beside a model's numbers, each None where it was not made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A fitted model with what a user of it must know: on what features, under which rule, up to which day, and its own baseline."""

    name: str
    version: str | None
    family: str
    model: Model
    baseline: AalenJohansen
    feature_set: str
    rule: str
    trained_to: date
    uncertainty: Uncertainty | None = None
    support: Support | None = None
    past_cases: PastCases | None = None

    def forecast(self, rows: FeatureTable, horizons: Sequence[int]) -> NDArray[np.float64]:
        """The chance of each end within each horizon, shape (n, len(horizons), 3).

        Raises:
            BadInput: the rows were made by another set of features than the model was fitted on.
        """
        if rows.feature_set != self.feature_set:
            raise BadInput(
                f"the model was fitted on features {self.feature_set}, these rows are {rows.feature_set}: train anew",
                code="feature_set_mismatch",
            )
        return self.model.cumulative_incidence(rows, horizons)

    def interval(self, rows: FeatureTable, horizons: Sequence[int], p: NDArray[np.float64]) -> list[Any]:
        """For each row and horizon the 95 % interval [lo, hi] of the chances ``p`` (n, len(horizons)), None where none was made."""
        if self.uncertainty is None:
            return [[None] * len(horizons)] * len(rows)
        found: list[Any] = self.uncertainty.interval(rows, horizons, p).tolist()
        return found

    def reliability(self, rows: FeatureTable) -> list[dict[str, Any]]:
        """For each row the class of its kind of case, and what is behind it."""
        return [dict(UNTESTED) for _ in range(len(rows))] if self.past_cases is None else self.past_cases.classes(rows)

    def outside(self, rows: FeatureTable) -> list[str | None]:
        """For each row why the model has nothing to go by, None where it has."""
        return [None] * len(rows) if self.support is None else self.support.outside(rows)


def dump(artifact: Artifact) -> dict[str, Any]:
    """The artifact as JSON values."""
    return {
        "format": FORMAT,
        "name": artifact.name,
        "version": artifact.version,
        "family": artifact.family,
        "feature_set": artifact.feature_set,
        "rule": artifact.rule,
        "trained_to": artifact.trained_to.isoformat(),
        "parameters": artifact.model.parameters(),
        "baseline": artifact.baseline.parameters(),
        **{name: part.parameters() if (part := getattr(artifact, name)) else None for name in _BACKING},
    }


def load(body: dict[str, Any]) -> Artifact:
    """Read back what ``dump`` wrote.

    Raises:
        BadInput: another format, an unknown family, or a part that is missing, broken or does not fit the others.
    """
    if not isinstance(body, dict) or body.get("format") not in _READABLE:
        said = body.get("format") if isinstance(body, dict) else None
        raise BadInput(
            f"a model in format {said}, this code reads {' and '.join(map(str, _READABLE))}", code="bad_model"
        )
    missing = [name for name in _FIELDS if name not in body]
    if missing:
        raise BadInput(f"the model lacks {', '.join(missing)}", code="bad_model")
    if body["family"] not in FAMILIES:
        raise BadInput(f"no family {body['family']!r} here", code="bad_model")
    try:
        artifact = Artifact(
            name=body["name"],
            version=body["version"],
            family=body["family"],
            model=FAMILIES[body["family"]].from_parameters(body["parameters"]),
            baseline=AalenJohansen.from_parameters(body["baseline"]),
            feature_set=body["feature_set"],
            rule=body["rule"],
            trained_to=date.fromisoformat(body["trained_to"]),
            **{name: kind.from_parameters(body[name]) for name, kind in _BACKING.items() if body.get(name)},
        )
        with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is looked at
            _try(artifact)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"the model's numbers cannot be read: {error!r}", code="bad_model") from None
    return artifact


def _try(artifact: Artifact) -> None:
    """Ask for blank rows of all ages, with and without a schedule: numbers that do not fit together fail here, not at somebody's request."""
    names = tuple(dict.fromkeys((*artifact.model.features, SCHEDULE)))
    n = 2 * len(AGES)
    values = np.zeros((n, len(names)))
    values[:, names.index(SCHEDULE)] = np.tile([_SCHEDULED, np.nan], len(AGES))
    blank = FeatureTable(
        names=names,
        values=values,
        age_days=np.repeat(np.array(AGES, dtype=np.int64), 2),
        truce_ids=np.full(n, ""),
        as_of=np.zeros(n, dtype="datetime64[s]"),
        feature_set=artifact.feature_set,
    )
    for model in (artifact.model, artifact.baseline):
        said = model.cumulative_incidence(blank, (1, MAX_HORIZON))
        if not ((said >= 0) & (said <= 1)).all():
            raise ValueError("chances outside 0 to 1")
    if (
        artifact.uncertainty is not None
        and not np.isfinite(artifact.uncertainty.interval(blank, (1, MAX_HORIZON), said[:, :, 0])).all()
    ):
        raise ValueError("intervals that are no numbers")
    artifact.outside(blank)


def dumps(artifact: Artifact) -> str:
    """Canonical JSON text: the same model is the same text. Numbers come back exactly."""
    return canonical(dump(artifact))


def loads(text: str) -> Artifact:
    """Read back what ``dumps`` wrote. Raises BadInput."""
    try:
        return load(json.loads(text, parse_constant=_refuse))
    except json.JSONDecodeError:
        raise BadInput("the model is no JSON", code="bad_model") from None


def _refuse(constant: str) -> float:
    raise BadInput(f"the model holds {constant}, which is no number", code="bad_model")


def numbers_digest(artifact: Artifact) -> str:
    """A digest of what the model says, whatever it is called."""
    body = dump(artifact)
    backing = [body[name] for name in _BACKING if body[name]]
    return digest([body["parameters"], body["baseline"], body["feature_set"], body["rule"], *backing])[:16]
