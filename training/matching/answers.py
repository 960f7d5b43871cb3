"""A person's answers in a review file: read, held against each other, and turned into words on truces.

What a file says is taken whole or not at all. Its yes rows join truces to groups; a file that contradicts itself is refused.
"""

from __future__ import annotations

import csv
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from truce.errors import BadInput, WrongFile
from truce.store.matches import REVIEWED, Match, Place, shown_as

YES, NO = "yes", "no"
Row = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """That the two truces of a row are the same, or that they are not."""

    line: int
    truce_id: str
    same_as: str
    same: bool


def rows_of(file: Path) -> list[tuple[int, Row]]:
    """The rows of a review file with their lines. Raises WrongFile."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows: list[tuple[int, Row]] = [(reader.line_num, row) for row in reader]
            missing = {"truce_id", "same_as", "same"} - set(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise WrongFile(f"{file} cannot be read as CSV: {trouble}") from None
    if missing:
        raise WrongFile(f"{file} has no column {', '.join(sorted(missing))}: `trucecast truces matches` names the file")
    return rows


def answers_of(rows: Iterable[tuple[int, Row]], places: Mapping[str, Place]) -> list[Answer]:
    """The answers that are given, each of which can be, and none of which contradicts the others.

    Raises:
        BadInput: a word that is neither yes nor no, a truce that is not there, or rows that cannot all be true.
    """
    answers = [answer for line, row in rows if (answer := _answer(line, row, places)) is not None]
    yes = [one for one in answers if one.same]
    _refuse_circles(yes)
    _refuse_contradictions(answers, yes, places)
    return answers


def words_of(answers: Sequence[Answer], stored: Sequence[Match], places: Mapping[str, Place]) -> list[Match]:
    """What the answers say of truces, one word on each.

    Of each group the truce of the first coding is the one that the others are. A no is said of the truce of the later coding,
    unless a person has said by now which other truce that is.

    Args:
        answers: that do not contradict each other.
        stored: what persons said before, the newest last.
        places: of all truces.
    """
    same, before = _grouped([one for one in answers if one.same], places), shown_as(stored, places)
    words = {name: Match(name, head, REVIEWED, 1.0) for name, head in same.items()}
    for one in answers:
        name, other = one.truce_id, one.same_as
        if places[name] < places[other] or before.get(other) == name:
            name, other = other, name
        elsewhere = name in same or (name in before and before[name] != before.get(other, other))
        if not one.same and not elsewhere:
            words[name] = Match(name, None, REVIEWED, 1.0)
    return list(words.values())


def _answer(line: int, row: Row, places: Mapping[str, Place]) -> Answer | None:
    said = (row["same"] or "").strip().lower()
    if not said:
        return None
    name, other = (row["truce_id"] or "").strip(), (row["same_as"] or "").strip()
    if said not in (YES, NO):
        raise BadInput(f"line {line}: same is {said!r}, neither yes nor no")
    for one in (name, other):
        if one not in places:
            raise BadInput(f"line {line}: no truce {one!r}: `trucecast truces list` shows them")
    if name == other:
        raise BadInput(f"line {line}: {name!r} is held against itself: name two truces")
    return Answer(line, name, other, said == YES)


def _grouped(yes: Sequence[Answer], places: Mapping[str, Place]) -> dict[str, str]:
    # Those of the first codings are joined first: two truces of one register that a codebook truce joins are one by that.
    late_first = sorted(yes, key=lambda one: max(places[one.truce_id], places[one.same_as]), reverse=True)
    return shown_as([Match(one.truce_id, one.same_as, REVIEWED, 1.0) for one in late_first], places)


def _refuse_circles(yes: Sequence[Answer]) -> None:
    for k, one in enumerate(yes):
        back = _path(yes[:k], one.same_as, one.truce_id, one_way=True)
        if back:
            raise BadInput(
                f"{_lines([*back, one])} say yes in a circle through {one.truce_id!r}: leave one of them out"
            )


def _refuse_contradictions(answers: Sequence[Answer], yes: Sequence[Answer], places: Mapping[str, Place]) -> None:
    for one in answers:
        way = [] if one.same else _path(yes, one.truce_id, one.same_as)
        if way:
            told = f"{one.truce_id!r} and {one.same_as!r} are one and are not"
            raise BadInput(f"{_lines([*way, one])} contradict each other: {told}")
    same = _grouped(yes, places)
    for one in yes:
        first, second = sorted(same.get(end, end) for end in (one.truce_id, one.same_as))
        if first != second:
            told = f"would make {first!r} and {second!r} one by way of another truce"
            raise BadInput(f"{_lines(_path(yes, first, second))} {told}: say so in a row of its own, or leave one out")


def _path(yes: Sequence[Answer], start: str, end: str, *, one_way: bool = False) -> list[Answer]:
    """The fewest rows that lead from one truce to another, and none where nothing does."""
    steps: dict[str, list[tuple[str, Answer]]] = defaultdict(list)
    for one in yes:
        steps[one.truce_id].append((one.same_as, one))
        if not one_way:
            steps[one.same_as].append((one.truce_id, one))
    ways: dict[str, list[Answer]] = {start: []}
    queue = deque([start])
    while queue and end not in ways:
        here = queue.popleft()
        for there, one in steps[here]:
            if there not in ways:
                ways[there] = [*ways[here], one]
                queue.append(there)
    return ways.get(end, [])


def _lines(answers: Iterable[Answer]) -> str:
    *most, last = sorted({one.line for one in answers})
    return f"lines {', '.join(map(str, most))} and {last}"
