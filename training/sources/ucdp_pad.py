"""The UCDP Peace Agreement Dataset: agreements that provide for a ceasefire -> truces under UCDP's own coding.

``duration`` is the day on which the agreement ended, not a length. Terms, citation and traps: docs/data/ucdp-pad.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType

from training.reading import cells
from training.reading.cells import Cells
from training.reading.records import SourceResult, expand, tally
from training.reading.tables import rows_of
from truce import actors, registers
from truce.clock import day_closed_by, end_of, end_of_month, system_clock
from truce.codebook import NEWS_LAG
from truce.errors import BadInput
from truce.vocabulary import Outcome, Truce

CODING = "ucdp-pad"
REQUIRED = ("paid", "gwno", "conflict_id", "dyad_id", "dyad_name", "actor_id", "actor_name", "pa_name", "pa_date", "ended",
            "duration", "cease")  # fmt: skip
COVERED_TO = date(2021, 12, 31)
"""The last day of version 22.1, for a file that does not say itself how far it goes."""

_YES = frozenset({"1", "true"})
_NO = frozenset({"0", "false", ""})
_NEXT_DYAD = re.compile(r", (?=Government of )")
_BETWEEN = " - "
_COMMA = "\x1f"

_LONGEST_RECORD = 2000
"""Lines of a record: its comments fill hundreds."""


def read(paths: Sequence[Path], *, observed_to: date | None = None, today: date | None = None) -> SourceResult[Truce]:
    """Read peace agreements; one without a ceasefire is an accepted row without a record.

    Args:
        paths: files, folders or globs.
        observed_to: the last day to which they were followed; the end of the file's own interval when None.
        today: nothing later is taken as fact; the clock's today when None.

    Raises:
        WrongFile: a file is not this data set.
    """
    until = today or day_closed_by(system_clock())

    def parse(row: Cells) -> tuple[str, Truce | None]:
        return f"pad-{_number(row, 'paid')}", _truce(row, observed_to, until) if _yes(row, "cease") else None

    files = expand(paths)
    rows = (row for path in files for row in rows_of(path, REQUIRED, longest=_LONGEST_RECORD))
    return tally(rows, parse, len(files))


def _truce(row: Cells, observed_to: date | None, today: date) -> Truce:
    start = cells.required_day(row, "pa_date")
    if start > today:
        raise BadInput(f"pa_date {start} is in the future")
    dyads, numbers = _numbers(row, "dyad_id"), _numbers(row, "gwno")
    side_a, side_b, parties = _sides(row, dyads)
    iso3 = tuple(dict.fromkeys(_country(number) for number in numbers))
    outcome, end = _end(row, start, today)
    paid = _number(row, "paid")
    return Truce(
        truce_id=f"pad-{paid}",
        name=" ".join(cells.required(row, "pa_name").split()),
        iso3=iso3,
        side_a=side_a,
        side_b=side_b,
        effective_date=start,
        ucdp_dyad=dyads,
        written="yes",
        purpose="peace_process",
        outcome=outcome,
        end_date=end,
        end_precision=None if end is None else _precision(end),
        start_tier="register",
        end_tier=None if end is None else "register",
        conflict=iso3[0].lower(),
        start_known_at=end_of(start) + NEWS_LAG,
        end_known_at=None if end is None else _known(end),
        observed_to=_followed_to(row, start, observed_to),
        coding=CODING,
        ids=_ids(row, paid, dyads, parties, numbers),
    )


def _ids(
    row: Cells, paid: str, dyads: Iterable[str], parties: Iterable[object], numbers: Iterable[object]
) -> tuple[str, ...]:
    named: dict[str, Iterable[object]] = {
        "ucdp_pa": [paid], "ucdp_dyad": dyads, "ucdp_conflict": _numbers(row, "conflict_id"), "ucdp_actor": parties, "gw": numbers,
    }  # fmt: skip
    return tuple(f"{scheme}:{value}" for scheme, values in named.items() for value in values)


def _followed_to(row: Cells, start: date, asked: date | None) -> date:
    last = asked or cells.day(row, "dateintervalend_meta") or COVERED_TO
    if last < start:
        raise BadInput(f"pa_date {start} is after {last}, to which the agreements were followed")
    return last


def _end(row: Cells, start: date, today: date) -> tuple[Outcome, date | None]:
    ended, end = _yes(row, "ended"), cells.day(row, "duration")
    if not ended:
        if end is not None:
            raise BadInput(f"duration names the end {end}, and ended says that there was none")
        return Outcome.ONGOING, None
    if end is None:
        return Outcome.UNKNOWN, None
    if not start <= end <= today:
        raise BadInput(f"duration {end} is " + ("in the future" if end > today else f"before pa_date {start}"))
    return Outcome.BROKE, end


def _precision(end: date) -> str:
    """UCDP fills an unknown day with the first, or with the last of the month: such a day is sure to the month at best."""
    return "month" if end.day == 1 or end == end_of_month(end) else "day"


def _known(end: date) -> datetime:
    return end_of(end_of_month(end) if _precision(end) == "month" else end) + NEWS_LAG


def _sides(row: Cells, dyads: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The first and the second parties of the dyads, and the UCDP ids of both. Other signatories stand on no side."""
    written = [one.strip() for one in _NEXT_DYAD.split(cells.required(row, "dyad_name"))]
    pairs = [(first.strip(), second.strip()) for first, _, second in (one.partition(_BETWEEN) for one in written)]
    if len(pairs) != len(dyads) or not all(first and second for first, second in pairs):
        raise BadInput(f"dyad_name holds {len(pairs)} pairs of parties, dyad_id {len(dyads)} ids")
    firsts, seconds = (tuple(dict.fromkeys(side)) for side in zip(*pairs, strict=True))
    known = _actor_ids(row, (*firsts, *seconds))
    return (
        tuple(_name(party, known[party]) for party in firsts),
        tuple(_name(party, known[party]) for party in seconds),
        tuple(known[party] for party in (*firsts, *seconds)),
    )


