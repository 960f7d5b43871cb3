"""Why a chance is what it is: parts of its log-odds that add up to it exactly, and can be pooled over models.

The reference is a truce of the same age whose columns are all at their means over the training rows. The part of age is what such a
truce is given; every column's part is what its own value adds. A family that is linear in log-odds has no choice. In a
family that knows its columns through one index, going straight from the means to the row (Aumann and Shapley 1974) gives each
column its share of the index: the integral of the slope along the way is the same for all. A pool passes on its members' parts.
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
_SHORT = 1e-12
_NEAR = 1e-6
"""Parts that add up to the clip's log-odds may miss them by rounding."""


def logit(p: Floats) -> Floats:
    """Log-odds, the chance kept off 0 and 1."""
    p = np.clip(p, CLIP, 1 - CLIP)
    return np.log(p / (1 - p))


def chance(log_odds: Floats) -> Floats:
    """The chance of such log-odds."""
    found: Floats = 1 / (1 + np.exp(-log_odds))
    return found


def within_clip(log_odds: Floats) -> bool:
    """Whether none of them stands where ``logit`` keeps chances off 0 and 1."""
    return bool((np.abs(log_odds) < logit(np.array(1.0)) - _NEAR).all())


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


def averaged(members: Sequence[Reasons], weights: Sequence[float], log_odds: Floats) -> Reasons:
    """The reasons of a pool whose chance is the weighted average of its members' chances.

    A step in a member's log-odds moves the pool's by that step times the slopes of two chords, from the reference to the row: of the
    member's chance against its log-odds, and of the pool's log-odds against its chance (the logarithmic mean of index decomposition,
    Ang 2004). Chords, unlike tangents, add up to the whole way exactly.

    Args:
        members: the reasons of each member, for the same rows and horizons.
        weights: one a member, adding up to 1.
        log_odds: what the pool says, shape (n, horizons); what rounding adds goes to ``COHERENCE``.
    """
    names = tuple(dict.fromkeys(name for member in members for name in member.names if name not in (AGE, COHERENCE)))
    place = {name: i for i, name in enumerate((AGE, *names, COHERENCE))}
    own = [chance(member.log_odds) for member in members]
    reference = [chance(member.values[..., 0]) for member in members]
    before, after = (np.tensordot(np.asarray(weights), np.array(some), axes=1) for some in (reference, own))
    bend = _chord(logit(after) - logit(before), after - before, 1 / (after * (1 - after)))
    values = np.zeros((*log_odds.shape, len(place)))
    values[..., 0] = logit(before)
    for member, weight, p, p0 in zip(members, weights, own, reference, strict=True):
        slope = _chord(p - p0, member.log_odds - member.values[..., 0], p * (1 - p))
        values[..., [place[name] for name in member.names[1:]]] += (weight * bend * slope)[..., None] * member.values[
            ..., 1:
        ]
    values[..., -1] += log_odds - values.sum(axis=2)
    return Reasons((AGE, *names, COHERENCE), values)


def _chord(rise: Floats, run: Floats, tangent: Floats) -> Floats:
    """The slope of a chord; of so short a one that rounding rules it, the tangent's."""
    short = np.abs(run) < _SHORT
    slope: Floats = np.where(short, tangent, rise / np.where(short, 1.0, run))
    return slope
