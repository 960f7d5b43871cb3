"""A head that ranks the candidates of a text, by conditional logit: how likely each is the one, given the others beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from models.text.linear import Linear

Row = Mapping[str, float]
Floats = NDArray[np.float64]

_MAX_STEPS = 300


def fit(
    names: Sequence[str], matrix: csr_matrix, sizes: Sequence[int], chosen: Sequence[int], strength: float
) -> Linear:
    """Fit a ranking.

    Args:
        names: the feature of each column.
        matrix: the candidates of all texts, one text after another.
        sizes: how many candidates each text has.
        chosen: which of them is the right one.
        strength: the inverse ridge penalty.
    """
    loss = _loss(matrix, np.asarray(sizes), np.asarray(chosen), strength)
    best = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": _MAX_STEPS})
    return Linear(["yes"], names, best.x[:, None].astype(np.float32), np.zeros(1, dtype=np.float32))


def _loss(
    matrix: csr_matrix, sizes: NDArray[np.int64], chosen: NDArray[np.int64], strength: float
) -> Callable[[Floats], tuple[float, Floats]]:
    """The penalised negative log-likelihood of weights, and its gradient."""
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    of = np.repeat(np.arange(len(sizes)), sizes)
    right = starts + chosen
    turned = matrix.T.tocsr()

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = matrix @ weights
        highest = np.maximum.reduceat(scores, starts)
        powers = np.exp(scores - highest[of])
        sums = np.add.reduceat(powers, starts)
        missed = powers / sums[of]
        value = -float(np.sum(scores[right] - highest - np.log(sums)))
        missed[right] -= 1
        gradient = strength * (turned @ missed) + weights
        return strength * value + 0.5 * float(weights @ weights), gradient

    return loss
