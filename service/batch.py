"""Many questions at once: stored truces, archived as each alone would be, and truces sent with their events, of which nothing is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from pydantic import ValidationError

from service.forecasting import GROUP, Forecaster, Inline, checked_horizons
from service.requests import MAX_ITEMS, BatchIn, Item
from service.schemas import EventIn
from service.shelf import Shelved
from service.standing import before_start, refuse_unless_in_force
from truce.clock import Clock, resolve_as_of, start_of
from truce.columns import EventColumns
from truce.errors import BadInput, TrucecastError
from truce.history import History, as_believed
from truce.identity import canonical
from truce.vocabulary import Event

CHUNK = GROUP
"""Questions that are answered at a time when the answers are streamed."""
_SENT = 500
"""Truces sent along that are worked out at a time: each has a history of its own."""


class Told(NamedTuple):
    """An answer in its place: a forecast as JSON text, or why there is none."""

    n: int
    truce_id: str
    forecast: str | None
    refused: TrucecastError | None

    def refusal(self) -> dict[str, Any]:
        """The refusal as it is sent."""
        assert self.refused is not None
        return {"n": self.n, "truce_id": self.truce_id, "code": self.refused.code, "detail": self.refused.detail}


class Question(NamedTuple):
    """A readable item: which truce, as of when, for which horizons."""

    n: int
    item: Item
    moment: datetime
    days: tuple[int, ...]

    @property
    def truce_id(self) -> str:
        """Of whichever truce it asks."""
        return self.item.truce_id or (self.item.truce.truce_id if self.item.truce else "")


class Batch:
    """Answers to many questions, by one model."""

    def __init__(self, forecaster: Forecaster, shelved: Shelved, clock: Clock, *, drivers: bool = True) -> None:
        self._drivers = drivers
        self._forecaster = forecaster
        self._shelved = shelved
        self._clock = clock

    def all(
        self, asked: Sequence[tuple[int, Item]], as_of: str | None = None, days: Sequence[int] | None = None
    ) -> list[Told]:
        """An answer to each item, in order; a refusal of one stops no other."""
        told: list[Told] = []
        stored: dict[tuple[int, ...], list[Question]] = {}
        inline: list[Question] = []
        moment_of = lru_cache(maxsize=None)(partial(resolve_as_of, clock=self._clock))
        for n, item in asked:
            try:
                question = self._question(n, item, moment_of(item.as_of or as_of), days)
                if item.truce is None:
                    stored.setdefault(question.days, []).append(question)
                else:
                    inline.append(question)
            except TrucecastError as refusal:
                told.append(Told(n, item.truce_id or (item.truce.truce_id if item.truce else ""), None, refusal))
        for horizons, questions in stored.items():
            pairs = [(question.truce_id, question.moment) for question in questions]
            told += _told(questions, self._forecaster.many(self._shelved, pairs, horizons, drivers=self._drivers))
        for start in range(0, len(inline), _SENT):
            told += self._sent(inline[start : start + _SENT])
        return sorted(told, key=lambda one: one.n)

    def _question(self, n: int, item: Item, moment: datetime, days: Sequence[int] | None) -> Question:
        if (item.truce_id is None) == (item.truce is None):
            raise BadInput("an item has a truce_id, or a truce with its events", code="bad_item")
        if item.truce is None and (item.events or item.beside != "nothing"):
            raise BadInput("events and beside belong to a truce sent inline", code="bad_item")
        return Question(n, item, moment, checked_horizons(item.horizons or days))

    def _sent(self, questions: Sequence[Question]) -> Iterator[Told]:
        """Answers to questions that bring their truces along, worked out together."""
        by_days: dict[tuple[int, ...], list[tuple[Question, Inline]]] = {}
        for question in questions:
            try:
                by_days.setdefault(question.days, []).append((question, self._inline(question)))
            except TrucecastError as refusal:
                yield Told(question.n, question.truce_id, None, refusal)
        for days, each in by_days.items():
            rows = [alone for _, alone in each]
            said = self._forecaster.inline(self._shelved, rows, days, drivers=self._drivers)
            yield from _told([question for question, _ in each], said)

    def _inline(self, question: Question) -> Inline:
        assert question.item.truce is not None
        truce, moment = question.item.truce.as_truce(self._clock), question.moment
        if start_of(truce.effective_date) > moment:
            raise before_start(truce, moment)
        refuse_unless_in_force(as_believed(truce, moment), moment)
        events = [_event(event, k, self._clock) for k, event in enumerate(question.item.events)]
        known = [event for event in events if event.known_at <= moment]
        sources = {event.source: event.known_at for event in sorted(known, key=lambda event: event.known_at)}
        truces, columns = [truce], EventColumns.of(events)
        if question.item.beside == "stored":
            there = self._forecaster.beside(self._shelved, truce, moment)
            truces = [truce, *(other for other in there.truces if other.truce_id != truce.truce_id)]
            columns = EventColumns.concat([there.events, columns])
        history = History.known_at(moment, truces, columns)
        known_sources = None if question.item.beside == "stored" else sorted(sources.items())
        return Inline(history, truce.truce_id, moment, known_sources)


def _told(questions: Sequence[Question], answers: Sequence[str | TrucecastError]) -> Iterator[Told]:
    for question, answer in zip(questions, answers, strict=True):
        if isinstance(answer, str):
            yield Told(question.n, question.truce_id, answer, None)
        else:
            yield Told(question.n, question.truce_id, None, answer)


def _event(sent: EventIn, k: int, clock: Clock) -> Event:
    try:
        event = sent.as_event(clock)
    except BadInput as error:
        raise BadInput(f"event {k}: {error.detail}", code="bad_event") from None
    return event if event.event_id else replace(event, event_id=f"inline-{k}")


def answer(batch: Batch, body: BatchIn) -> str:
    """The whole answer as JSON text. When every single question is refused because the sources are stale, that is the answer's own refusal.

    Raises:
        Stale: see above.
    """
    told = batch.all(list(enumerate(body.items)), body.as_of, body.horizons)
    first = told[0].refused
    if first is not None and first.code == "stale" and all(one.refused and one.refused.code == "stale" for one in told):
        raise first
    refused = canonical([one.refusal() for one in told if one.refused is not None])
    forecasts = ",".join(one.forecast for one in told if one.forecast is not None)
    return f'{{"forecasts":[{forecasts}],"refused":{refused}}}'


async def read_lines(chunks: AsyncIterator[bytes]) -> list[bytes]:
    """The lines of a body as it comes in. Raises BadInput for more lines than may be asked."""
    lines: list[bytes] = []
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        lines += [line for line in whole if line.strip()]
        if len(lines) > MAX_ITEMS:
            break
    lines += [rest] if rest.strip() else []
    if not 1 <= len(lines) <= MAX_ITEMS:
        raise BadInput(f"send 1 to {MAX_ITEMS} lines", code="bad_rows")
    return lines


def stream(batch: Batch, lines: Sequence[bytes]) -> Iterator[bytes]:
    """A line for each line, in order: its forecast, or its refusal. A line that cannot be read is refused like any other."""
    for start in range(0, len(lines), CHUNK):
        items, told = [], []
        for n, line in enumerate(lines[start : start + CHUNK], start=start):
            try:
                items.append((n, Item.model_validate_json(line)))
            except ValidationError as error:
                told.append(Told(n, "", None, unreadable(error)))
        told += batch.all(items)
        for one in sorted(told, key=lambda one: one.n):
            yield (one.forecast or canonical(one.refusal())).encode() + b"\n"


def unreadable(error: ValidationError) -> BadInput:
    """The refusal of what cannot be read, naming the place."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    return BadInput(f"{place}: {first['msg']}" if place else first["msg"], code="bad_item")
