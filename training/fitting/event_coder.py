"""The coder's heads, by scikit-learn's logistic regression over named features, from texts that people labelled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.event_coder import EventCoder, Text
from models.same_event import report_of
from models.text import adding, countries, deaths, modality, roles, sameness, topics
from models.text.lexicon import Lexicon
from models.text.linear import Linear
from models.text.phrases import Phrase
from models.text.reading import Reading
from training.fitting import adding as totals
from training.fitting import gazetteer, ranking
from training.labels.reader import SENTENCE, Label, Labelled, Pair
from truce.vocabulary import EventType, Modality, Topic

Row = Mapping[str, float]

STRENGTHS = {
    "type": 20.0,
    "topic": 1.0,
    "modality": 10.0,
    "truce": 5.0,
    "sector": 3.0,
    "country": 0.1,
    "actor": 0.5,
    "target": 0.5,
    "deaths": 0.3,
    "same": 1.0,
}
"""Inverse ridge penalties. Those of type, topic, modality, country and deaths were compared by cross-validation within the training part
while the coder was built; the others were set once."""
THRESHOLDS = {"second": 0.22, "actor": 0.2, "target": 0.12, "deaths": 0.15}
SENTENCE_WEIGHT = 8.0
"""For how many bullets a sentence written to teach modality counts there."""
NONE_HANDICAP = 1.0
"""Taken off the score of ``none``: a missed event costs its readers more than a spare one, and held-out accuracy is no worse."""
_EVENLY = frozenset({"topic"})
"""Heads whose classes weigh alike, however rare: the votes on foreign troops are few, and they are what the head is for."""
_LEAST_SEEN = 2
_MAX_STEPS = 400
_SMALL_WORDS = frozenset({"the", "a", "an", "of", "and", "in", "to", "for"})
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text with what the coder sees in it."""

    label: Label
    kind: EventType
    text: Text
    reading: Reading
    worded: Row
    phrases: tuple[Phrase, ...]
    names: bool
    """Whether its label says who acted, and on whom."""


def fit(version: str, texts: Sequence[Text], labelled: Sequence[Labelled], pairs: Sequence[Pair]) -> EventCoder:
    """Fit a coder.

    Args:
        version: its name; it goes into the source of every event.
        texts: the unlabelled feed, which teaches names.
        labelled: texts with labels, for training.
        pairs: pairs of reports, for training.
    """
    return fit_heads(version, gazetteer.fit(texts), labelled, pairs)


def fit_heads(version: str, lexicon: Lexicon, labelled: Sequence[Labelled], pairs: Sequence[Pair]) -> EventCoder:
    """Fit the heads of a coder whose names are known."""
    blank = EventCoder(version, lexicon, {}, THRESHOLDS)
    examples = [_example(blank, one) for one in labelled]
    told = [e for e in examples if e.kind is not EventType.NONE]
    heads = {
        "type": _classes("type", [(e.worded, e.kind) for e in examples], EventType),
        "topic": _classes(
            "topic", [(topics.features(e.worded, e.reading), e.label.topic) for e in told if e.label.topic], Topic
        ),
        "modality": _modality([e for e in told if _asks(e)]),
        "truce": _classes(
            "truce",
            [
                (modality.truce_features(e.kind, e.worded, e.reading), e.label.truce)
                for e in told
                if modality.speaks_of_truce(e.reading)
            ],
        ),
        "sector": _classes("sector", [pair for e in told for pair in _sectors(e)]),
        "country": _ranking("country", [group for e in told if (group := _countries(e, lexicon))]),
        "actor": _candidates("actor", [row for e in told for row in _roles(e, e.label.actor) if e.names]),
        "target": _candidates("target", [row for e in told for row in _roles(e, e.label.target) if e.names]),
        "deaths": _deaths([e for e in told if e.names]),
    }
    heads["type"].intercepts[heads["type"].classes.index(EventType.NONE)] -= NONE_HANDICAP
    coder = EventCoder(version, lexicon, heads, THRESHOLDS)
    # Reports are compared by what the coder says of them, so this head comes last.
    return EventCoder(version, lexicon, heads | {"same": _same(coder, pairs)}, THRESHOLDS)


def _same(coder: EventCoder, pairs: Sequence[Pair]) -> Linear:
    rows = []
    for pair in pairs:
        earlier, later = (report_of(coder, text, coder.code(*text)) for text in (pair.earlier, pair.later))
        rows.append((sameness.features(earlier, later), pair.same))
    return _candidates("same", rows)


def is_named(phrase: Phrase, name: str) -> bool:
    """Whether a phrase is the one that a label names: at least half of the words of the shorter one are shared."""
    ours, theirs = _words(phrase.text), _words(name)
    return bool(ours and theirs) and len(ours & theirs) >= max(1, _HALF * min(len(ours), len(theirs)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower())) - _SMALL_WORDS


def _example(blank: EventCoder, one: Labelled) -> Example:
    reading = blank.read(one.text)
    return Example(
        one.label,
        EventType(one.label.primary),
        one.text,
        reading,
        blank.wording.features(reading),
        tuple(blank.phrases(reading)),
        one.sample != SENTENCE,
    )


