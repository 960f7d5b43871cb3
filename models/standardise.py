"""Columns on a common scale: what every regression family does to its features before it weighs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from truce.features import FeatureTable

Floats = NDArray[np.float64]

CLIP = 3.0
"""No column counts for more than so many standard deviations: a record value is no licence to extrapolate."""

_ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class Scale:
    """Means and standard deviations of k columns; a column that never varied is worth nothing."""

    names: tuple[str, ...]
    mean: Floats
    sd: Floats

    @classmethod
    def of(cls, names: tuple[str, ...], values: Floats) -> Self:
        """The scale of a training matrix, shape (n, k)."""
        seen = ~np.isnan(values)
        count = np.maximum(seen.sum(axis=0), 1)
        mean = np.where(seen, values, 0.0).sum(axis=0) / count
        sd = np.sqrt((np.where(seen, values - mean, 0.0) ** 2).sum(axis=0) / count)
        # A constant column can seem to vary by rounding; divided by such an sd, any new value would be a record.
        return cls(names, mean, np.where(sd > _ROUNDING * np.maximum(np.abs(mean), 1.0), sd, 0.0))

    def apply(self, rows: FeatureTable) -> Floats:
        """Standardised columns, shape (n, k), clipped; 0 where a column is undefined or never varied."""
        return self.apply_to(rows.columns(self.names))

    def apply_to(self, values: Floats) -> Floats:
        """The same for a bare matrix of the columns, shape (n, k)."""
        scaled = (values - self.mean) / np.where(self.sd > 0, self.sd, np.inf)
        scaled[np.isnan(scaled)] = 0.0
        return np.minimum(np.maximum(scaled, -CLIP), CLIP)

    def parameters(self) -> dict[str, Any]:
        """JSON values."""
        return {"names": list(self.names), "mean": self.mean.tolist(), "sd": self.sd.tolist()}

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote."""
        scale = cls(tuple(body["names"]), np.array(body["mean"], dtype=float), np.array(body["sd"], dtype=float))
        if not len(scale.names) == len(scale.mean) == len(scale.sd):
            # NumPy would stretch a single number over all columns without a word.
            raise ValueError("a scale needs one mean and one sd a column")
        return scale
