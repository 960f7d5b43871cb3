"""Several models' chances, averaged with fixed weights: the linear opinion pool of Stone (1961).

What one family gets wrong another may not, and truce age, always among them, keeps the average near what is known
best. An average of coherent curves is a coherent curve, so the laws of ``contract`` hold for it without repair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from models.aalen_johansen import AalenJohansen
from models.contract import Model
from models.discrete_hazard import DiscreteHazard
from models.landmark_logistic import LandmarkLogistic
from models.reasons import Reasons, averaged, chance, logit, within_clip
from truce.features import FeatureTable

Floats = NDArray[np.float64]

MEMBERS: dict[str, Any] = {kind.family: kind for kind in (AalenJohansen, DiscreteHazard, LandmarkLogistic)}
"""Family name -> class, of the families that may be pooled."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class LinearPool:
    """``members`` (m) and their ``weights`` (m,), positive and adding up to 1.

    Raises:
        ValueError: the weights are no weights, or as many as members they are not.
    """

    family: ClassVar[str] = "linear-pool"
    members: tuple[Model, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse weights that are none."""
        if len(self.members) != len(self.weights) or not self.members:
            raise ValueError("a pool needs one weight a member")
        if min(self.weights) <= 0 or abs(sum(self.weights) - 1) > _ROUNDING:
            raise ValueError("a pool's weights are positive and add up to 1")

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that any member reads, each once."""
        return tuple(dict.fromkeys(name for member in self.members for name in member.features))

    def cumulative_incidence(self, rows: FeatureTable, horizons: Sequence[int]) -> Floats:
        """See ``contract.Model``."""
        total = np.zeros((len(rows), len(horizons), 3))
        for weight, member in zip(self.weights, self.members, strict=True):
            total += weight * member.cumulative_incidence(rows, horizons)
        return np.minimum(total, 1.0)

    def reasons(self, rows: FeatureTable, horizons: Sequence[int]) -> Reasons:
        """See ``contract.Model``: every member's parts, for as much as that member moves the average."""
        parts = [member.reasons(rows, horizons) for member in self.members]
        log_odds = np.array([part.log_odds for part in parts])
        said = np.tensordot(np.asarray(self.weights), chance(log_odds), axes=1)
        if not within_clip(log_odds):  # a member says 0 or 1, of which its parts know no more than the clip
            said = self.cumulative_incidence(rows, horizons)[:, :, 0]
        return averaged(parts, self.weights, logit(said))

    def parameters(self) -> dict[str, Any]:
        """JSON values."""
        members = [{"family": member.family, "parameters": member.parameters()} for member in self.members]
        return {"weights": list(self.weights), "members": members}

    @classmethod
    def from_parameters(cls, body: dict[str, Any]) -> Self:
        """Read back what ``parameters`` wrote."""
        members = tuple(MEMBERS[part["family"]].from_parameters(part["parameters"]) for part in body["members"])
        return cls(members, tuple(float(weight) for weight in body["weights"]))
