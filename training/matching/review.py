"""The matches of truces at work: found after every import, put before a person where in doubt, and told.

The pairs in doubt stand in ``<home>/var/review/matches.csv``, whose column ``same`` a person fills with yes or no. The file
is written anew each time, with the answers that stand in it already; what was handed in is not asked again.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from training.matching.answers import NO, YES, answers_of, rows_of, words_of
from training.matching.pairs import Doubt, match, places_of, told_of_the_hidden
from truce.clock import Clock, system_clock
from truce.errors import WrongFile
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.matches import REVIEWED
from truce.vocabulary import Truce

COLUMNS = (
    "truce_id", "same_as", "score", "name", "same_as_name", "effective_date", "same_as_effective_date", "same",
)  # fmt: skip
BY = "cli"


def settle(store: Store, settings: Settings) -> dict[str, Any]:
    """Match all truces of the store, and write down which pairs are in doubt, once the store holds the matches.

    Returns:
        ``matched``: how many truces are the same as another now; ``review_file``: where the doubtful pairs are, or None.
    """
    truces = store.truces.everything()
    found = match(truces, {word.truce_id: word for word in store.matches.all()})
    store.matches.put(found.matches, written_by=BY)
    file = settings.home / "var" / "review" / "matches.csv"
    store.once_stored(partial(_write, file, found.doubtful, {truce.truce_id: truce for truce in truces}))
    return {"matched": len(store.truces.same_as()), "review_file": str(file) if found.doubtful else None}


def standing(settings: Settings, *, clock: Clock = system_clock) -> dict[str, Any]:
    """The matches that stand, how many there are by each rule, and where the doubtful ones are."""
    with open_store(settings, clock) as store:
        body = settle(store, settings)
        shown_as = store.truces.same_as()
        words = [word for word in store.matches.all() if word.same_as is not None and word.truce_id in shown_as]
    rows = [
        {"truce_id": w.truce_id, "same_as": shown_as[w.truce_id], "rule": w.rule, "score": w.score}
        for w in sorted(words, key=lambda word: word.truce_id)
    ]
    return {"matches": rows, "counts": dict(sorted(Counter(w.rule for w in words).items())), **body}


def reviewed(settings: Settings, file: Path, *, clock: Clock = system_clock) -> dict[str, Any]:
    """Take over what a person wrote into the column ``same``: all of it or nothing.

    Raises:
        WrongFile: the file cannot be read, or has not the columns.
        BadInput: a word that is neither yes nor no, a pair that cannot be, or rows that contradict each other.
    """
    rows = rows_of(file)
    with open_store(settings, clock) as store, store.at_once():
        places = places_of(store.truces.everything())
        answers = answers_of(rows, places)
        stored = [word for word in store.matches.all() if word.rule == REVIEWED]
        said = words_of(answers, stored, places)
        # With what was said before: who is made the same as another takes those along that were the same as it.
        told = told_of_the_hidden([*stored, *said], places)
        words = {word.truce_id: word for word in (*said, *told)}
        new = store.matches.put(list(words.values()), written_by=BY)
        body = settle(store, settings)
    counts = Counter(YES if answer.same else NO for answer in answers)
    return {"yes": counts[YES], "no": counts[NO], "open": len(rows) - len(answers), "new": new, **body}


def _write(path: Path, doubtful: Sequence[Doubt], truces: Mapping[str, Truce]) -> None:
    """Replace the review file in one step; what a person wrote beside a pair that is still in doubt is kept."""
    answered = _answered(path)
    if not doubtful:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            for doubt in sorted(doubtful, key=lambda one: (-one.score, one.truce_id)):
                one, other = truces[doubt.truce_id], truces[doubt.same_as]
                told = (doubt.score, one.name, other.name, one.effective_date, other.effective_date)
                pair = (doubt.truce_id, doubt.same_as)
                writer.writerow((*pair, *told, answered.get(frozenset(pair), "")))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _answered(path: Path) -> dict[frozenset[str], str]:
    """Pair -> what a person wrote beside it; a file that cannot be read any more is put aside, not lost."""
    if not path.exists():
        return {}
    try:
        rows = rows_of(path)
    except WrongFile:
        path.replace(path.with_name("matches.unread.csv"))
        return {}
    return {frozenset(((r["truce_id"] or "").strip(), (r["same_as"] or "").strip())): r["same"] or "" for _, r in rows}
