"""The words of the house: frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

HORIZONS = (7, 30, 90, 180, 365)
"""The horizons, in days, that training and reports use."""

MAX_HORIZON = 365


class Outcome(StrEnum):
    """How a truce ended, or that it has not. The order of the first three is the order of causes everywhere."""

    BROKE = "broke"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    ONGOING = "ongoing"
    UNKNOWN = "unknown"
    """The fate cannot be established: said by whoever coded the truce."""
    VOID = "void"
    """It never took effect, or the rule at hand cannot decide it: said by a rule, and by a register that codes it."""


CAUSES = (Outcome.BROKE, Outcome.EXPIRED, Outcome.SUPERSEDED)
"""The competing ends, in the order of the last axis of every cumulative incidence."""

UNSETTLED = (Outcome.UNKNOWN, Outcome.VOID)
"""Of these nothing is learned, none is scored, and none is forecast: nobody can say whether it is in force."""

CODEBOOK = "codebook"
"""The coding of truces under the Chronicle's codebook; any other is the name of the source whose own codes they carry."""


class EventType(StrEnum):
    """PLOVER's sixteen interaction types and five domestic ones; ``none`` is no political event."""

    AGREE = "agree"
    CONSULT = "consult"
    SUPPORT = "support"
    CONCEDE = "concede"
    COOPERATE = "cooperate"
    AID = "aid"
    RETREAT = "retreat"
    REQUEST = "request"
    ACCUSE = "accuse"
    REJECT = "reject"
    THREATEN = "threaten"
    PROTEST = "protest"
    SANCTION = "sanction"
    MOBILIZE = "mobilize"
    COERCE = "coerce"
    ASSAULT = "assault"
    CABINET_CHANGE = "cabinet_change"
    LEGISLATURE_VOTE = "legislature_vote"
    ELECTION = "election"
    LEADER_CHANGE = "leader_change"
    COUP = "coup"
    NONE = "none"


class Topic(StrEnum):
    """What a legislature voted on."""

    TROOP_WITHDRAWAL = "troop_withdrawal"
    PEACE_DEAL = "peace_deal"
    USE_OF_FORCE = "use_of_force"
    OTHER = "other"


class Modality(StrEnum):
    """Whether it happened. A called-for or expected act is hypothetical."""

    ACTUAL = "actual"
    THREATENED = "threatened"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"


class TruceRole(StrEnum):
    """What an event means for a truce: it is agreed, declared over, violated, prolonged or talked about."""

    START = "start"
    BREAK = "break"
    VIOLATION = "violation"
    EXTEND = "extend"
    TALKS = "talks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truce:
    """One truce, with the columns of the Chronicle's codebook; lists are tuples, empty cells are ``None``."""

    truce_id: str
    name: str
    iso3: tuple[str, ...]
    side_a: tuple[str, ...]
    side_b: tuple[str, ...]
    effective_date: date
    ucdp_dyad: tuple[str, ...] = ()
    form: str = "declared"
    sidedness: str = "mutual"
    mediator: tuple[str, ...] = ()
    written: str = "unknown"
    scope: str = "full"
    purpose: str = "other"
    monitored: str = "unknown"
    conditions: tuple[str, ...] = ()
    start_precision: str = "day"
    scheduled_end: date | None = None
    first_violation: date | None = None
    outcome: Outcome = Outcome.ONGOING
    end_date: date | None = None
    end_precision: str | None = None
    breaker: str | None = None
    evidence_start: tuple[str, ...] = ()
    evidence_end: tuple[str, ...] = ()
    ccd: str | None = None
    confidence: str | None = None
    notes: str | None = None
    start_tier: str | None = None
    end_tier: str | None = None
    conflict: str = ""
    """The theatre by which truces are grouped; the first country when nobody named one."""
    start_known_at: datetime | None = None
    end_known_at: datetime | None = None
    observed_to: date | None = None
    """The last day to which this truce was followed, however it ended: an ongoing one is censored there."""
    coding: str = CODEBOOK
    """Under whose rules start and end were coded."""
    ids: tuple[str, ...] = ()
    """What the field's registers call it, as ``scheme:value``; see ``truce.registers``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One coded event: a fact with two clocks of the world. ``stored_at`` belongs to the row, not to the fact."""

    event_id: str
    type: EventType
    modality: Modality
    occurred_on: date
    known_at: datetime
    source: str
    secondary: EventType | None = None
    topic: Topic | None = None
    actor: str | None = None
    target: str | None = None
    iso3: tuple[str, ...] = ()
    deaths: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    source_ref: str | None = None
    truce_id: str | None = None
    """Set when whoever coded the event tied it to one truce."""
    began_on: date | None = None
    """The first day it may have happened on, when that is known to the span of some days only; ``occurred_on`` is the last."""
    truce_role: TruceRole | None = None
    ids: tuple[str, ...] = ()
    """The parties, dyad and conflict in the field's registers, as ``scheme:value``; see ``truce.registers``."""
    retracted_at: datetime | None = None
    """From this moment on the world knew it to be wrong; ``None`` while it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonForecast:
    """The chances over (t, t + days]; the four that are not the baseline sum to 1."""

    days: int
    p_breakdown: float
    p_expired: float
    p_superseded: float
    p_holds: float
    p_baseline: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """Which fitted model spoke, and how much of the past it had seen."""

    name: str
    version: str
    family: str
    run_id: str | None
    trained_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What was said about one truce at one moment, by one model, from one state of the data."""

    forecast_id: str
    truce_id: str
    as_of: datetime
    issued_at: datetime
    age_days: int
    rule: str
    hindcast: bool
    model: ModelName
    horizons: tuple[HorizonForecast, ...]
    archived: bool = False
    attribution: tuple[str, ...] = field(default=())
