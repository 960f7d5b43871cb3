"""What a forecast says, as it is archived: one truce at one moment, by one model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.artifact import Artifact
from service.grounds import Behind
from service.occasions import Occasion, is_hindcast
from service.rows import Rows
from service.shelf import Shelved
from service.spelling import spelled
from truce.errors import NoModel
from truce.identity import canonical, content_of
from truce.store.feature_rows import pack
from truce.store.seals import Entry
from truce.verification import VINTAGE_DAYS
from truce.vocabulary import Truce

Floats = NDArray[np.float64]
T = TypeVar("T")
S = TypeVar("S")
_NOTHING = [0.0, 0.0]


def entries(shelved: Shelved, rows: Rows, chances: Floats, age_alone: Floats, grounds: Sequence[Behind]) -> list[Entry]:
    """The forecasts of n rows with what stands behind them; ``chances`` is (n, H, 3), ``age_alone`` (n, H).

    Raises:
        NoModel: one of the numbers is none.
    """
    table = rows.table
    ages, packed = table.age_days.tolist(), pack(table.feature_set, table.names, table.values)
    horizons = _horizons(rows.occasions, chances, age_alone, [why.intervals for why in grounds])
    # The same objects stand behind many rows: each is spelled once.
    voice = _Voice.of(shelved)
    frames = _each_once(rows.occasions, lambda when: _Frame.of(voice, when, table.names))
    beliefs = _each_once(rows.truces, _Belief.of)
    records = _each_once([why.reliability for why in grounds], canonical)
    each = zip(rows.truces, ages, packed, horizons, grounds, rows.occasions, strict=True)
    return [
        frames[id(when)].entry(beliefs[id(truce)], age, row, said, why, records[id(why.reliability)])
        for truce, age, row, said, why, when in each
    ]


def _horizons(
    occasions: Sequence[Occasion], chances: Floats, age_alone: Floats, intervals: Sequence[Sequence[list[float] | None]]
) -> list[str]:
    """What is said of all horizons of each row, in the words in which canonical JSON has them. Raises NoModel."""
    ends = np.clip(chances, 0.0, 1.0) + 0.0  # there is no chance of minus zero
    given, told = _given(intervals)
    spans = np.where(given[:, :, None], told, ends[:, :, :1])
    unsure = np.array([not when.sure for when in occasions], dtype=bool)
    reaching = np.stack((np.minimum(spans[:, :, 0], age_alone), np.maximum(spans[:, :, 1], age_alone)), axis=2)
    spans = np.where(unsure[:, None, None], reaching, spans)
    holds = np.maximum(1.0 - ends.sum(axis=2), 0.0)
    # In the order in which a horizon names them.
    numbers = np.concatenate(
        (spans, age_alone[:, :, None], ends[:, :, :2], holds[:, :, None], ends[:, :, 2:]), axis=2
    ).reshape(len(ends), -1)
    try:
        texts = spelled(numbers)
    except ValueError:  # nothing is archived that no reader of JSON could read again
        raise NoModel("the model in use says what is no number: `trucecast rollback`, or train anew") from None
    shown = map(tuple, (given | unsure[:, None]).tolist())
    return [_wording(when.days, there) % tuple(row) for when, there, row in zip(occasions, shown, texts, strict=True)]


def _given(intervals: Sequence[Sequence[list[float] | None]]) -> tuple[NDArray[np.bool_], Floats]:
    """Which intervals there are, (n, H), and their ends, (n, H, 2)."""
    if any(None in row for row in intervals):
        given = np.array([[pair is not None for pair in row] for row in intervals], dtype=bool)
        return given, np.array([[pair or _NOTHING for pair in row] for row in intervals], dtype=float)
    ends = np.array(intervals, dtype=float)
    return np.ones(ends.shape[:2], dtype=bool), ends


@lru_cache(maxsize=256)
def _wording(days: tuple[int, ...], given: tuple[bool, ...]) -> str:
    """Horizons with a place for each of their numbers, of which those of an interval that is not given are passed over."""
    return ",".join(
        f'{{"days":{day},"interval":{"[%s,%s]" if there else "null%.0s%.0s"},"p_baseline":%s,"p_breakdown":%s,"p_expired":%s,'
        '"p_holds":%s,"p_superseded":%s}'
        for day, there in zip(days, given, strict=True)
    )


def _each_once(things: Iterable[T], spell: Callable[[T], S]) -> dict[int, S]:
    """For each object among the things what ``spell`` makes of it, by the object's identity."""
    return {key: spell(thing) for key, thing in {id(thing): thing for thing in things}.items()}


