"""What comes in over HTTP about truces and forecasts, as Pydantic models with examples."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.schemas import EVENT_EXAMPLE, EventIn, Iso3, RegisterId, Text, clean, past_moment
from truce import codebook
from truce.clock import Clock, parse_day
from truce.errors import BadInput
from truce.vocabulary import CODEBOOK, MAX_HORIZON, Outcome, Truce

TRUCE_EXAMPLE: dict[str, Any] = {
    "truce_id": "irq-2023-05-desk",
    "name": "A truce that the desk follows",
    "iso3": ["IRQ"],
    "side_a": ["Government of United States"],
    "side_b": ["Kataib Hezbollah"],
    "effective_date": "2023-05-01",
    "sidedness": "unilateral",
}
BATCH_EXAMPLES: dict[str, Any] = {
    "stored": {
        "as_of": "2023-04-28",
        "horizons": [7, 30],
        "items": [
            {"truce_id": "irq-2022-10-resistance-lull"},
            {"truce_id": "irq-2022-10-resistance-lull", "as_of": "2023-01-31"},
        ],
    },
    "inline": {
        "as_of": "2023-06-30",
        "items": [{"truce": TRUCE_EXAMPLE, "events": [EVENT_EXAMPLE], "beside": "stored"}],
    },
}
MAX_ITEMS = 10_000
_NOT_NULL = frozenset({
    "name", "form", "sidedness", "written", "scope", "purpose", "monitored", "start_precision", "conflict", "iso3",
})  # fmt: skip

TruceId = Annotated[str, Field(pattern=codebook.ID_FORM, examples=["irq-2022-10-resistance-lull"])]
Day = Annotated[str, Field(examples=["2023-04-28"], max_length=10)]
Words = Annotated[list[Text], Field(max_length=20)]
Horizon = Annotated[int, Field(ge=1, le=MAX_HORIZON, strict=True)]
AsOfIn = Annotated[str, Field(max_length=40, examples=["2023-04-28"])]


class TruceChange(BaseModel):
    """Columns of the codebook. What is left out stays as it is; null empties a column."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = None
    iso3: Annotated[list[Iso3], Field(max_length=20)] | None = None
    side_a: Words | None = None
    side_b: Words | None = None
    ucdp_dyad: Words | None = None
    form: Literal[*codebook.WORDS["form"]] | None = None  # type: ignore[valid-type]
    sidedness: Literal[*codebook.WORDS["sidedness"]] | None = None  # type: ignore[valid-type]
    mediator: Words | None = None
    written: Literal[*codebook.WORDS["written"]] | None = None  # type: ignore[valid-type]
    scope: Literal[*codebook.WORDS["scope"]] | None = None  # type: ignore[valid-type]
    purpose: Literal[*codebook.WORDS["purpose"]] | None = None  # type: ignore[valid-type]
    monitored: Literal[*codebook.WORDS["monitored"]] | None = None  # type: ignore[valid-type]
    conditions: list[Literal[*codebook.CONDITIONS]] | None = None  # type: ignore[valid-type]
    start_precision: Literal[*codebook.WORDS["start_precision"]] | None = None  # type: ignore[valid-type]
    scheduled_end: Day | None = None
    first_violation: Day | None = None
    evidence_start: Words | None = None
    ccd: Text | None = None
    confidence: Literal[*codebook.WORDS["confidence"]] | None = None  # type: ignore[valid-type]
    notes: Annotated[str, Field(max_length=1000), AfterValidator(clean)] | None = None
    conflict: Text | None = None
    ids: Annotated[list[RegisterId], Field(max_length=20)] | None = None
    observed_to: Annotated[
        Day | None, Field(description="The last day to which somebody watched it; null while you watch it on yourself.")
    ] = None

    def columns(self, clock: Clock) -> dict[str, Any]:
        """The columns that were given, as the vocabulary has them. Raises BadInput for an impossible or future date."""
        del clock
        given = self.model_dump(include=set(TruceChange.model_fields) & self.model_fields_set)
        return {name: _column(name, value) for name, value in given.items()}


