"""What goes out over HTTP, as Pydantic models: they describe the answers for OpenAPI and the clients made from it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class HorizonOut(BaseModel):
    """The chances over (as_of, as_of + days]; the four that are not the baseline sum to 1."""

    days: int
    p_breakdown: float
    interval: list[float] | None
    p_expired: float
    p_superseded: float
    p_holds: float
    p_baseline: float


class ModelOut(BaseModel):
    """Which fitted model spoke, and how much of the past it had seen."""

    name: str
    version: str
    family: str
    run_id: str | None
    trained_to: str


class SourceOut(BaseModel):
    """A source of events, its latest news, and whether it has been silent for twice its cadence (null where none is expected)."""

    name: str
    last_known_at: str
    age_days: int
    stale: bool | None


class ForecastOut(BaseModel):
    """A forecast. Keys are always present; what the model cannot say is null."""

    forecast_id: str
    archived: bool
    truce_id: str
    as_of: str
    issued_at: str
    age_days: int
    rule: str
    hindcast: bool
    model: ModelOut
    horizons: list[HorizonOut]
    drivers: list[dict[str, Any]] | None
    sources: list[SourceOut]
    reliability: dict[str, Any] | None
    attribution: list[str]


class Refusal(BaseModel):
    """A truce that has no forecast, with the code and the reason; ``n`` is the place of the question in a batch."""

    n: int | None = None
    truce_id: str
    code: str
    detail: str


class BatchOut(BaseModel):
    """Forecasts in the order asked, and the questions refused."""

    forecasts: list[ForecastOut]
    refused: list[Refusal]


class Silent(BaseModel):
    """A point of a timeline that has no forecast."""

    as_of: str
    code: str
    detail: str


class TimelineOut(BaseModel):
    """One truce as it would have been forecast, day after day, by the model in use."""

    model_config = ConfigDict(populate_by_name=True)
    truce_id: str
    start: str
    stop: str
    every: str
    forecasts: list[ForecastOut]
    refused: list[Silent]


class ArchivedOut(ForecastOut):
    """A forecast in the archive's list; ``kind`` is issued, hindcast or replay."""

    kind: str


class ArchivePage(BaseModel):
    """A page of the archive."""

    forecasts: list[ArchivedOut]
    next: int | None


class TruceOut(BaseModel):
    """A truce in the codebook's columns. Of a register whose rows are not passed on, all but its name and dates is null."""

    model_config = ConfigDict(extra="allow")
    truce_id: str
    name: str
    iso3: list[str]
    side_a: list[str]
    side_b: list[str]
    effective_date: str
    start_precision: str
    conflict: str
    coding: str
    ids: list[str]
    registers: list[str]
    outcome: str | None
    end_date: str | None
    scheduled_end: str | None
    first_violation: str | None
    start_known_at: str | None
    end_known_at: str | None
    observed_to: str | None
    withheld: str | None


class TrucePage(BaseModel):
    """A page of truces."""

    truces: list[TruceOut]
    next: str | None


class EventOut(BaseModel):
    """An event. Of a source whose rows are not passed on, all but its id and source is null."""

    event_id: str
    type: str | None
    modality: str | None
    occurred_on: str | None
    known_at: str | None
    source: str
    secondary: str | None
    topic: str | None
    actor: str | None
    target: str | None
    iso3: list[str] | None
    deaths: int | None
    latitude: float | None
    longitude: float | None
    source_ref: str | None
    truce_id: str | None
    began_on: str | None
    truce_role: str | None
    ids: list[str] | None
    retracted_at: str | None
    registers: list[str] | None
    withheld: str | None


class EventPage(BaseModel):
    """A page of events, in the order they were stored."""

    events: list[EventOut]
    next: int | None


class BearsOn(BaseModel):
    """How closely an event bears on a truce, why, and with what weight."""

    scope: str
    why: str
    weight: float


class LinkedEventOut(EventOut):
    """An event with how it bears on the truce."""

    link: BearsOn


class LinkedEvents(BaseModel):
    """The latest events that bear on a truce, newest last, and how many there are; ``next`` asks for those before them."""

    scope: str
    scopes: list[str]
    total: int
    events: list[LinkedEventOut]
    next: str | None


class Retracted(BaseModel):
    """What is taken back, from when on and why: of two retractions the first one stands."""

    event_id: str
    retracted: bool
    known_at: str
    why: str


class TruceCounts(BaseModel):
    """What a write of truces did."""

    new: int
    changed: int
    unchanged: int
    truce_ids: list[str]


class PublishedOut(BaseModel):
    """A model in the store."""

    name: str
    version: str
    family: str
    rule: str
    trained_to: str
    run_id: str | None
    published_at: str


class ModelPage(BaseModel):
    """A page of models, oldest first, and what the aliases point at."""

    aliases: dict[str, str | None]
    models: list[PublishedOut]
    next: int | None


class Refreshed(BaseModel):
    """What looking again did: aliases moved by hand in MLflow, and whether another model is in use now."""

    moved: list[str]
    swapped: bool
    version: str
    trouble: str | None


class Predictions(BaseModel):
    """What `mlflow models serve` answers."""

    predictions: list[dict[str, float]]
