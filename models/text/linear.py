"""A linear model over named features: what every decision of the coder is made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Linear:
    """Scores of k classes from named features. A feature that was not seen in fitting says nothing."""

    def __init__(self, classes: Sequence[str], features: Sequence[str], weights: Floats, intercepts: Floats) -> None:
        """``weights`` has the shape (features, classes), ``intercepts`` (classes,)."""
        self.classes = tuple(classes)
        self.features = tuple(features)
        self.weights = weights
        self.intercepts = intercepts
        self._index = {name: row for row, name in enumerate(self.features)}

    def scores(self, rows: Sequence[Mapping[str, float]]) -> Floats:
        """Log-odds up to a constant, shape (n, k), of n rows of feature values."""
        out = np.tile(self.intercepts, (len(rows), 1))
        for row, features in enumerate(rows):
            known = [(at, value) for name, value in features.items() if (at := self._index.get(name)) is not None]
            if known:
                places, values = zip(*known, strict=True)
                out[row] += np.asarray(values, dtype=np.float32) @ self.weights[list(places)]
        return out

    def chances(self, rows: Sequence[Mapping[str, float]]) -> Floats:
        """Probabilities that sum to 1 over the classes, shape (n, k)."""
        return softmax(self.scores(rows))

    def dump(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """The arrays that ``load`` takes, their names beginning with ``prefix``."""
        return {
            f"{prefix}.classes": packed(self.classes),
            f"{prefix}.features": packed(self.features),
            f"{prefix}.weights": self.weights.astype(np.float16),
            f"{prefix}.intercepts": self.intercepts,
        }

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Self:
        """The model that ``dump`` wrote. Raises KeyError when it is not there."""
        return cls(
            unpacked(arrays[f"{prefix}.classes"]),
            unpacked(arrays[f"{prefix}.features"]),
            np.asarray(arrays[f"{prefix}.weights"], dtype=np.float32),
            np.asarray(arrays[f"{prefix}.intercepts"], dtype=np.float32),
        )


def softmax(scores: Floats) -> Floats:
    """Probabilities over the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def packed(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Texts as bytes: an array that needs no pickle and no padding. They must hold no line break."""
    return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), dtype=np.uint8)


def unpacked(blob: NDArray[np.generic]) -> list[str]:
    """The texts of ``packed``."""
    return np.asarray(blob, dtype=np.uint8).tobytes().decode().split("\n")[:-1]
