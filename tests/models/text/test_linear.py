from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.text.linear import Linear, packed, softmax, unpacked

Floats = NDArray[np.float32]

FEATURES = ("a", "b", "c")
VALUES = st.floats(-8, 8, width=16)
WEIGHTS = arrays(np.float32, (3, 2), elements=VALUES)
INTERCEPTS = arrays(np.float32, (2,), elements=VALUES)
ROWS = st.lists(st.dictionaries(st.sampled_from(FEATURES), VALUES), max_size=6)
LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))


def model(weights: Floats, intercepts: Floats) -> Linear:
    return Linear(("no", "yes"), FEATURES, weights, intercepts)


PLAIN = model(np.array([[1, 0], [0, 2], [3, -1]], dtype=np.float32), np.array([0.5, -0.5], dtype=np.float32))


@given(WEIGHTS, INTERCEPTS, ROWS)
def test_scores_are_those_of_a_dense_computation(
    weights: Floats, intercepts: Floats, rows: list[dict[str, float]]
) -> None:
    dense = np.array([[row.get(name, 0.0) for name in FEATURES] for row in rows]).reshape(len(rows), 3)
    expected = dense @ weights.astype(float) + intercepts
    assert np.allclose(model(weights, intercepts).scores(rows), expected, atol=1e-3)


@given(WEIGHTS, INTERCEPTS, ROWS)
def test_a_feature_that_was_not_seen_says_nothing(
    weights: Floats, intercepts: Floats, rows: list[dict[str, float]]
) -> None:
    fitted = model(weights, intercepts)
    assert np.array_equal(fitted.scores([{"unseen": 7.0, **row} for row in rows]), fitted.scores(rows))


def test_a_row_without_features_scores_the_intercepts() -> None:
    assert PLAIN.scores([{}]).tolist() == [[0.5, -0.5]]


def test_no_rows_have_no_scores() -> None:
    assert PLAIN.scores([]).shape == (0, 2)
    assert PLAIN.chances([]).shape == (0, 2)


@given(WEIGHTS, INTERCEPTS, ROWS)
def test_a_row_scores_the_same_alone_and_among_others(
    weights: Floats, intercepts: Floats, rows: list[dict[str, float]]
) -> None:
    fitted = model(weights, intercepts)
    together = fitted.scores(rows)
    assert all(np.array_equal(fitted.scores([row])[0], scores) for row, scores in zip(rows, together, strict=True))


@given(WEIGHTS, INTERCEPTS, ROWS)
def test_chances_sum_to_one_and_keep_the_order_of_the_scores(
    weights: Floats, intercepts: Floats, rows: list[dict[str, float]]
) -> None:
    fitted = model(weights, intercepts)
    chances, scores = fitted.chances(rows), fitted.scores(rows)
    assert np.allclose(chances.sum(axis=1), 1.0, atol=1e-6)
    assert ((chances[:, 0] >= chances[:, 1]) >= (scores[:, 0] > scores[:, 1])).all()


@pytest.mark.parametrize("scores", [[1000.0, 0.0], [-1000.0, -2000.0], [0.0, -np.inf]])
def test_chances_of_great_scores_are_finite(scores: list[float]) -> None:
    assert softmax(np.array([scores], dtype=np.float32)).tolist() == [[1.0, 0.0]]


@given(WEIGHTS, INTERCEPTS, ROWS)
def test_a_model_that_is_written_and_read_scores_the_same(
    weights: Floats, intercepts: Floats, rows: list[dict[str, float]]
) -> None:
    fitted = model(weights, intercepts)
    read = Linear.load(fitted.dump("head"), "head")
    assert (read.classes, read.features) == (fitted.classes, fitted.features)
    assert np.array_equal(read.scores(rows), fitted.scores(rows))


def test_a_written_model_needs_no_pickle() -> None:
    out = io.BytesIO()
    np.savez(out, **PLAIN.dump("head"))  # type: ignore[arg-type]  # its stub takes the first name for allow_pickle
    out.seek(0)
    with np.load(out, allow_pickle=False) as held:
        read = Linear.load({name: held[name] for name in held.files}, "head")
    assert read.scores([{"a": 1.0, "c": 2.0}]).tolist() == PLAIN.scores([{"a": 1.0, "c": 2.0}]).tolist()


def test_a_model_that_was_not_written_is_an_error() -> None:
    with pytest.raises(KeyError):
        Linear.load(PLAIN.dump("head"), "tail")


@given(st.lists(LINES, min_size=1))
def test_packed_texts_without_line_breaks_come_back(texts: list[str]) -> None:
    assert unpacked(packed(texts)) == texts


def test_no_texts_come_back_as_none() -> None:
    assert unpacked(packed([])) == []
