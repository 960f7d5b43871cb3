"""How often the coder is right: measured on bullets that took no part in fitting it, with counts and intervals."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix, f1_score
from statsmodels.stats.proportion import proportion_confint

from models.event_coder import CodedText, EventCoder, Text
from models.same_event import LEAST, is_retold, report_of, same
from models.text.sameness import features
from training.fitting.event_coder import is_named
from training.labels.reader import Label, Labelled, Pair
from truce.vocabulary import EventType, Topic

LEAST_LABELS = 8
"""Types with fewer labels in all of gold are left out of macro-F1."""
_DRAWS = 2000
_TROOPS = (Topic.TROOP_WITHDRAWAL, Topic.USE_OF_FORCE)
_CONCILIATORY = (EventType.AGREE, EventType.CONCEDE, EventType.SUPPORT, EventType.COOPERATE, EventType.RETREAT)

Kind = Callable[[str, str], bool]

KINDS: dict[str, Kind] = {
    "cabinet reshuffles": lambda kind, _: kind == EventType.CABINET_CHANGE,
    "parliamentary votes on foreign troops": lambda kind, topic: (
        kind == EventType.LEGISLATURE_VOTE and topic in _TROOPS
    ),
    "threatening statements": lambda kind, _: kind == EventType.THREATEN,
    "conciliatory statements": lambda kind, _: kind in _CONCILIATORY,
}
"""The event kinds that the project began with, by type and topic."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with a 95 % Wilson interval."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.right / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, Wilson."""
        if not self.of:
            return float("nan"), float("nan")
        low, high = proportion_confint(self.right, self.of, method="wilson")
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Found:
    """Precision and recall of one class."""

    name: str
    precision: Share
    recall: Share

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 when nothing was right."""
        total = self.precision.of + self.recall.of
        return 2 * self.recall.right / total if total else float("nan")


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled text as the coder codes it, and as it would if it knew that it is political."""

    one: Labelled
    coded: CodedText
    political: CodedText


def judge(coder: EventCoder, labelled: Sequence[Labelled]) -> list[Judged]:
    """Code labelled texts."""
    texts = [one.text for one in labelled]
    pairs = zip(labelled, coder.code_all(texts), coder.code_all(texts, political=True), strict=True)
    return [Judged(*row) for row in pairs]


def share(judged: Iterable[Judged], counts: Callable[[Judged], bool], right: Callable[[Judged], bool]) -> Share:
    """How many of those that count are right."""
    rows = [right(one) for one in judged if counts(one)]
    return Share(sum(rows), len(rows))


def accuracy(judged: Sequence[Judged]) -> Share:
    """The type is right, ``none`` included."""
    return share(judged, lambda _: True, lambda j: j.coded.type == j.one.label.primary)


def macro_f1(judged: Sequence[Judged], types: Sequence[str]) -> tuple[float, tuple[float, float]]:
    """Macro-F1 over ``types``, with a 95 % bootstrap interval over texts."""
    truth = np.array([j.one.label.primary for j in judged])
    said = np.array([j.coded.type.value for j in judged])
    score = float(f1_score(truth, said, labels=list(types), average="macro", zero_division=0))
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(_DRAWS):
        rows = rng.integers(0, len(truth), len(truth))
        draws.append(_macro(truth[rows], said[rows], types))
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return score, (float(low), float(high))


def _macro(
    truth: np.ndarray[tuple[int], np.dtype[np.str_]],
    said: np.ndarray[tuple[int], np.dtype[np.str_]],
    types: Sequence[str],
) -> float:
    """Macro-F1 over the types that a draw holds."""
    scores = []
    for kind in types:
        both, either = np.sum((truth == kind) & (said == kind)), np.sum(truth == kind) + np.sum(said == kind)
        if np.any(truth == kind):
            scores.append(2 * both / either)
    return float(np.mean(scores))


def common_types(labelled: Iterable[Labelled]) -> list[str]:
    """The types with at least ``LEAST_LABELS`` labels, in the vocabulary's order."""
    primaries = [one.label.primary for one in labelled]
    return [kind.value for kind in EventType if primaries.count(kind.value) >= LEAST_LABELS]


def by_type(judged: Sequence[Judged]) -> list[Found]:
    """Precision and recall of every type that was labelled or coded."""
    present = {j.one.label.primary for j in judged} | {j.coded.type.value for j in judged}
    return [_found(kind.value, judged, _of_type(kind)) for kind in EventType if kind.value in present]


