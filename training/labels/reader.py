"""The labels with the texts they belong to: our own, and the gold set, which lies outside the project."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from models.event_coder import Text
from truce.clock import parse_day
from truce.errors import WrongFile
from truce.identity import reference_of

SENTENCE = "sentence"
_WRITTEN = date(2023, 6, 1)
TEST_EVERY = 3
"""Gold rows whose number is divisible by this are the untouched test part."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of a bullet; empty where nothing is to be said."""

    primary: str
    secondary: str
    topic: str
    iso3: tuple[str, ...]
    actor: str
    target: str
    sector: str
    deaths: int | None
    truce: str
    modality: str
    """Empty in the gold set, which does not code it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its label, the sample it was drawn for, and whether it is for training, for the test, or a second labelling."""

    text: Text
    label: Label
    sample: str
    part: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bullets of one kind and country, at most three days apart, and whether they tell of one event."""

    earlier: Text
    later: Text
    same: bool
    part: str


def bullets(feed: Path) -> list[Text]:
    """The bullets of the feed in its order, as the labels count them. Raises WrongFile when it is not the feed."""
    opened = gzip.open if feed.suffix == ".gz" else open
    try:
        with opened(feed, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
            return [Text(row["text"], date.fromisoformat(row["date"]), plain_category(row["category"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        raise WrongFile(f"{feed}: these are no news bullets ({trouble})") from trouble


def plain_category(heading: str) -> str:
    """A heading that says something."""
    return "" if heading == "Uncategorized" else heading


def own(texts: Sequence[Text]) -> list[Labelled]:
    """Our labels. Raises WrongFile when a line of the feed is not the bullet that was labelled."""
    with (files("training.labels") / "bullets.csv").open(encoding="utf-8") as lines:
        return [
            Labelled(_bullet(texts, row["line"], row["reference"]), _label(row), row["sample"], row["part"])
            for row in csv.DictReader(lines)
        ]


def facts(texts: Sequence[Text]) -> list[Labelled]:
    """Our labels of the type and one more thing, the countries or the dead; all held out. Raises WrongFile as ``own``."""
    with (files("training.labels") / "facts.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    unsaid = dict.fromkeys(("secondary", "topic", "actor", "target", "sector", "truce", "modality"), "")
    return [
        Labelled(_bullet(texts, row["line"], row["reference"]), _label({**unsaid, **row}), row["sample"], "test")
        for row in rows
    ]


def sentences() -> list[Labelled]:
    """Our own invented sentences (no facts) that teach polarity, negation and modality; of their countries and actors nothing is said."""
    with (files("training.labels") / "sentences.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    unsaid = dict.fromkeys(("iso3", "actor", "target", "sector", "deaths"), "")
    return [
        Labelled(Text(row["text"], _WRITTEN), _label({**row, **unsaid, "primary": row["type"]}), SENTENCE, "train")
        for row in rows
    ]


def pairs(texts: Sequence[Text]) -> list[Pair]:
    """Pairs of bullets, and whether both tell of one event. Raises WrongFile as ``own``."""
    found = []
    with (files("training.labels") / "pairs.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            earlier, later = (
                _bullet(texts, row[f"{which}_line"], row[f"{which}_reference"]) for which in ("earlier", "later")
            )
            found.append(Pair(earlier, later, row["same"] == "1", row["part"]))
    return found


def gold(path: Path, texts: Iterable[Text]) -> list[Labelled]:
    """The gold set; part ``test`` are the rows whose number is divisible by three. Raises WrongFile."""
    categories = {(text.day, text.text): text.category for text in texts}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"n", "date", "text", "primary", "iso3", "truce"} <= rows[0].keys():
        raise WrongFile(f"{path}: this is not the gold set")
    found = []
    for row in rows:
        day = parse_day(row["date"])
        text = Text(row["text"], day, categories.get((day, row["text"]), ""))
        found.append(
            Labelled(text, _label({**row, "sector": row["actor_sector"], "modality": ""}), "gold", _part(int(row["n"])))
        )
    return found


def _bullet(texts: Sequence[Text], line: str, reference: str) -> Text:
    at = int(line) - 1
    if at >= len(texts) or reference_of(texts[at].day, texts[at].text) != reference:
        raise WrongFile(f"line {line} of the feed is not the bullet that was labelled: another edition?")
    return texts[at]


def _part(number: int) -> str:
    return "train" if number % TEST_EVERY else "test"


def _label(row: dict[str, str]) -> Label:
    return Label(
        row["primary"],
        row["secondary"],
        row["topic"],
        tuple(filter(None, row["iso3"].split(";"))),
        row["actor"],
        row["target"],
        row["sector"],
        int(row["deaths"]) if row["deaths"] else None,
        row["truce"] or "no",
        row["modality"],
    )
