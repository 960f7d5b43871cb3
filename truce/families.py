"""The kinds of events that forecasts may lean on, and the windows and scopes in which they are counted: declared as data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truce.columns import EventColumns
from truce.vocabulary import EventType, Modality, Topic

WINDOWS = (7, 30, 90, 365)
SCOPES = ("sides", "by_side", "on_side", "patron", "country")
"""How closely an event must bear on the truce. What happens to a neighbour is linked for people to see, and is no feature yet."""

UNCOUNTED_SOURCES = ("ucdp-ged", "acled", "gdelt", "icews", "polecat", "reign")
"""Feeds whose events are evidence for rules and people, and no event family counts them: the features were declared on coded news and
on what users send, and one attack told by four feeds is one attack. What a rule of fighting goes by, the group ``violence`` counts."""


@dataclass(frozen=True, slots=True)
class EventFamily:
    """A kind of event the forecast may lean on: which coded events belong to it, and whether their deaths are counted."""

    name: str
    types: tuple[EventType, ...]
    modalities: tuple[Modality, ...] = (Modality.ACTUAL,)
    topics: tuple[Topic, ...] = ()
    deaths: bool = False


EVENT_FAMILIES = (
    EventFamily("attacks", (EventType.ASSAULT,), deaths=True),
    EventFamily("cabinet_changes", (EventType.CABINET_CHANGE,)),
    EventFamily("withdrawal_votes", (EventType.LEGISLATURE_VOTE,), topics=(Topic.TROOP_WITHDRAWAL,)),
    EventFamily("threats", (EventType.THREATEN,), (Modality.ACTUAL, Modality.THREATENED)),
    EventFamily(
        "conciliatory_words",
        (EventType.AGREE, EventType.CONCEDE, EventType.SUPPORT, EventType.COOPERATE, EventType.RETREAT),
    ),
    EventFamily("talks", (EventType.CONSULT,)),
    EventFamily("elections", (EventType.ELECTION,)),
    EventFamily("leader_changes", (EventType.LEADER_CHANGE, EventType.COUP)),
)


def members_of(events: EventColumns, family: EventFamily) -> NDArray[np.bool_]:
    """Which of m events belong to a family, shape (m,)."""
    chosen = np.isin(events.type, [t.value for t in family.types])
    chosen &= np.isin(events.modality, [m.value for m in family.modalities])
    if family.topics:
        chosen &= np.isin(events.topic, [t.value for t in family.topics])
    return chosen
