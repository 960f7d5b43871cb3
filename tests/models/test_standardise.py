from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.standardise import CLIP, Scale
from truce.identity import canonical

Floats = NDArray[np.float64]


def column(*values: float) -> Floats:
    return np.array(values, dtype=float)[:, None]


def test_a_column_gets_mean_nothing_and_one_standard_deviation() -> None:
    values = column(1, 2, 3, 10)
    scaled = Scale.of(("a",), values).apply_to(values)
    assert abs(scaled.mean()) < 1e-12
    assert abs(scaled.std() - 1) < 1e-12


def test_what_is_undefined_counts_as_average_and_moves_no_average() -> None:
    scale = Scale.of(("a",), column(1, np.nan, 3))
    assert scale.mean.tolist() == [2.0]
    assert scale.sd.tolist() == [1.0]
    assert scale.apply_to(column(np.nan)).tolist() == [[0.0]]


def test_a_column_that_is_never_defined_is_worth_nothing_and_can_be_written() -> None:
    scale = Scale.of(("a",), column(np.nan, np.nan))
    assert scale.apply_to(column(7, np.nan)).tolist() == [[0.0], [0.0]]
    assert "NaN" not in canonical(scale.parameters())


@given(st.floats(-1e6, 1e6), st.integers(2, 3000))
def test_a_column_that_never_varied_is_worth_nothing_even_when_its_mean_is_rounded(value: float, rows: int) -> None:
    scale = Scale.of(("a",), np.full((rows, 1), value))
    assert scale.apply_to(column(value + 1)).tolist() == [[0.0]]


def test_a_table_without_rows_has_a_scale() -> None:
    assert Scale.of(("a", "b"), np.empty((0, 2))).apply_to(np.ones((1, 2))).tolist() == [[0.0, 0.0]]


def test_a_record_value_counts_for_no_more_than_the_clip() -> None:
    scale = Scale.of(("a",), column(0, 2))
    assert scale.apply_to(column(1e9, -1e9)).ravel().tolist() == [CLIP, -CLIP]