def by_kind(judged: Sequence[Judged]) -> list[Found]:
    """Precision and recall of the kinds that the project began with."""
    return [_found(name, judged, kind) for name, kind in KINDS.items()]


def _of_type(wanted: EventType) -> Kind:
    return lambda kind, _: kind == wanted


def _found(name: str, judged: Sequence[Judged], belongs: Kind) -> Found:
    def labelled(one: Judged) -> bool:
        return belongs(one.one.label.primary, one.one.label.topic)

    def coded(one: Judged) -> bool:
        return belongs(one.coded.type.value, one.coded.topic or "")

    return Found(name, share(judged, coded, labelled), share(judged, labelled, coded))


def is_political(judged: Judged) -> bool:
    """Labelled as a political event."""
    return judged.one.label.primary != EventType.NONE


def confusion(judged: Sequence[Judged]) -> tuple[list[str], list[list[int]]]:
    """The types in order, and counts: rows as labelled, columns as coded."""
    present = {j.one.label.primary for j in judged} | {j.coded.type.value for j in judged}
    types: list[str] = [str(kind.value) for kind in EventType if kind.value in present]
    counts = confusion_matrix([j.one.label.primary for j in judged], [j.coded.type.value for j in judged], labels=types)
    return types, [[int(count) for count in row] for row in counts]


def roles(coder: EventCoder, judged: Sequence[Judged]) -> tuple[Share, Share]:
    """Actor and target are the phrases that the labels name, for political texts whose labels name one."""
    actors: list[bool] = []
    targets: list[bool] = []
    for one in filter(is_political, judged):
        reading = coder.read(one.one.text)
        found = coder.phrases(reading)
        actor, target = coder.roles(found, reading, one.political.type)
        for chosen, name, rows in ((actor, one.one.label.actor, actors), (target, one.one.label.target, targets)):
            if name:
                rows.append(chosen is not None and is_named(found[chosen], name))
    return Share(sum(actors), len(actors)), Share(sum(targets), len(targets))


def agreement(second: Sequence[Labelled], gold: Sequence[Labelled]) -> dict[str, Share]:
    """How far a second labelling of gold bullets agrees with the first."""
    first = {(one.text.day, one.text.text): one.label for one in gold}
    pairs = [(first[key], one.label) for one in second if (key := (one.text.day, one.text.text)) in first]
    told = [(a, b) for a, b in pairs if EventType.NONE not in (a.primary, b.primary)]
    return {
        "type": _alike(pairs, lambda label: label.primary),
        "first country": _alike([p for p in told if p[0].iso3], lambda label: label.iso3[:1]),
        "deaths": _alike([p for p in told if p[0].deaths], lambda label: label.deaths),
        "truce role": _alike(pairs, lambda label: label.truce),
    }


def _alike(pairs: Sequence[tuple[Label, Label]], of: Callable[[Label], object]) -> Share:
    return Share(sum(of(a) == of(b) for a, b in pairs), len(pairs))


def same_events(coder: EventCoder, pairs: Sequence[Pair]) -> Found:
    """Whether two reports are one event, on pairs of one kind and country a few days apart."""
    truth, said = [], []
    for pair in pairs:
        earlier, later = (report_of(coder, text, coder.code(*text)) for text in (pair.earlier, pair.later))
        chance = same(coder.heads["same"], [features(earlier, later)])[0]
        said.append(is_retold(earlier, later) or bool(chance >= LEAST))
        truth.append(pair.same)
    both = sum(a and b for a, b in zip(truth, said, strict=True))
    return Found("same event", Share(both, sum(said)), Share(both, sum(truth)))


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence of our own that tests polarity, negation and modality, and what was made of it."""

    author: str
    group: str
    type: str
    modality: str
    text: str
    coded: CodedText

    @property
    def right(self) -> bool:
        """The modality is right, and the text was seen to tell of an event."""
        return self.coded.type is not EventType.NONE and self.coded.modality == self.modality


def cases(coder: EventCoder, path: Path) -> list[Case]:
    """The cases of a file (author, class, type, secondary, modality, text), coded."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    coded = coder.code_all(Text(row["text"], _WRITTEN) for row in rows)
    return [
        Case(r["author"], r["class"], r["type"], r["modality"], r["text"], one)
        for r, one in zip(rows, coded, strict=True)
    ]


_WRITTEN = date(2023, 6, 1)
