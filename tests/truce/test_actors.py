from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest

from truce import actors

GED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ucdp_ged"
OUTSIDE_BRACKETS = re.compile(r";(?![^(\[]*[)\]])")
KEYS = frozenset(actors.key(actor.name) for actor in actors.actors())
BY_KEY = {actors.key(actor.name): actor for actor in actors.actors()}
CIVILIANS = "1"

ged_wanted = pytest.mark.skipif(not GED.is_dir(), reason=f"the georeferenced events are not at {GED}")


def sides_of_truces() -> list[str]:
    with Path(str(files("truce.chronicle") / "truces.csv")).open(encoding="utf-8-sig", newline="") as lines:
        cells = [row[column] for row in csv.DictReader(lines) for column in ("side_a", "side_b")]
    return sorted({side.strip() for cell in cells for side in OUTSIDE_BRACKETS.split(cell) if side.strip()})


def ged_actors() -> dict[str, set[str]]:
    """Name -> the ids it has in the georeferenced events."""
    named: dict[str, set[str]] = defaultdict(set)
    for path in sorted(GED.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                for side in ("side_a", "side_b"):
                    number = re.fullmatch(
                        r"(\d+)(?:\.0)?", row.get(f"{side}_new_id") or row.get(f"{side}_dset_id") or ""
                    )
                    # A row without a number is the second heading of some editions.
                    if number and number[1] != CIVILIANS and row[side]:
                        named[row[side]].add(number[1])
    return dict(named)


def actor_called(name: str) -> actors.Actor | None:
    return actors.table().get(name) or BY_KEY.get(actors.key(name))


def test_every_side_of_every_truce_is_in_the_table() -> None:
    sides = sides_of_truces()
    assert len(sides) > 300
    assert [side for side in sides if side not in actors.table()] == []


def test_every_actor_has_one_row() -> None:
    names = [actor.name for actor in actors.actors()]
    assert sorted(names) == sorted(set(names))
    assert all(name == name.strip() != "" for name in names)


def test_no_spelling_belongs_to_two_actors_whatever_its_case_and_accents() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for actor in actors.actors():
        for spelling in (actor.name, *actor.aliases):
            owners[actors._plain(spelling)].add(actor.name)
    assert {spelling: names for spelling, names in owners.items() if len(names) > 1} == {}


def test_every_spelling_of_an_actor_has_its_key() -> None:
    wrong = [(s, a.name) for a in actors.actors() for s in (a.name, *a.aliases) if actors.key(s) != actors.key(a.name)]
    assert wrong == []


def test_every_spelling_leads_to_its_actor() -> None:
    assert all(
        actors.table()[spelling] == actor for actor in actors.actors() for spelling in (actor.name, *actor.aliases)
    )
    assert all(actors.canonical(spelling) == actor.name for spelling, actor in actors.table().items())


def test_two_actors_have_two_keys() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for actor in actors.actors():
        owners[actors.key(actor.name)].add(actor.name)
    assert {key: names for key, names in owners.items() if len(names) > 1} == {}


def test_every_relation_joins_two_actors_of_the_table() -> None:
    names = {actor.name for actor in actors.actors()}
    assert [relation for relation in actors.relations() if not {relation.actor, relation.other} <= names] == []
    assert [relation for relation in actors.relations() if relation.actor == relation.other] == []


def test_no_relation_joins_an_actor_to_itself_under_another_name() -> None:
    assert [
        relation for relation in actors.relations() if actors.key(relation.actor) == actors.key(relation.other)
    ] == []


def test_every_relation_is_of_a_declared_kind() -> None:
    assert {relation.relation for relation in actors.relations()} <= {*actors.RELATIONS, actors.PATRON}


def test_no_relation_ends_before_it_begins() -> None:
    assert [relation for relation in actors.relations() if relation.since > relation.until] == []


def test_no_relation_is_told_twice() -> None:
    rows = [tuple(relation) for relation in actors.relations()]
    assert sorted(rows) == sorted(set(rows))


def test_declared_weights_lie_above_nothing_and_up_to_all() -> None:
    assert all(0 < weight <= 1 for weight in actors.RELATIONS.values())


def test_each_actor_stands_for_itself_with_weight_one_first() -> None:
    for actor in actors.actors():
        first = actors.standing_for(actor.name)[0]
        assert (first.actor, first.key, first.weight) == (actor.name, actors.key(actor.name), 1.0)
        assert first.holds(1900)
        assert first.holds(2030)


def test_who_stands_for_an_actor_does_so_once_with_a_weight_and_in_some_year() -> None:
    for actor in actors.actors():
        standing = actors.standing_for(actor.name)
        assert len({link.key for link in standing}) == len(standing)
        assert all(0 < link.weight <= 1 and link.since <= link.until for link in standing)
        assert all(link.why for link in standing[1:])


def test_an_unknown_actor_stands_for_itself_alone_and_nobody_for_no_name() -> None:
    assert [link.actor for link in actors.standing_for("Zorba Front")] == ["Zorba Front"]
    assert actors.standing_for("") == ()
    assert actors.patrons_of("Zorba Front") == ()


def test_only_its_own_forces_and_its_successor_stand_for_a_state() -> None:
    kinds = {
        link.why.split(" of ")[0]
        for actor in actors.actors()
        if actor.kind == "state"
        for link in actors.standing_for(actor.name)[1:]
    }
    assert kinds <= {"part", "successor"}


def test_who_backs_an_actor_does_so_in_some_year() -> None:
    backing = [(actor.name, link) for actor in actors.actors() for link in actors.patrons_of(actor.name)]
    assert len(backing) > 100
    assert [(name, link) for name, link in backing if link.since > link.until] == []


def test_nobody_backs_itself() -> None:
    backing = [(actor.name, link) for actor in actors.actors() for link in actors.patrons_of(actor.name)]
    assert [(name, link) for name, link in backing if link.key == actors.key(name) and link.since <= link.until] == []


def test_neighbours_are_symmetric() -> None:
    borders = actors.neighbours()
    assert [
        (one, other) for one, others in borders.items() for other in sorted(others) if one not in borders.get(other, ())
    ] == []


def test_no_country_is_its_own_neighbour_and_every_code_has_three_capitals() -> None:
    for country, others in actors.neighbours().items():
        assert country not in others
        assert all(re.fullmatch(r"[A-Z]{3}", code) for code in (country, *others))


def test_the_home_of_an_actor_is_a_country_or_unknown() -> None:
    assert [actor for actor in actors.actors() if not re.fullmatch(r"(?:[A-Z]{3})?", actor.iso3)] == []


@ged_wanted
def test_every_actor_of_the_georeferenced_events_is_found_by_name() -> None:
    named = ged_actors()
    assert len(named) > 100
    assert {name: ids for name, ids in named.items() if actor_called(name) is None} == {}


@ged_wanted
def test_a_name_of_the_georeferenced_events_leads_to_an_actor_with_one_of_its_ids() -> None:
    wrong = {}
    for name, ids in ged_actors().items():
        actor = actor_called(name)
        if actor is not None and actor.ucdp_actor_id and actor.ucdp_actor_id not in ids:
            wrong[name] = (sorted(ids), actor.name, actor.ucdp_actor_id)
    assert wrong == {}
