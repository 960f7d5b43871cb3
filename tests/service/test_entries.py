from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from service.entries import spelled
from truce.features import FeatureTable
from truce.identity import canonical

NAMES = ("b", "a", "c")
VALUES = st.floats(allow_infinity=False) | st.sampled_from([0.0, -0.0, 1.0, 1e-5, 1e16])


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.just(len(NAMES))), elements=VALUES))
def test_a_row_is_spelled_as_canonical_json_with_null_for_what_is_undefined(values: np.ndarray) -> None:
    count = len(values)
    table = FeatureTable(
        NAMES, values, np.zeros(count, np.int64), np.full(count, "t"), np.zeros(count, "datetime64[s]"), "fs"
    )
    wanted = [
        canonical({name: None if math.isnan(v) else v for name, v in zip(NAMES, row, strict=True)})
        for row in values.tolist()
    ]
    assert spelled(table) == wanted
