from __future__ import annotations

import math
import struct
from binascii import b2a_base64
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.databases import tell
from tests.truce.store.test_store import an_entry
from truce.errors import BadInput, Unknown
from truce.settings import Settings
from truce.store import open_store
from truce.store.feature_rows import pack, set_id, set_of, unpack
from truce.store.seals import Entry

NAMES = tuple("abcdefghijk")
VALUES = st.sampled_from([0.0, -0.0, 1.0]) | st.floats()


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.just(len(NAMES))), elements=VALUES))
def test_a_packed_row_comes_back_to_the_last_bit_with_none_for_what_is_undefined(values: np.ndarray) -> None:
    for text, row in zip(pack("fs-1", NAMES, values), values.tolist(), strict=True):
        assert set_of(text) == set_id("fs-1", NAMES)
        back = unpack(text, NAMES)
        assert repr(back) == repr({n: None if math.isnan(v) else v for n, v in zip(NAMES, row, strict=True)})


def _coded(raw: bytes) -> str:
    return f"fs-1:{b2a_base64(raw, newline=False).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "fs-1:",
        "fs-1:%%",
        _coded(b"\0"),
        _coded(b"\xff\0" + struct.pack("<d", 3.5)),
        _coded(b"\0\0" + struct.pack("<d", 3.5)),
        _coded(b"\0\x01" + struct.pack("<d", 3.5)),
        _coded(b"\x80\0" + b"1234"),
    ],
    ids=["empty", "no base64", "half a mask", "too few values", "too many", "a bit beyond the names", "half a value"],
)
def test_what_is_no_packed_row_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        unpack(text, NAMES)


def _packed(forecast_id: str) -> Entry:
    (text,) = pack("fs-1", ("a", "b", "c"), np.array([[0.0, 1.5, np.nan]]))
    return replace(an_entry(forecast_id), features=text, columns=("a", "b", "c"))


def test_the_archive_gives_back_the_row_a_forecast_was_made_from(home: Settings) -> None:
    with open_store(home) as store:
        store.forecasts.append([_packed("new"), replace(an_entry("old"), features='{"a":0.0,"b":null}')])
    with open_store(home) as store:
        store.forecasts.append([_packed("newer")])
        assert store.forecasts.features("new") == store.forecasts.features("newer") == {"a": 0.0, "b": 1.5, "c": None}
        assert store.forecasts.features("old") == {"a": 0.0, "b": None}
        assert store.forecasts.verify().ok
        with pytest.raises(Unknown):
            store.forecasts.features("nobody")


@pytest.mark.parametrize(
    "tampering",
    [
        """UPDATE feature_sets SET names = '["c", "b", "a"]'""",
        "UPDATE feature_sets SET names = 'garbage'",
        "DELETE FROM feature_sets",
    ],
    ids=["order", "garbage", "gone"],
)
def test_columns_that_lost_their_names_are_told_by_verify_and_never_read_by_others(
    home: Settings, tampering: str
) -> None:
    with open_store(home) as store:
        store.forecasts.append([an_entry("old"), _packed("new")])
    tell(home, tampering)
    with open_store(home) as store:
        verdict = store.forecasts.verify()
        assert (verdict.ok, verdict.first_broken) == (False, "new")
        assert "are gone or were changed" in str(verdict.why)
        with pytest.raises(BadInput, match="are gone or were changed"):
            store.forecasts.features("new")
