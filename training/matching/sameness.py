"""How alike two truces of different sources are: 0 for what cannot be one, 1 for the same day, parties and terms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from truce import registers
from truce.actors import standing_for
from truce.vocabulary import Truce

FURTHEST = 10
"""Days between two starts beyond which two truces are not one."""
_UNDATED = 5
"""Days that a start counts as apart at least when one of the two is known to its month only."""
_PLACE, _PARTIES, _TERMS = 0.3, 0.5, 0.2
"""What the same country, the same parties and the same sidedness bring to the score of the same day."""
_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_GOVERNMENT = re.compile(r"^(?:the )?government of (?:the )?", re.IGNORECASE)


def score(truce: Truce, other: Truce) -> float:
    """How alike two truces are, from 0 to 1: nearness in days times what they share.

    Nothing without a common country or theatre, and nothing more than ``FURTHEST`` days apart.
    """
    apart = abs((truce.effective_date - other.effective_date).days)
    if apart > FURTHEST or not (set(truce.iso3) & set(other.iso3) or truce.conflict == other.conflict):
        return 0.0
    if "month" in (truce.start_precision, other.start_precision):
        apart = max(apart, _UNDATED)
    nearness = 1 - apart / (FURTHEST + 1)
    terms = _TERMS if truce.sidedness == other.sidedness else 0.0
    return nearness * (_PLACE + _PARTIES * _parties(truce, other) + terms)


def _parties(truce: Truce, other: Truce) -> float:
    """1 when both sides share a party or the UCDP dyad is the same, half when one side does; the sides may be swapped."""
    if set(truce.ucdp_dyad) & set(other.ucdp_dyad):
        return 1.0
    straight = _share(truce.side_a, other.side_a) + _share(truce.side_b, other.side_b)
    crossed = _share(truce.side_a, other.side_b) + _share(truce.side_b, other.side_a)
    return max(straight, crossed) / 2


def _share(side: Sequence[str], other: Sequence[str]) -> float:
    """The best weight with which a party of one side is, or stands for, a party of the other."""
    return max((_same(one, two) for one in side for two in other), default=0.0)


@cache
def _same(one: str, two: str) -> float:
    ours, theirs = _keys(one), _keys(two)
    return max((min(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()), default=0.0)


@cache
def _keys(name: str) -> Mapping[str, float]:
    """Who stands for a party under any of its spellings, with what weight; what stands in brackets is one of them."""
    spellings = [name, _BRACKETS.sub(" ", name), *_BRACKETS.findall(name)]
    found: dict[str, float] = {}
    for spelling in filter(None, (one.strip() for one in spellings)):
        for standing in standing_for(spelling):
            found[standing.key] = max(found.get(standing.key, 0.0), standing.weight)
        iso3 = registers.iso3_of_name(_GOVERNMENT.sub("", spelling))
        if iso3 is not None:
            found[f"state {iso3}"] = 1.0
    return MappingProxyType(found)
