"""Who faces whom in a ceasefire of the ETH/PRIO dataset, whose rows name parties and no sides.

The state stands on side a, as in the Chronicle. A ceasefire of one party has another side all the same: it is looked for
among all rows of the dataset, first by the UCDP dyad, then by the UCDP conflict.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from training.reading import cells
from training.reading.cells import Cells
from truce.actors import is_state

_GOVERNMENT = re.compile(r"^(?:The )?Government ?of ?(?=[A-Z])")
_UNILATERAL = "1"


class Sides(NamedTuple):
    """The two sides, and where the one that the rows do not name was taken from (empty when they name both)."""

    side_a: tuple[str, ...]
    side_b: tuple[str, ...]
    assumed: str


@dataclass(frozen=True, slots=True)
class Parties:
    """What all rows of the dataset together say of its actors."""

    names: dict[str, str]
    """UCDP actor id -> the spelling that most rows have."""
    of_dyad: dict[str, list[str]]
    of_conflict: dict[str, list[str]]
    governments: dict[str, str]
    """Location -> its government."""

    @classmethod
    def of(cls, rows: Iterable[Cells]) -> Parties:
        """Read every row of the dataset once."""
        told = list(rows)
        names = _names(told)
        of_dyad: dict[str, list[str]] = defaultdict(list)
        of_conflict: dict[str, list[str]] = defaultdict(list)
        governments: dict[str, str] = {}
        for row in told:
            name = _name(row, names)
            _add(of_dyad, number(row, "ucdp_dyad"), name)
            _add(of_conflict, number(row, "ucdp_acd_id"), name)
            if name.startswith(f"Government of {location(row)}"):
                governments.setdefault(location(row), name)
        return cls(names, dict(of_dyad), dict(of_conflict), governments)

    def named(self, rows: Sequence[Cells]) -> tuple[str, ...]:
        """The parties of a ceasefire, each once."""
        return tuple(dict.fromkeys(_name(row, self.names) for row in rows))

    def sides(self, rows: Sequence[Cells], side: str) -> Sides:
        """The sides of a ceasefire; ``side`` is the dataset's code for how many it has."""
        parties = self.named(rows)
        home = self._home(rows)
        states = [party for party in parties if is_state(party)]
        others = [party for party in parties if party not in states]
        one_sided = side == _UNILATERAL and not (states and others)
        if len(parties) > 1 and not one_sided:
            first = home if home in parties else (states or others)[0]
            return Sides((first,), tuple(party for party in parties if party != first), "")
        opponents, assumed = self._opponents(rows, parties)
        return Sides(parties, opponents, assumed) if states else Sides(opponents, parties, assumed)

    def _home(self, rows: Sequence[Cells]) -> str:
        place = location(rows[0])
        return self.governments.get(place, f"Government of {place}")

    def _opponents(self, rows: Sequence[Cells], parties: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        state = is_state(parties[0])
        in_dyad = _across(rows, "ucdp_dyad", self.of_dyad, state=state)
        home = self._home(rows)
        if not state:
            if home in in_dyad:
                return (home,), "dyad"
            if not in_dyad and number(rows[0], "ucdp_acd_id") is not None:
                return (home,), "conflict"
        if in_dyad:
            return tuple(in_dyad), "dyad"
        in_conflict = _across(rows, "ucdp_acd_id", self.of_conflict, state=state)
        if len(in_conflict) == 1:
            return tuple(in_conflict), "conflict"
        return (f"opponents of {parties[0]}",), "nowhere"


def number(row: Cells, column: str) -> str | None:
    """An id or a code above zero as text without decimals; None for the dataset's -1 and 0."""
    written = cells.text(row, column)
    plain = (written or "").removesuffix(".0")
    return plain if plain.isdigit() and int(plain) > 0 else None


def location(row: Cells) -> str:
    """The country where the conflict is, in the dataset's spelling."""
    return " ".join(cells.required(row, "location").split())


def _across(rows: Sequence[Cells], column: str, groups: dict[str, list[str]], *, state: bool) -> list[str]:
    """The actors of the other kind, states or not, in the dyads or conflicts of a ceasefire."""
    ids = [one for one in (number(row, column) for row in rows) if one is not None]
    return list(dict.fromkeys(name for one in ids for name in groups.get(one, []) if is_state(name) is not state))


def _names(rows: Sequence[Cells]) -> dict[str, str]:
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        actor = number(row, "ucdp_actor_id")
        if actor is not None:
            spelled[actor][_spelling(row)] += 1
    return {actor: counts.most_common(1)[0][0] for actor, counts in spelled.items()}


def _name(row: Cells, names: dict[str, str]) -> str:
    return names.get(number(row, "ucdp_actor_id") or "", "") or _spelling(row)


def _spelling(row: Cells) -> str:
    # A semicolon would part the name in two wherever lists are written.
    plain = " ".join(cells.required(row, "actor_name").replace(";", ",").split())
    return _GOVERNMENT.sub("Government of ", plain)


def _add(groups: dict[str, list[str]], group: str | None, name: str) -> None:
    if group is not None and name not in groups[group]:
        groups[group].append(name)
