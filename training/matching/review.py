"""The matches of truces at work: found after every import, put before a person where in doubt, and told.

The pairs in doubt stand in ``<home>/var/review/matches.csv``, whose column ``same`` a person fills with yes or no. The file
is written anew each time; what a person has decided is not asked again.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.matching.pairs import REVIEWED, Doubt, match
from truce.clock import Clock, system_clock
from truce.errors import BadInput, WrongFile
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.matches import Match
from truce.vocabulary import Truce

COLUMNS = (
    "truce_id", "same_as", "score", "name", "same_as_name", "effective_date", "same_as_effective_date", "same",
)  # fmt: skip
BY = "cli"
_YES, _NO = "yes", "no"


def settle(store: Store, settings: Settings) -> dict[str, Any]:
    """Match all truces of the store, and write down which pairs are in doubt.

    Returns:
        ``matched``: how many truces are the same as another now; ``review_file``: where the doubtful pairs are, or None.
    """
    truces = store.truces.everything()
    found = match(truces, {word.truce_id: word for word in store.matches.all()})
    store.matches.put(found.matches, written_by=BY)
    file = _write(settings.home / "var" / "review" / "matches.csv", found.doubtful, {t.truce_id: t for t in truces})
    return {"matched": len(store.truces.same_as()), "review_file": None if file is None else str(file)}


def standing(settings: Settings, *, clock: Clock = system_clock) -> dict[str, Any]:
    """The matches that stand, how many there are by each rule, and where the doubtful ones are."""
    with open_store(settings, clock) as store:
        body = settle(store, settings)
        words = [word for word in store.matches.all() if word.same_as is not None]
        shown_as = store.truces.same_as()
    rows = [
        {"truce_id": w.truce_id, "same_as": shown_as[w.truce_id], "rule": w.rule, "score": w.score}
        for w in sorted(words, key=lambda word: word.truce_id)
    ]
    return {"matches": rows, "counts": dict(sorted(Counter(w.rule for w in words).items())), **body}


def reviewed(settings: Settings, file: Path, *, clock: Clock = system_clock) -> dict[str, Any]:
    """Take over what a person wrote into the column ``same``: all of it or nothing.

    Raises:
        WrongFile: the file cannot be read, or has not the columns.
        BadInput: a word that is neither yes nor no, or a pair that cannot be.
    """
    rows = _rows(file)
    with open_store(settings, clock) as store:
        known = {truce.truce_id for truce in store.truces.everything()}
        words = [_word(line, row, known, store.truces.same_as()) for line, row in rows]
        decided = [word for word in words if word is not None]
        new = store.matches.put(decided, written_by=BY)
        body = settle(store, settings)
    said = Counter(_NO if word.same_as is None else _YES for word in decided)
    return {"yes": said[_YES], "no": said[_NO], "open": len(rows) - len(decided), "new": new, **body}


def _word(line: int, row: Mapping[str, str | None], known: set[str], shown_as: Mapping[str, str]) -> Match | None:
    said = (row["same"] or "").strip().lower()
    if not said:
        return None
    name, other = (row["truce_id"] or "").strip(), (row["same_as"] or "").strip()
    if said not in (_YES, _NO):
        raise BadInput(f"line {line}: same is {said!r}, neither yes nor no")
    for one in (name, other):
        if one not in known:
            raise BadInput(f"line {line}: no truce {one!r}: `trucecast truces list` shows them")
    if shown_as.get(other, other) == name:
        raise BadInput(f"line {line}: {other!r} is itself shown as {name!r}")
    return Match(name, other if said == _YES else None, REVIEWED, 1.0)


def _rows(file: Path) -> list[tuple[int, dict[str, str | None]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [(reader.line_num, row) for row in reader]
            missing = {"truce_id", "same_as", "same"} - set(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise WrongFile(f"{file} cannot be read as CSV: {trouble}") from None
    if missing:
        raise WrongFile(f"{file} has no column {', '.join(sorted(missing))}: `trucecast truces matches` names the file")
    return rows


def _write(path: Path, doubtful: Sequence[Doubt], truces: Mapping[str, Truce]) -> Path | None:
    if not doubtful:
        path.unlink(missing_ok=True)
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for doubt in sorted(doubtful, key=lambda one: (-one.score, one.truce_id)):
            one, other = truces[doubt.truce_id], truces[doubt.same_as]
            dates = (one.effective_date, other.effective_date)
            writer.writerow((doubt.truce_id, doubt.same_as, doubt.score, one.name, other.name, *dates, ""))
    return path
