from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from models.text.linear import softmax
from training.fitting import ranking


def matrix(rows: list[list[float]]) -> csr_matrix:
    return csr_matrix(np.array(rows))


def test_what_marks_the_right_candidate_ranks_it_first() -> None:
    rows = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    model = ranking.fit(["good", "bad"], matrix(rows), [2, 3], [0, 1], 1.0)
    good, bad = model.weights[:, 0]
    assert good > 0 > bad
    assert model.classes == ("yes",)
    assert float(model.intercepts[0]) == 0.0


def test_a_feature_that_all_candidates_of_a_text_share_says_nothing() -> None:
    model = ranking.fit(["shared", "good"], matrix([[1.0, 1.0], [1.0, 0.0]]), [2], [0], 1.0)
    assert float(model.weights[0, 0]) == pytest.approx(0.0, abs=1e-6)


def test_the_weights_are_where_the_penalised_likelihood_is_flat() -> None:
    """One feature, one pair: strength * (1 - chance of the right one) is the weight."""
    for strength in (0.1, 1.0, 10.0):
        model = ranking.fit(["good"], matrix([[1.0], [0.0]]), [2], [0], strength)
        weight = float(model.weights[0, 0])
        chance = float(softmax(np.array([weight, 0.0], dtype=np.float32))[0])
        assert weight == pytest.approx(strength * (1 - chance), abs=1e-3)
