"""From hazards to chances: the arithmetic of competing ends that every hazard family shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from truce.vocabulary import MAX_HORIZON

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 256
"""Rows worked on at a time: a daily grid of a year for three ends then takes some 40 MB."""


def compose(hazards: Floats) -> Floats:
    """Cumulative incidence of competing ends from daily cumulative hazards.

    Within a day the hazards are constant, so the share of its ends that goes to a cause is that cause's share of the
    hazard.

    Args:
        hazards: shape (n, days, causes): each cause's cumulative hazard over each coming day; not negative.

    Returns:
        Shape (n, days + 1, causes); the first column is 0.
    """
    total = hazards.sum(axis=2)
    holds = np.exp(-np.cumsum(total, axis=1))
    before = np.concatenate((np.ones((len(hazards), 1)), holds[:, :-1]), axis=1)
    ending = before * -np.expm1(-total)
    share = np.divide(hazards, total[:, :, None], out=np.zeros_like(hazards), where=total[:, :, None] > 0)
    # What rounding adds beyond certainty would be no probability any more.
    steps = np.minimum(np.cumsum(ending[:, :, None] * share, axis=1), 1.0)
    return np.concatenate((np.zeros((len(hazards), 1, hazards.shape[2])), steps), axis=1)


def piecewise(starts: Ints, rates: Floats, horizons: Sequence[int]) -> Floats:
    """The same from hazards that are constant between a few days, without a step for each day.

    Args:
        starts: shape (n, s): the whole days ahead from which each piece's rates hold, ascending, the first 0; pieces may be empty.
        rates: shape (n, s, causes): each cause's hazard a day; not negative.
        horizons: whole days.

    Returns:
        Shape (n, len(horizons), causes).
    """
    total, length = rates.sum(axis=2), np.diff(starts, axis=1)
    gone = total[:, :-1] * length
    nothing = np.zeros((len(starts), 1))
    holds = np.exp(-np.concatenate((nothing, np.cumsum(gone, axis=1)), axis=1))
    share = np.divide(rates, total[:, :, None], out=np.zeros_like(rates), where=total[:, :, None] > 0)
    ended = np.cumsum((holds[:, :-1] * -np.expm1(-gone))[:, :, None] * share[:, :-1], axis=1)
    before = np.concatenate((np.zeros_like(rates[:, :1]), ended), axis=1)
    piece, since = piece_of(starts, horizons)
    row = np.arange(len(starts))[:, None]
    ending = holds[row, piece] * -np.expm1(-total[row, piece] * since)
    # What rounding adds beyond certainty would be no probability any more.
    chances: Floats = np.minimum(before[row, piece] + ending[:, :, None] * share[row, piece], 1.0)
    return chances


def piece_of(starts: Ints, horizons: Sequence[int]) -> tuple[Ints, Ints]:
    """In which piece (n, H) each horizon's last day lies, and how many days of it have gone by then (n, H)."""
    until = np.asarray(horizons, dtype=np.int64)
    piece = np.maximum((starts[:, :, None] < until).sum(axis=1) - 1, 0)
    return piece, until - np.take_along_axis(starts, piece, axis=1)


def starts_of(turns: Sequence[Ints]) -> Ints:
    """The starts of pieces, shape (n, s): the days of all ``turns`` (n, .) in order, behind day 0. Turns beyond a year count for nothing."""
    (first, *_) = turns
    days = np.concatenate((np.zeros((len(first), 1), dtype=np.int64), *turns), axis=1)
    return np.sort(np.clip(days, 0, MAX_HORIZON), axis=1)


def turns_at(edges: Floats, age: Ints) -> Ints:
    """The days ahead after which a truce's days lie in the next band of age, shape (n, len(edges)); a day is where its middle is."""
    return np.ceil(edges - age[:, None] - 0.5).astype(np.int64)


def by_chunks(rows: int, horizons: Sequence[int], hazards_of: Callable[[slice, int], Floats]) -> Floats:
    """Cumulative incidence at the horizons, working on a few rows at a time.

    Args:
        rows: n.
        horizons: whole days.
        hazards_of: (rows, days) -> daily cumulative hazards, shape (rows in the slice, days, 3).

    Returns:
        Shape (n, len(horizons), 3).
    """
    days = max([*horizons, 1])
    out = np.zeros((rows, len(horizons), 3))
    for start in range(0, rows, CHUNK):
        part = slice(start, min(start + CHUNK, rows))
        out[part] = compose(hazards_of(part, days))[:, list(horizons)]
    return out


def isotonic(values: Floats) -> Floats:
    """The nearest rows (least squares) that never fall from left to right: pool adjacent violators, row by row.

    Args:
        values: shape (n, k).

    Returns:
        Shape (n, k), each row non-decreasing.
    """
    out = values.copy()
    for row in np.flatnonzero((np.diff(values, axis=1) < 0).any(axis=1)):
        blocks: list[list[float]] = []
        for value in values[row]:
            blocks.append([value, 1.0])
            while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
                (low, m), (high, n) = blocks.pop(), blocks.pop()
                blocks.append([(low * m + high * n) / (m + n), m + n])
        out[row] = np.repeat([value for value, _ in blocks], [int(size) for _, size in blocks])
    return out