def _column(name: str, value: Any) -> Any:
    if value is None and name in _NOT_NULL:
        raise BadInput(f"{name} cannot be null", code="bad_truce")
    if name in ("scheduled_end", "first_violation", "observed_to"):
        return None if value is None else parse_day(value)
    lists = ("iso3", "side_a", "side_b", "ucdp_dyad", "mediator", "conditions", "evidence_start", "ids")
    return tuple(dict.fromkeys(value or ())) if name in lists else value


class TruceIn(TruceChange):
    """A truce as it is sent; one that has ended carries its outcome and end."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [TRUCE_EXAMPLE]})

    truce_id: TruceId
    iso3: Annotated[list[Iso3], Field(min_length=1, max_length=20)]
    side_a: Annotated[list[Text], Field(min_length=1, max_length=20)]
    side_b: Annotated[list[Text], Field(min_length=1, max_length=20)]
    effective_date: Day
    outcome: Outcome = Outcome.ONGOING
    end_date: Day | None = None
    end_precision: Literal[*codebook.WORDS["end_precision"]] | None = None  # type: ignore[valid-type]
    breaker: Literal[*codebook.WORDS["breaker"]] | None = None  # type: ignore[valid-type]
    evidence_end: Words = []
    start_known_at: AsOfIn | None = None
    end_known_at: AsOfIn | None = None
    coding: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = CODEBOOK

    def as_truce(self, clock: Clock) -> Truce:
        """The truce, with what nobody said derived. Raises BadInput when its dates contradict each other or lie in the future."""
        truce = Truce(
            **{"name": self.truce_id, **self.columns(clock)},
            truce_id=self.truce_id,
            effective_date=parse_day(self.effective_date),
            outcome=self.outcome,
            end_date=_day(self.end_date),
            end_precision=self.end_precision,
            breaker=self.breaker,
            evidence_end=tuple(self.evidence_end),
            start_known_at=None
            if self.start_known_at is None
            else past_moment("start_known_at", self.start_known_at, clock),
            end_known_at=None if self.end_known_at is None else past_moment("end_known_at", self.end_known_at, clock),
            coding=self.coding,
        )
        truce = codebook.with_clocks(truce)
        codebook.check_order(truce, clock().date())
        return truce


def _day(text: str | None) -> date | None:
    return None if text is None else parse_day(text)


class TrucePatch(TruceChange):
    """A correction, known from now on; or an end, when ``outcome`` and ``end_date`` are given with why and where it is reported."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"outcome": "broke", "end_date": "2023-10-17", "why": "Attacks on bases resumed", "source": "desk"},
                {"scheduled_end": "2023-12-31"},
                {"observed_to": "2023-09-30"},
            ]
        },
    )

    outcome: Literal["broke", "expired", "superseded"] | None = None
    end_date: Day | None = None
    why: Text | None = None
    source: Text | None = None


class Item(BaseModel):
    """One question of a batch: a stored truce by its id, or a truce with its events inline."""

    model_config = ConfigDict(extra="forbid")

    truce_id: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(clean)] | None = None
    truce: TruceIn | None = None
    events: Annotated[list[EventIn], Field(max_length=MAX_ITEMS)] = []
    beside: Annotated[
        Literal["nothing", "stored"],
        Field(description="What an inline truce stands beside: nothing but its events, or all that is stored too."),
    ] = "nothing"
    as_of: AsOfIn | None = None
    horizons: Annotated[list[Horizon], Field(min_length=1, max_length=MAX_HORIZON)] | None = None


class BatchIn(BaseModel):
    """Questions, with the as-of moment and the horizons of those that name none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": list(BATCH_EXAMPLES.values())})

    items: Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)]
    as_of: AsOfIn | None = None
    horizons: Annotated[list[Horizon], Field(min_length=1, max_length=MAX_HORIZON)] | None = None
