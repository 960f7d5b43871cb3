"""The parties to truces: spellings, canonical names and kinds, from the Chronicle's table."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Party(NamedTuple):
    """A row of the party table: what a spelling stands for."""

    canonical: str
    kind: str
    iso3: str
    ucdp_actor_id: str


@cache
def table() -> dict[str, Party]:
    """Spelling -> party."""
    with (files("truce.chronicle") / "parties.csv").open(encoding="utf-8-sig") as lines:
        return {
            row["spelling"]: Party(row["canonical"], row["kind"], row["iso3"], row["ucdp_actor_id"])
            for row in csv.DictReader(lines)
        }


def canonical(name: str) -> str:
    """The name under which a party is known here; a party that is not in the table is its own."""
    party = table().get(name)
    return name if party is None else party.canonical


def is_state(name: str) -> bool:
    """Whether a party is a state; one that is not in the table is when it is called a government."""
    party = table().get(name)
    return name.startswith("Government of ") if party is None else party.kind == "state"