class _Belief(NamedTuple):
    """A truce as it was believed: its id, the id in quotes as canonical JSON has it, and the hash of all of it, to go on from."""

    truce_id: str
    quoted: str
    seen: Any

    @classmethod
    def of(cls, truce: Truce) -> Self:
        seen = hashlib.sha256(f"[{canonical(content_of(truce))},".encode())
        return cls(truce.truce_id, canonical(truce.truce_id), seen)

    def with_row(self, features: str) -> str:
        """A digest of the truce and the feature row that were seen."""
        seen = self.seen.copy()
        seen.update(f"{features}]".encode())
        digest: str = seen.hexdigest()
        return digest


class _Voice(NamedTuple):
    """The model that speaks, as all of one call's forecasts name it."""

    artifact: Artifact
    model: str
    rule: str
    asked: str
    """Its part of what an id is made from."""

    @classmethod
    def of(cls, shelved: Shelved) -> Self:
        artifact = shelved.artifact
        rule = canonical(artifact.rule)
        asked = f"{canonical(artifact.version)},{canonical(shelved.digest)},{rule}"
        return cls(artifact, canonical(named(shelved)), rule, asked)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same in all forecasts of one occasion, spelled once. Bodies are canonical JSON: keys sorted, no spaces."""

    when: Occasion
    version: str
    rule: str
    question: str
    """What an id is made from, up to the truce and what was seen of it."""
    head: str
    middle: str
    issued: str
    tail: str
    columns: tuple[str, ...]

    @classmethod
    def of(cls, voice: _Voice, when: Occasion, columns: tuple[str, ...]) -> Self:
        artifact, as_of = voice.artifact, canonical(when.as_of)
        hindcast = _truth(is_hindcast(artifact, when.as_of))
        return cls(
            when,
            str(artifact.version),
            artifact.rule,
            f"[{as_of},{_list(when.days)},{voice.asked},{_truth(when.drivers)}]",
            f'"archived":true,"as_of":{as_of},"attribution":{_list(tuple(when.attribution))},"drivers":',
            f'"hindcast":{hindcast},"horizons":',
            f'"issued_at":{canonical(when.issued_at)},"model":{voice.model},"reliability":',
            f'"rule":{voice.rule},"sources":{canonical(when.sources)},"truce_id":',
            columns,
        )

    def entry(self, truce: _Belief, age: int, features: str, horizons: str, why: Behind, record: str) -> Entry:
        """``horizons`` and ``record``, the reliability, are spelled already."""
        when, seen = self.when, truce.with_row(features)
        forecast_id = hashlib.sha256(f"[{self.question},{truce.quoted},{seen}]".encode()).hexdigest()[:32]
        drivers = canonical(why.drivers) if when.drivers else "null"
        body = (
            f'{{"age_days":{age},{self.head}{drivers},"forecast_id":"{forecast_id}",{self.middle}[{horizons}],'
            f"{self.issued}{record},{self.tail}{truce.quoted}}}"
        )
        return Entry(
            forecast_id=forecast_id, kind=when.kind, truce_id=truce.truce_id, as_of=when.as_of, issued_at=when.issued_at,
            model_version=self.version, rule=self.rule, history_digest=seen, features=features, body=body,
            vintage_days=VINTAGE_DAYS, columns=self.columns,
        )  # fmt: skip


_list = lru_cache(maxsize=1000)(canonical)


def _truth(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"


def named(shelved: Shelved) -> dict[str, Any]:
    """The model that speaks, as answers name it."""
    artifact = shelved.artifact
    return {
        "name": artifact.name,
        "version": artifact.version,
        "family": artifact.family,
        "run_id": shelved.run_id,
        "trained_to": artifact.trained_to.isoformat(),
    }


def horizon_of(days: int, chances: Any, age_alone: float, interval: list[float] | None) -> dict[str, Any]:
    """One horizon of an answer; ``chances`` (3,) are those of ``CAUSES``."""
    ends = [min(max(float(p), 0.0), 1.0) for p in chances]
    return {
        "days": days,
        "p_breakdown": ends[0],
        "interval": interval,
        "p_expired": ends[1],
        "p_superseded": ends[2],
        "p_holds": max(1.0 - sum(ends), 0.0),
        "p_baseline": age_alone,
    }