def _actor_ids(row: Cells, parties: Sequence[str]) -> dict[str, str]:
    """Party -> UCDP actor id. A name of the list may itself hold a comma: the parties, as the dyads spell them, tell which."""
    joined = cells.required(row, "actor_name")
    for party in parties:
        joined = joined.replace(party, party.replace(",", _COMMA))
    names = [name.replace(_COMMA, ",").strip() for name in joined.split(",")]
    ids = _numbers(row, "actor_id")
    if len(names) != len(ids):
        raise BadInput(f"actor_name holds {len(names)} names, actor_id {len(ids)} ids")
    known = dict(zip(names, ids, strict=True))
    for party in parties:
        if party not in known:
            raise BadInput(f"{party!r} of dyad_name is not in actor_name")
    return known


def _name(party: str, actor_id: str) -> str:
    """UCDP's name, or the actor table's for its id where the table does not have that spelling."""
    return party if party in actors.table() else _by_id().get(actor_id, party)


@cache
def _by_id() -> MappingProxyType[str, str]:
    return MappingProxyType({a.ucdp_actor_id: a.name for a in reversed(actors.actors()) if a.ucdp_actor_id})


def _country(number: str) -> str:
    iso3 = registers.iso3_of_gw(int(number))
    if iso3 is None:
        raise BadInput(f"gwno {number} is no country of the registers")
    return iso3


def _yes(row: Cells, column: str) -> bool:
    """Whether a flag stands. 22.1 writes 1, True and nothing; other copies 0 and False."""
    word = (str(row.get(column) or "")).strip().lower().removesuffix(".0")
    if word not in _YES | _NO:
        raise BadInput(f"{column} is {word!r}, neither yes (1, True) nor no (0, False, empty)")
    return word in _YES


def _number(row: Cells, column: str) -> str:
    (number, *more) = _numbers(row, column)
    if more:
        raise BadInput(f"{column} is more than one number")
    return number


def _numbers(row: Cells, column: str) -> tuple[str, ...]:
    """The whole numbers of a list ``a, b``, in its order and with its repetitions."""
    found = tuple(part.strip().removesuffix(".0") for part in cells.required(row, column).split(","))
    if not all(part.isdecimal() for part in found):
        raise BadInput(f"{column} is {row[column]!r}, not a list of whole numbers")
    return found
