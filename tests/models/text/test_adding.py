from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text import adding
from models.text.deaths import Candidate, Sort, candidates
from models.text.headcount import MOST
from tests.models.text.small_world import phrases_of, read
from truce.vocabulary import EventType

VALUES = st.lists(st.integers(1, MOST), max_size=adding.MOST)


def of_values(values: list[int]) -> list[Candidate]:
    return [Candidate(value, place, place + 1, Sort.NUMBER, ()) for place, value in enumerate(values)]


def rivals_of(text: str) -> list[Candidate]:
    return adding.kept(candidates(read(text), phrases_of(text)))


def together(text: str) -> dict[str, float]:
    first, second = (c for c in rivals_of(text) if c.sort is Sort.NUMBER)
    return adding.together(first, second, rivals_of(text), read(text))


@given(st.integers(0, adding.MOST))
def test_a_way_adds_up_its_candidates_and_every_pair_of_them(candidates: int) -> None:
    chosen, rows = adding.ways(candidates)
    assert rows.shape == (len(chosen), candidates + candidates * (candidates - 1) // 2)
    assert [int(n) for n in rows.sum(axis=1)] == [len(way) * (len(way) + 1) // 2 for way in chosen]
    assert len(set(chosen)) == len(chosen)
    assert () in chosen


@given(VALUES, st.data())
def test_the_dead_are_none_or_the_sum_of_some_candidates(values: list[int], data: st.DataObject) -> None:
    rows = len(values) + len(values) * (len(values) - 1) // 2
    scores = data.draw(st.lists(st.floats(-9, 9), min_size=rows, max_size=rows))
    died = adding.died(of_values(values), np.array(scores, dtype=np.float32), 0.15)
    sums = {sum(some) for size in range(1, 5) for some in itertools.combinations(values, size)}
    assert died is None or died in sums


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([5.0, 5.0, 0.0], 5),
        ([6.0, 5.0, -9.0], 3),
        ([5.0, -5.0, 0.0], 3),
        ([-5.0, -5.0, 0.0], None),
        ([-5.0, -5.0, 20.0], 5),
    ],
)
def test_what_speaks_for_two_together_counts_beside_what_speaks_for_each(
    scores: list[float], expected: int | None
) -> None:
    assert adding.died(of_values([3, 2]), np.array(scores, dtype=np.float32), 0.15) == expected


def test_ways_with_one_total_support_each_other() -> None:
    scores = np.zeros(6, dtype=np.float32)
    scores[0] = 0.5
    assert adding.died(of_values([3, 2, 2]), scores, 0.15) == 5


def test_where_nobody_may_be_counted_nobody_is() -> None:
    assert adding.died([], np.zeros(0, dtype=np.float32), 0.15) is None


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Rebels kill 7 soldiers and 2 guards.", "&list"),
        ("Rebels kill 7 soldiers, including 2 guards.", "&part"),
        ("Rebels kill 7 soldiers and wound 2 guards.", "&hurt"),
        ("Rebels kill 7 soldiers, killing 2 guards.", "&kill"),
        ("Rebels kill 7 soldiers. There are 2 guards.", "&sentence"),
        ("Rebels kill 7 soldiers and 7 guards.", "&again list"),
        ("Rebels kill 7 soldiers and 2 guards.", "&list then and"),
    ],
)
def test_what_stands_between_two_numbers_is_seen(text: str, sign: str) -> None:
    assert sign in together(text)


def test_a_whole_and_its_part_are_told_from_two_that_add_up() -> None:
    text = "Rebels kill 10 people, nine police and one civilian."
    rivals = [c for c in rivals_of(text) if c.sort is Sort.NUMBER]
    whole = adding.together(rivals[0], rivals[1], rivals, read(text))
    assert whole["&whole"] > 1
    assert "&whole" not in adding.together(rivals[1], rivals[2], rivals, read(text))


def test_two_mentions_of_one_person_share_their_head() -> None:
    text = "Gunmen kill a guard. The guard is dead."
    first, second = (c for c in rivals_of(text) if c.sort is not Sort.SOMEBODY)
    assert "&one head" in adding.together(first, second, rivals_of(text), read(text))


def test_of_many_candidates_those_that_look_like_the_dead_are_kept_in_order() -> None:
    text = "He meets " + ", ".join(f"{n} men" for n in range(11, 21)) + ". Rebels kill 7 soldiers."
    kept = rivals_of(text)
    assert len(kept) == adding.MOST
    assert 7 in {c.value for c in kept}
    assert [c.first for c in kept] == sorted(c.first for c in kept)


def test_there_is_a_row_for_each_candidate_and_each_two() -> None:
    text = "Rebels kill 7 soldiers and 2 guards."
    found = rivals_of(text)
    rows = adding.rows(found, read(text), EventType.ASSAULT)
    assert len(rows) == adding.ways(len(found))[1].shape[1]


def test_a_text_speaks_of_killing_or_does_not() -> None:
    assert adding.speaks_of_killing(read("Rebels kill 7 men."))
    assert not adding.speaks_of_killing(read("7 men meet."))
