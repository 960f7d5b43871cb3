from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.truce.store.test_store import an_entry
from truce.errors import BadInput, Unknown
from truce.settings import Settings
from truce.store import open_store
from truce.store.feature_rows import pack, unpack

NAMES = tuple("abcdefghijk")
VALUES = st.sampled_from([0.0, -0.0, 1.0]) | st.floats()


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.just(len(NAMES))), elements=VALUES))
def test_a_packed_row_comes_back_to_the_last_bit_with_none_for_what_is_undefined(values: np.ndarray) -> None:
    for text, row in zip(pack("fs-1", values), values.tolist(), strict=True):
        assert text.startswith("fs-1:")
        back = unpack(text, NAMES)
        assert repr(back) == repr({n: None if math.isnan(v) else v for n, v in zip(NAMES, row, strict=True)})


@pytest.mark.parametrize("text", ["fs-1:", "fs-1:%%", "fs-1:AAAA", "fs-1:/+AAAAAA"])
def test_what_is_no_packed_row_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        unpack(text, NAMES)


def test_the_archive_gives_back_the_row_a_forecast_was_made_from(home: Settings) -> None:
    (text,) = pack("fs-1", np.array([[0.0, 1.5, np.nan]]))
    packed = replace(an_entry("new"), features=text, columns=("a", "b", "c"))
    with open_store(home) as store:
        store.forecasts.append([packed, replace(an_entry("old"), features='{"a":0.0,"b":null}')])
    with open_store(home) as store:
        store.forecasts.append([replace(packed, forecast_id="newer")])
        assert store.forecasts.features("new") == store.forecasts.features("newer") == {"a": 0.0, "b": 1.5, "c": None}
        assert store.forecasts.features("old") == {"a": 0.0, "b": None}
        assert store.forecasts.verify().ok
        with pytest.raises(Unknown):
            store.forecasts.features("nobody")
