"""Why a chance is what it is: parts of its log-odds that add up to it exactly, and can be pooled over models.

The reference is a truce of the same age whose columns are all at their means over the training rows. The part of age is what such a
truce is given; every column's part is what its own value adds. A family that is linear in log-odds has no choice. In a
family that knows its columns through one index, going straight from the means to the row (Aumann and Shapley 1974) gives each
column its share of the index: the integral of the slope along the way is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AGE, COHERENCE = "age", "coherence"
"""Beside the columns: what truce age alone gives, and what making the horizons agree with one another moved."""

CLIP = 1e-6


def logit(p: Floats) -> Floats:
    """Log-odds, the chance kept off 0 and 1."""
    p = np.clip(p, CLIP, 1 - CLIP)
    return np.log(p / (1 - p))


@dataclass(frozen=True, slots=True)
class Reasons:
    """Parts of the log-odds of breakdown: ``values`` (n, horizons, k) for the ``names`` (k,), ``AGE`` first, then columns."""

    names: tuple[str, ...]
    values: Floats

    @property
    def log_odds(self) -> Floats:
        """What the parts add up to, shape (n, horizons)."""
        total: Floats = self.values.sum(axis=2)
        return total


def pooled(members: Sequence[Reasons], weights: Sequence[float], log_odds: Floats) -> Reasons:
    """The reasons of a weighted pool of log-odds: each part is the weighted sum of the members' parts of that name.

    Args:
        members: the reasons of each member, for the same rows and horizons.
        weights: one a member.
        log_odds: what the pool says, shape (n, horizons); what its own intercept or rounding adds goes to ``COHERENCE``.
    """
    names = tuple(dict.fromkeys(name for member in members for name in member.names if name != COHERENCE))
    values = np.zeros((*log_odds.shape, len(names) + 1))
    place = {name: i for i, name in enumerate((*names, COHERENCE))}
    for member, weight in zip(members, weights, strict=True):
        values[..., [place[name] for name in member.names]] += weight * member.values
    values[..., -1] += log_odds - values.sum(axis=2)
    return Reasons((*names, COHERENCE), values)
