"""The head that weighs ways of adding up the dead, by the likelihood of the totals that people labelled.

Labels say how many died, not which numbers say so. So what is fitted is the chance of the labelled total, over all ways of
reaching it: a latent choice, summed out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from models.text import adding
from models.text.deaths import Candidate
from models.text.linear import Linear

Row = Mapping[str, float]
Floats = NDArray[np.float64]

_MAX_STEPS = 150
_HINT = 0.02
"""Where the search begins: words of killing speak for a candidate."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates of a text, the rows of ``adding.rows``, and how many died; 0 when none is stated."""

    rivals: Sequence[Candidate]
    rows: Sequence[Row]
    died: int

    @property
    def right(self) -> NDArray[np.bool_]:
        """The ways that reach the label; a text without one teaches nothing."""
        return np.asarray(adding.totals(self.rivals) == self.died)


def fit(
    choices: Sequence[Choice],
    matrix_of: Callable[[Sequence[Row]], tuple[list[str], csr_matrix]],
    strength: float,
) -> Linear:
    """Fit the head.

    Args:
        choices: labelled texts.
        matrix_of: the names of the features worth a column, and rows as a matrix of them.
        strength: the inverse ridge penalty.
    """
    taught = [choice for choice in choices if choice.rivals and choice.right.any()]
    names, matrix = matrix_of([row for choice in taught for row in choice.rows])
    begin = np.array([_HINT if "killing" in name or "killed" in name else 0.0 for name in names])
    loss = _loss(taught, matrix, strength)
    best = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": _MAX_STEPS})
    return Linear(["yes"], names, best.x[:, None].astype(np.float32), np.zeros(1, dtype=np.float32))


def _loss(choices: Sequence[Choice], matrix: csr_matrix, strength: float) -> Callable[[Floats], tuple[float, Floats]]:
    """The penalised negative log-likelihood of weights, and its gradient."""
    turned = matrix.T.tocsr()
    ends = np.cumsum([len(choice.rows) for choice in choices])
    parts = [
        (slice(end - len(choice.rows), end), adding.ways(len(choice.rivals))[1], choice.right)
        for end, choice in zip(ends, choices, strict=True)
    ]

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = matrix @ weights
        value, gradient = 0.0, np.zeros_like(scores)
        for place, ways, right in parts:
            sums = ways @ scores[place]
            powers = np.exp(sums - sums.max())
            reached = powers * right
            value += float(np.log(powers.sum()) - np.log(reached.sum()))
            gradient[place] = (powers / powers.sum() - reached / reached.sum()) @ ways
        return strength * value + 0.5 * float(weights @ weights), strength * (turned @ gradient) + weights

    return loss
