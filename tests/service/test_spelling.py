from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.spelling import spelled
from truce.identity import canonical

EDGES = st.sampled_from([0.0, -0.0, 1e-4, 9.999999999999999e-05, 1e-5, 5e-324, 1e16, 9999999999999998.0, 1e22, -1e-7])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 1) | EDGES, min_size=1, max_size=12))
def test_numbers_are_spelled_as_canonical_json_has_them(numbers: list[float]) -> None:
    both = spelled(np.array([numbers, numbers[::-1]]))
    assert both == [[canonical(number) for number in numbers], [canonical(number) for number in numbers[::-1]]]


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
def test_no_numbers_are_no_words(shape: tuple[int, int]) -> None:
    assert spelled(np.zeros(shape)) == [[]] * shape[0]


@pytest.mark.parametrize("none", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_has_no_spelling(none: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        spelled(np.array([[0.5, none]]))
