from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, delete, insert

from tests.examples import a_truce
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.matches import REVIEWED, Match, place, shown_as, standing
from truce.store.tables import matches, metadata
from truce.store.truces import Truces

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(home: Settings) -> Iterator[Store]:
    with open_store(home, lambda: NOW) as opened:
        truces = [a_truce("ours"), a_truce("theirs", coding="ccd"), a_truce("third", coding="pax")]
        opened.truces.put(truces, known_at=NOW, source="truces", written_by="cli")
        yield opened


def shown(store: Store) -> list[str]:
    return [truce.truce_id for truce in store.truces.current()]


def test_a_match_hides_a_truce_without_losing_it_and_the_latest_word_counts(store: Store) -> None:
    word = Match("theirs", "ours", "near-1", 0.9)
    assert store.matches.put([word], written_by="cli") == 1
    assert store.matches.put([word], written_by="cli") == 0, "what is said is not said again"
    assert shown(store) == ["ours", "third"]
    assert [truce.truce_id for truce in store.truces.everything()] == ["ours", "theirs", "third"]
    assert [truce.truce_id for truce in store.truces.everything(NOW)] == ["ours", "theirs", "third"]
    store.matches.put([Match("theirs", None, "reviewed", 1.0)], written_by="cli")
    assert shown(store) == ["ours", "theirs", "third"]


def test_what_is_the_same_as_a_third_is_the_same_as_that_one(store: Store) -> None:
    store.matches.put(
        [Match("third", "theirs", "near-1", 0.9), Match("theirs", "ours", "near-1", 0.9)], written_by="cli"
    )
    assert store.truces.same_as() == {"third": "ours", "theirs": "ours"}
    assert [truce.truce_id for truce in store.truces.twins(NOW)["ours"]] == ["theirs", "third"]
    assert shown(store) == ["ours"]


def test_a_truce_is_never_written_down_as_the_same_as_itself(store: Store) -> None:
    with pytest.raises(BadInput, match="'theirs' cannot be the same as itself"):
        store.matches.put(
            [Match("third", "ours", "near-1", 0.9), Match("theirs", "theirs", "near-1", 1.0)], written_by="x"
        )
    assert store.matches.all() == []


CODINGS = {"C1": "codebook", "C2": "codebook", "ccd-1": "ccd", "ccd-2": "ccd", "pad-1": "ucdp-pad", "pax-1": "pax",
           "own-1": "of-one's-own"}  # fmt: skip
PLACES = {name: place(coding) for name, coding in CODINGS.items()}
NAMES = st.sampled_from([*CODINGS, "gone"])
WORDS = st.lists(
    st.builds(Match, NAMES, st.none() | NAMES, st.sampled_from([REVIEWED, "same-id-1", "near-1"]), st.just(1.0)),
    max_size=20,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A store in memory, with the truces of ``CODINGS``."""
    made = create_engine("sqlite://")
    metadata.create_all(made)
    truces = [a_truce(name, coding=coding) for name, coding in CODINGS.items()]
    Truces(made, lambda: NOW).put(truces, known_at=NOW, source="truces", written_by="cli")
    yield made
    made.dispose()


@given(words=WORDS)
def test_whatever_links_are_stored_every_truce_leads_to_one_that_is_shown(engine: Engine, words: list[Match]) -> None:
    rows = [
        {
            "truce_id": w.truce_id,
            "same_as": w.same_as,
            "rule": w.rule,
            "score": 1.0,
            "stored_at": NOW,
            "written_by": "x",
        }
        for w in words
    ]
    with engine.begin() as connection:
        connection.execute(delete(matches))
        if rows:
            connection.execute(insert(matches), rows)
        hidden = standing(connection)
    linked = {end for w in words if w.same_as is not None for end in (w.truce_id, w.same_as)}
    assert hidden.keys() <= linked & CODINGS.keys()
    for name, head in hidden.items():
        assert head in CODINGS
        assert head not in hidden, "what is shown is not hidden"
        assert PLACES[head] <= PLACES[name], "the codebook's goes before ccd's, ucdp-pad's and pax's"


@given(words=WORDS)
def test_nobody_makes_two_truces_of_one_register_the_same_by_way_of_a_third(words: list[Match]) -> None:
    def of_one(word: Match) -> bool:
        return word.same_as is not None and PLACES.get(word.truce_id) == PLACES.get(word.same_as)

    hidden = shown_as([word for word in words if not of_one(word)], PLACES)
    assert all(PLACES[head] < PLACES[name] for name, head in hidden.items())
    assert not hidden.keys() & {"C1", "C2"}, "a codebook truce is hidden by a word on two codebook truces only"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([("pad-1", "ccd-1"), ("ccd-1", "pad-1")], {"pad-1": "ccd-1"}),
        ([("C1", "ccd-1"), ("ccd-1", "C1")], {"ccd-1": "C1"}),
        ([("pad-1", "pad-1")], {}),
        ([("pax-1", "pad-1"), ("pad-1", "ccd-1"), ("ccd-1", "pax-1")], {"pax-1": "ccd-1", "pad-1": "ccd-1"}),
        ([("C1", "C2"), ("C2", "C1")], {"C2": "C1"}),
        ([("ccd-1", "C1"), ("C2", "ccd-1")], {"ccd-1": "C2"}),
        ([("C2", "ccd-1"), ("ccd-1", "C1")], {"ccd-1": "C1"}),
        ([("C1", "ccd-1"), ("ccd-1", None)], {}),
        ([("ccd-1", None), ("C1", "ccd-1")], {"ccd-1": "C1"}),
        ([("pad-1", "gone")], {}),
    ],
)
def test_of_a_group_the_truce_of_the_first_coding_is_shown_and_the_newer_word_counts(
    words: list[tuple[str, str | None]], told: dict[str, str]
) -> None:
    assert shown_as([Match(*ends, REVIEWED, 1.0) for ends in words], PLACES) == told


def test_a_person_goes_before_a_rule_whichever_came_last() -> None:
    words = [Match("C1", "ccd-1", REVIEWED, 1.0), Match("ccd-1", "C2", "same-id-1", 1.0)]
    assert shown_as(words, PLACES) == shown_as(words[::-1], PLACES) == {"ccd-1": "C1"}


def test_what_waits_for_the_store_is_done_once_it_is_stored_and_never_otherwise(store: Store) -> None:
    done: list[int] = []
    with store.at_once():
        store.once_stored(lambda: done.append(len(store.matches.all())))
        store.matches.put([Match("theirs", "ours", "near-1", 0.9)], written_by="cli")
        assert done == []
    assert done == [1]

    def fail() -> None:
        with store.at_once():
            store.once_stored(lambda: done.append(0))
            raise BadInput("no")

    with pytest.raises(BadInput):
        fail()
    assert done == [1]
    store.once_stored(lambda: done.append(2))
    assert done == [1, 2], "at once where nothing is being written"
