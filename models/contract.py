"""What every fitted model promises, and the laws that promise must obey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.reasons import AGE, COHERENCE, Reasons, logit
from truce.features import FeatureTable

FloatArray = NDArray[np.float64]

ROUNDING = 1e-9
"""What floating point may take from a law."""
_ADDS_UP = 1e-7


class Model(Protocol):
    """A fitted family: numbers and a formula.

    ``features`` are the columns it reads; it never sees others. ``parameters`` are plain JSON values.
    """

    @property
    def family(self) -> str:
        """The name of the family, e.g. ``cox``."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of the feature table that it reads."""
        ...

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> FloatArray:
        """The chance of each competing end within each horizon.

        Args:
            rows: n landmark rows.
            horizons: whole days from 0 to 365, ascending.

        Returns:
            Shape (n, len(horizons), 3): broke, expired, superseded, as in ``vocabulary.CAUSES``.
        """
        ...

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """What the log-odds of breakdown are made of: parts for ``AGE``, for columns of ``features`` and for ``COHERENCE``.

        They add up to ``logit`` of ``cumulative_incidence`` for n rows at ascending horizons from 1 to 365 days.
        """
        ...

    def parameters(self) -> dict[str, Any]:
        """Everything the formula needs, as JSON values."""
        ...


def broken_laws(model: Model, rows: FeatureTable) -> list[str]:
    """The laws of a curve that the model breaks on these rows; none when a curve is a curve."""
    curve = model.cumulative_incidence(rows, range(366))
    if curve.shape != (len(rows), 366, 3):
        return [f"a curve has the wrong shape: {curve.shape}"]
    kept = {
        "every chance is a number": np.isfinite(curve).all(),
        "nothing ends in no time": (curve[:, 0] == 0).all(),
        "risk never falls as the horizon grows": (np.diff(curve, axis=1) >= -ROUNDING).all(),
        "the ends together are never more than certain": (curve.sum(axis=2) <= 1 + ROUNDING).all(),
    }
    return [law for law, holds in kept.items() if not holds]


def assert_incidence_laws(model: Model, rows: FeatureTable) -> None:
    """A curve is a curve, on these rows."""
    assert broken_laws(model, rows) == []


def assert_reasons_laws(model: Model, rows: FeatureTable, horizons: Sequence[int]) -> None:
    """Reasons are complete: they add up to what was said, and name nothing that the model does not read."""
    found = model.reasons(rows, horizons)
    assert found.values.shape == (len(rows), len(horizons), len(found.names))
    assert found.names[0] == AGE, "truce age comes first"
    assert set(found.names) <= {AGE, *model.features, COHERENCE}, "only what the model reads has a part"
    said = logit(model.cumulative_incidence(rows, horizons)[:, :, 0])
    assert np.allclose(found.log_odds, said, rtol=0, atol=_ADDS_UP), "the parts add up to the log-odds"
