from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from models.text import adding
from models.text.deaths import candidates
from tests.models.text.small_world import phrases_of, read
from training.fitting import adding as fitting
from truce.vocabulary import EventType

TAUGHT = [
    *((f"Rebels kill {n} soldiers and {n + 3} guards.", 2 * n + 3) for n in range(2, 12)),
    *((f"Rebels kill {n + 5} soldiers, including {n} guards.", n + 5) for n in range(2, 12)),
    *((f"Rebels kill {n} soldiers and wound {n + 7} guards.", n) for n in range(2, 12)),
    *((f"Rebels wound {n} soldiers after a killing.", 0) for n in range(2, 12)),
]


def choice(text: str, died: int = 0) -> fitting.Choice:
    reading = read(text)
    rivals = adding.kept(candidates(reading, phrases_of(text)))
    return fitting.Choice(rivals, adding.rows(rivals, reading, EventType.ASSAULT), died)


def matrix_of(rows: Sequence[Mapping[str, float]]) -> tuple[list[str], csr_matrix]:
    seen = Counter(name for row in rows for name in row)
    names = sorted(seen)
    return names, csr_matrix(np.array([[row.get(name, 0.0) for name in names] for row in rows]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rebels kill 40 soldiers and 20 guards.", 60),
        ("Rebels kill 40 soldiers, including 20 guards.", 40),
        ("Rebels kill 40 soldiers and wound 20 guards.", 40),
        ("Rebels wound 40 soldiers after a killing.", None),
    ],
)
def test_from_totals_alone_it_is_learnt_which_numbers_add_up(text: str, expected: int | None) -> None:
    head = fitting.fit([choice(*one) for one in TAUGHT], matrix_of, 1.0)
    asked = choice(text)
    assert adding.died(asked.rivals, head.scores(asked.rows)[:, 0], 0.15) == expected


def test_a_text_whose_label_no_way_reaches_teaches_nothing() -> None:
    unreachable = choice("Rebels kill 5 soldiers and 9 guards.", 4000)
    assert not unreachable.right.any()
    with_it, without = (
        fitting.fit([choice(*one) for one in TAUGHT] + extra, matrix_of, 1.0) for extra in ([unreachable], [])
    )
    assert with_it.features == without.features
    assert np.array_equal(with_it.weights, without.weights)