def _asks(example: Example) -> bool:
    return bool(example.label.modality) and example.kind not in (EventType.REQUEST, EventType.THREATEN)


def _sectors(example: Example) -> list[tuple[Row, str]]:
    acting = next(
        (phrase for phrase in example.phrases if example.label.actor and is_named(phrase, example.label.actor)), None
    )
    return [] if acting is None or not example.label.sector else [(roles.described(acting), example.label.sector)]


def _countries(example: Example, lexicon: Lexicon) -> tuple[list[Row], int] | None:
    """The candidates and which of them is the first country; None where there is no choice."""
    if not example.label.iso3:
        return None
    rows = countries.candidates(example.reading, example.kind, lexicon.sources, example.text.day, lexicon.verbs)
    if len(rows) == 1 or example.label.iso3[0] not in rows:
        return None
    return list(rows.values()), list(rows).index(example.label.iso3[0])


def _roles(example: Example, name: str) -> list[tuple[Row, bool]]:
    return [
        (roles.features(phrase, order, example.reading, example.kind), bool(name) and is_named(phrase, name))
        for order, phrase in enumerate(example.phrases)
    ]


def _deaths(examples: Sequence[Example]) -> Linear:
    choices = []
    for e in examples:
        rivals = adding.kept(deaths.candidates(e.reading, e.phrases)) if adding.speaks_of_killing(e.reading) else []
        choices.append(totals.Choice(rivals, adding.rows(rivals, e.reading, e.kind), e.label.deaths or 0))
    return totals.fit(choices, lambda rows: _matrix(rows, rare=False)[:2], STRENGTHS["deaths"])


def _modality(examples: Sequence[Example]) -> Linear:
    """Nearly all news has happened, so the sentences written to teach the rest count several times."""
    pairs = [(modality.features(e.kind, e.worded, e.reading, e.text.day), e.label.modality) for e in examples]
    return _classes("modality", pairs, Modality, [1.0 if e.names else SENTENCE_WEIGHT for e in examples])


def _classes(
    head: str,
    pairs: Sequence[tuple[Row, str]],
    order: Callable[[str], str] = str,
    counts: Sequence[float] | None = None,
) -> Linear:
    """A head that chooses a class; classes in alphabetical order. ``counts``: for how much each row counts."""
    labels = [str(order(label)) for _, label in pairs]
    names, matrix, scale = _matrix([row for row, _ in pairs], rare=head == "type")
    evenly = "balanced" if head in _EVENLY else None
    model = LogisticRegression(C=STRENGTHS[head], class_weight=evenly, max_iter=_MAX_STEPS, tol=1e-4)
    model.fit(matrix, labels, sample_weight=counts)
    weights, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # noqa: PLR2004
        weights, intercepts = np.vstack((-weights, weights)) / 2, np.concatenate((-intercepts, intercepts)) / 2
    return Linear(list(model.classes_), names, (weights * scale).T.astype(np.float32), intercepts.astype(np.float32))


def _candidates(head: str, pairs: Sequence[tuple[Row, bool]]) -> Linear:
    """A head that says yes or no to a candidate."""
    names, matrix, scale = _matrix([row for row, _ in pairs], rare=False)
    model = LogisticRegression(C=STRENGTHS[head], max_iter=_MAX_STEPS, tol=1e-4).fit(
        matrix, [chosen for _, chosen in pairs]
    )
    return Linear(["yes"], names, (model.coef_ * scale).T.astype(np.float32), model.intercept_.astype(np.float32))


def _ranking(head: str, groups: Sequence[tuple[Sequence[Row], int]]) -> Linear:
    """A head that ranks the candidates of a text."""
    names, matrix, _ = _matrix([row for rows, _ in groups for row in rows], rare=False)
    sizes, chosen = [len(rows) for rows, _ in groups], [at for _, at in groups]
    return ranking.fit(names, matrix, sizes, chosen, STRENGTHS[head])


def _matrix(
    rows: Sequence[Row], *, rare: bool
) -> tuple[list[str], csr_matrix, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Names of the features seen twice, the rows as a matrix, and by how much each column was blown up.

    With ``rare``, a rare feature weighs more (inverse document frequency): the ridge then bears less on telling words.
    """
    seen = Counter(name for row in rows for name in row)
    names = sorted(name for name, count in seen.items() if count >= _LEAST_SEEN)
    scale = np.array([np.log((1 + len(rows)) / (1 + seen[name])) + 1 if rare else 1.0 for name in names])
    place = {name: at for at, name in enumerate(names)}
    cells = [(at, place[name], value) for at, row in enumerate(rows) for name, value in row.items() if name in place]
    across, down, values = (np.array(part) for part in zip(*cells, strict=True))
    matrix = csr_matrix(
        (values * scale[down], (across.astype(np.int32), down.astype(np.int32))), shape=(len(rows), len(names))
    )
    return names, matrix, scale
