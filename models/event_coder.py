"""Plain text -> one coded political event: who did what to whom, where, how many died, and what it means for a truce.

What is fitted and kept is numbers: names with the country they stand for, and the weights of linear models over the
wording. This file says in which order they are asked. NumPy only; nothing is downloaded or fitted here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.text import adding, countries, deaths, modality, phrases, roles, topics
from models.text.lexicon import Lexicon, arrays_of, gazetteer, lexicon_of, states
from models.text.linear import Linear, softmax
from models.text.phrases import Phrase
from models.text.reading import Reader, Reading
from models.text.wording import Wording
from truce.errors import BadInput
from truce.identity import natural_id
from truce.vocabulary import Event, EventType, Modality, Topic, TruceRole

FORMAT = 3
HEADS = ("type", "topic", "modality", "truce", "sector", "country", "actor", "target", "deaths", "same")
"""The linear models of an artifact: the first five choose a class, "country" ranks, "deaths" weighs ways of adding up, the others say
yes or no to a candidate."""

_BATCH = 512
_SHORT = 100


@dataclass(frozen=True, slots=True)
class CodedText:
    """What a text says. ``type`` none means no political event; every other field is then empty."""

    type: EventType
    modality: Modality = Modality.ACTUAL
    secondary: EventType | None = None
    topic: Topic | None = None
    iso3: tuple[str, ...] = ()
    actor: str | None = None
    target: str | None = None
    actor_sector: str | None = None
    deaths: int | None = None
    truce: str | None = None
    """start, break, violation, extend or talks; None when it is about no truce."""


NOTHING = CodedText(EventType.NONE)


class Text(NamedTuple):
    """A text with the day on which it was written and the heading it stood under, empty when unknown."""

    text: str
    day: date
    category: str = ""


class EventCoder:
    """A fitted coder. Not to be changed after it is made."""

    def __init__(
        self, version: str, lexicon: Lexicon, heads: Mapping[str, Linear], thresholds: Mapping[str, float]
    ) -> None:
        """Put a coder together.

        Args:
            version: goes into the source of every event.
            lexicon: names and words.
            heads: a model for each of ``HEADS``.
            thresholds: ``second`` (the least chance of a secondary type), ``actor``, ``target``, ``deaths``.
        """
        self.version = version
        self.lexicon = lexicon
        self.heads = dict(heads)
        self.thresholds = dict(thresholds)
        self.states = states(lexicon)
        self.reader = Reader(gazetteer(lexicon), lexicon.words)
        self.wording = Wording(lexicon.words, lexicon.verbs, lexicon.listed)

    @classmethod
    def load(cls) -> Self:
        """The coder that this package carries; read once a process."""
        return cls.parse(_carried())

    @classmethod
    def parse(cls, blob: bytes) -> Self:
        """The coder of an artifact's bytes. Raises BadInput for another format."""
        with np.load(io.BytesIO(blob)) as arrays:
            held = {name: arrays[name] for name in arrays.files}
        about = json.loads(held["about"].tobytes())
        if about["format"] != FORMAT:
            raise BadInput(f"an event coder of format {about['format']}: this code reads {FORMAT}", code="bad_format")
        return cls(
            about["version"],
            lexicon_of(about, held),
            {name: Linear.load(held, name) for name in HEADS},
            about["thresholds"],
        )

    def dump(self) -> bytes:
        """The artifact: one compressed archive of arrays, the same bytes for the same coder."""
        about = {
            "format": FORMAT,
            "version": self.version,
            "thresholds": self.thresholds,
            "countries": self.lexicon.countries,
            "nothing": list(self.lexicon.nothing),
            "listed": self.lexicon.listed,
        }
        arrays: dict[str, NDArray[np.generic]] = {
            "about": np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
        }
        arrays |= arrays_of(self.lexicon)
        for name, head in self.heads.items():
            arrays |= head.dump(name)
        out = io.BytesIO()
        np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # its stub takes the first name for allow_pickle
        return out.getvalue()

    def check(self, text: str) -> None:
        """Refuse a text that is not one English report. Raises BadInput: no_text, too_short, too_long, not_english."""
        self.reader.check(text)

    def code(self, text: str, day: date, category: str = "") -> CodedText:
        """Code one text, as ``code_all``."""
        return self.code_all([Text(text, day, category)])[0]

    def code_all(self, texts: Iterable[Text], *, political: bool = False) -> list[CodedText]:
        """Code texts: one or a few sentences each, perhaps with their sources in parentheses at the end. In order.

        Args:
            texts: any number; they are coded by the hundred.
            political: that each of them is about a political event is known, so that ``none`` is no answer.
        """
        coded: list[CodedText] = []
        batch: list[Text] = []
        for text in texts:
            batch.append(text)
            if len(batch) == _BATCH:
                coded += self._batch(batch, political=political)
                batch = []
        return coded + self._batch(batch, political=political)

    def read(self, text: Text) -> Reading:
        """The reading on which the coding of a text rests."""
        return self.reader.read(text.text, text.category)

    def phrases(self, reading: Reading) -> list[Phrase]:
        """The phrases that may act or be acted upon."""
        return phrases.phrases(reading, self.states, self.lexicon.words)

    def roles(self, found: Sequence[Phrase], reading: Reading, kind: EventType) -> tuple[int | None, int | None]:
        """The places among ``found`` of the phrase that acts and of the one acted upon."""
        rows = [roles.features(phrase, order, reading, kind) for order, phrase in enumerate(found)]
        acts, suffers = (self._yes(head, rows) for head in ("actor", "target"))
        actor = roles.best(acts, self.thresholds["actor"])
        return actor, roles.best(suffers, self.thresholds["target"], taken=actor)

    def _batch(self, texts: Sequence[Text], *, political: bool) -> list[CodedText]:
        readings = [self.read(text) for text in texts]
        telling = [at for at, reading in enumerate(readings) if political or not reading.bullet.heading]
        wordings = [self.wording.features(readings[at]) for at in telling]
        coded = [NOTHING] * len(texts)
        chances = self.heads["type"].chances(wordings)
        if political:
            chances[:, self.heads["type"].classes.index(EventType.NONE)] = 0.0
        for at, worded, row in zip(telling, wordings, chances, strict=True):
            coded[at] = self._one(texts[at], readings[at], worded, row)
        return coded

    def _one(self, text: Text, reading: Reading, worded: dict[str, float], chances: NDArray[np.float32]) -> CodedText:
        kind, secondary = self._types(chances)
        if kind is EventType.NONE:
            return NOTHING
        found = self.phrases(reading)
        actor, target = self.roles(found, reading, kind)
        fallen = self._deaths(found, reading, kind)
        acting = None if actor is None else found[actor]
        return CodedText(
            type=kind,
            modality=self._modality(kind, worded, reading, text.day),
            secondary=secondary,
            topic=Topic(self._choice("topic", topics.features(worded, reading)))
            if kind is EventType.LEGISLATURE_VOTE
            else None,
            iso3=self._countries(reading, kind, text.day),
            actor=None if acting is None else acting.party or roles.short(acting)[:_SHORT],
            target=None if target is None else found[target].party or roles.short(found[target])[:_SHORT],
            actor_sector="UNK" if acting is None else self._choice("sector", roles.described(acting)),
            deaths=fallen,
            truce=self._truce(kind, worded, reading),
        )

    def _types(self, chances: NDArray[np.float32]) -> tuple[EventType, EventType | None]:
        head = self.heads["type"]
        first, second = np.argsort(-chances)[:2]
        other = EventType(head.classes[second])
        named = chances[second] >= self.thresholds["second"] and other is not EventType.NONE
        return EventType(head.classes[first]), other if named else None

    def _choice(self, head: str, features: dict[str, float]) -> str:
        model = self.heads[head]
        return model.classes[int(np.argmax(model.scores([features])[0]))]

    def _modality(self, kind: EventType, worded: dict[str, float], reading: Reading, day: date) -> Modality:
        if kind is EventType.THREATEN:
            return Modality.THREATENED
        if kind is EventType.REQUEST:
            return Modality.HYPOTHETICAL
        return Modality(self._choice("modality", modality.features(kind, worded, reading, day)))

    def _truce(self, kind: EventType, worded: dict[str, float], reading: Reading) -> str | None:
        if not modality.speaks_of_truce(reading):
            return None
        role = self._choice("truce", modality.truce_features(kind, worded, reading))
        return None if role == "no" else role

    def _countries(self, reading: Reading, kind: EventType, day: date) -> tuple[str, ...]:
        rows = countries.candidates(reading, kind, self.lexicon.sources, day, self.lexicon.verbs)
        scores = self.heads["country"].scores(list(rows.values()))[:, 0]
        ranked = [list(rows)[at] for at in np.argsort(-scores, kind="stable")]
        return tuple(ranked[: countries.MOST])

    def _deaths(self, found: Sequence[Phrase], reading: Reading, kind: EventType) -> int | None:
        if not adding.speaks_of_killing(reading):
            return None
        rivals = adding.kept(deaths.candidates(reading, found))
        scores = self.heads["deaths"].scores(adding.rows(rivals, reading, kind))[:, 0]
        return adding.died(rivals, scores, self.thresholds["deaths"])

    def _yes(self, head: str, rows: Sequence[Mapping[str, float]]) -> list[float]:
        scores = self.heads[head].scores(rows)[:, 0]
        return [float(p) for p in softmax(np.column_stack((scores, np.zeros_like(scores))))[:, 0]] if len(rows) else []


def event_of(coded: CodedText, day: date, known_at: datetime, source: str, reference: str) -> Event:
    """The event that a text tells of. ``day`` is when it was written: news are of the day, and no other day is guessed.

    Args:
        coded: not of type none.
        day: when it happened, as far as the text can tell.
        known_at: when the world could know it.
        source: the feed and the coder's version.
        reference: what ties the event to its text.
    """
    event = Event(
        event_id="",
        type=coded.type,
        modality=coded.modality,
        occurred_on=day,
        known_at=known_at,
        source=source,
        secondary=coded.secondary,
        topic=coded.topic,
        actor=coded.actor,
        target=coded.target,
        iso3=coded.iso3,
        deaths=coded.deaths,
        source_ref=reference,
        truce_role=None if coded.truce is None else TruceRole(coded.truce),
    )
    return replace(event, event_id=natural_id(event))


@cache
def _carried() -> bytes:
    return (files("models") / "event_coder.npz").read_bytes()
