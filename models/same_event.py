"""Reports of one event on following days are one event: the later ones go into the record of the first."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.event_coder import CodedText, EventCoder, Text
from models.text.linear import Linear, softmax
from models.text.sameness import WINDOW_DAYS, Report, features, report

LEAST = 0.5
"""The least chance at which two reports count as one event. A wrong merger loses an event, a missed one counts it twice: few mergers, then."""
_RETOLD = 0.75
"""Of the words of the shorter report, the share that makes a retelling of it where the names are all the same."""
_ALIKE = 0.5
"""Reports that share less than this of their names and words together are not even compared."""


def report_of(coder: EventCoder, text: Text, coded: CodedText) -> Report:
    """What a coded text is compared by."""
    country = coded.iso3[0] if coded.iso3 else ""
    return report(
        coder.read(text), text.day, (coded.type.value, country, coded.actor or "", coded.target or "", coded.deaths)
    )


class Reports:
    """The reports of the last days, in the order of their days. ``first_of`` says whose event a further one tells again."""

    def __init__(self, head: Linear) -> None:
        """``head``: the coder's model for sameness."""
        self._head = head
        self._recent: dict[tuple[str, str], deque[tuple[Report, int]]] = defaultdict(deque)

    def first_of(self, later: Report, place: int) -> int:
        """The place of the first report of this event: ``place`` itself when nobody told of it before."""
        recent = self._recent[later.type, later.country]
        while recent and (later.day - recent[0][0].day).days > WINDOW_DAYS:
            recent.popleft()
        rows, places = [], []
        for earlier, first in recent:
            if is_retold(earlier, later):
                recent.append((later, first))
                return first
            seen = features(earlier, later)
            if _likeness(seen) >= _ALIKE:
                rows.append(seen)
                places.append(first)
        first = place
        if rows:
            chances = same(self._head, rows)
            best = int(np.argmax(chances))
            if chances[best] >= LEAST:
                first = places[best]
        recent.append((later, first))
        return first


def is_retold(earlier: Report, later: Report) -> bool:
    """Whether the later report says in the same words of the same names what the earlier one said; numbers may differ."""
    if not earlier.names or not earlier.words:
        return (earlier.names, earlier.words, earlier.numbers) == (later.names, later.words, later.numbers)
    words = len(earlier.words & later.words) / min(len(earlier.words), len(later.words) or 1)
    return earlier.names == later.names and words >= _RETOLD


def same(head: Linear, rows: Sequence[Mapping[str, float]]) -> NDArray[np.float32]:
    """The chance that each pair of reports tells of one event, shape (n,)."""
    scores = head.scores(rows)[:, 0]
    return softmax(np.column_stack((scores, np.zeros_like(scores))))[:, 0]


def updated(first: CodedText, later: CodedText) -> CodedText:
    """The first report with the toll that a later one gives; unchanged when that says nothing new."""
    if later.deaths is None or (first.deaths is not None and later.deaths <= first.deaths):
        return first
    return replace(first, deaths=later.deaths)


def _likeness(seen: Mapping[str, float]) -> float:
    return seen["names of the shorter"] + seen["words of the shorter"]
