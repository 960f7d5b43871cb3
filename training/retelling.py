"""A file of truces read again: what it newly says is taken, and what others have recorded since of what it only repeats stays.

A file that ends in December goes on saying `ongoing` of a truce whose end a person recorded in February. That is no news: only what differs
from what the same source said before is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from truce.codebook import check_order
from truce.errors import BadInput
from truce.vocabulary import Truce

END = ("outcome", "end_date", "end_precision", "breaker", "evidence_end", "end_known_at", "end_tier")
"""Told together: half of one end and half of another is neither."""
_ALONE = tuple(field.name for field in fields(Truce) if field.name not in END)


@dataclass(frozen=True, slots=True)
class Retold:
    """What a file says newly, as it says it; how that stands with what others recorded, where it differs; and how many it would have undone."""

    news: list[Truce]
    standing: list[Truce]
    upheld: int


def retold(told: Sequence[Truce], before: Mapping[str, Truce], standing: Mapping[str, Truce]) -> Retold:
    """Tell news from what is only repeated.

    Args:
        told: what the file says.
        before: what the same source last said of them, by id.
        standing: the latest version of each, whoever wrote it.
    """
    news = [truce for truce in told if before.get(truce.truce_id) != truce]
    together = [_beside(truce, before.get(truce.truce_id), standing.get(truce.truce_id)) for truce in news]
    merged = [now for now, truce in zip(together, news, strict=True) if now != truce]
    repeated = [truce for truce in told if before.get(truce.truce_id) == truce != standing.get(truce.truce_id)]
    return Retold(news, merged, len(merged) + len(repeated))


def _beside(told: Truce, before: Truce | None, stands: Truce | None) -> Truce:
    if stands is None or stands == before:
        return told
    together = _with(_followed(told, stands), stands, _kept(told, before, stands))
    try:
        check_order(together, date.max)
    except BadInput:  # such as an end before a start that the file has corrected: both cannot be
        return told
    return together


def _kept(told: Truce, before: Truce | None, stands: Truce) -> Sequence[str]:
    """The columns in which others have the last word."""
    if before is None:  # the source has not spoken of it: nobody's end is undone by its silence
        return END if stands.end_date and not told.end_date else ()
    kept = tuple(name for name in _ALONE if getattr(told, name) == getattr(before, name))
    return (*kept, *END) if all(getattr(told, name) == getattr(before, name) for name in END) else kept


def _followed(told: Truce, stands: Truce) -> Truce:
    """While it goes on, who watched longer has seen more; None is who watches still."""
    if stands.end_date is not None:
        return told
    if told.observed_to is None or stands.observed_to is None:
        return replace(told, observed_to=None)
    return replace(told, observed_to=max(told.observed_to, stands.observed_to))


def _with(truce: Truce, other: Truce, names: Sequence[str]) -> Truce:
    return replace(truce, **{name: getattr(other, name) for name in names})
