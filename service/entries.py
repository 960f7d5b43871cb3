"""What a forecast says, as it is archived: one truce at one moment, by one model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from service.grounds import Behind
from service.occasions import Occasion, is_hindcast
from service.rows import Rows
from service.shelf import Shelved
from truce.errors import NoModel
from truce.identity import canonical, content_of
from truce.liveness import widened
from truce.store.feature_rows import pack
from truce.store.seals import Entry
from truce.verification import VINTAGE_DAYS
from truce.vocabulary import Truce

Floats = NDArray[np.float64]
T = TypeVar("T")
S = TypeVar("S")


def entries(shelved: Shelved, rows: Rows, chances: Floats, age_alone: Floats, grounds: Sequence[Behind]) -> list[Entry]:
    """The forecasts of n rows with what stands behind them; ``chances`` is (n, H, 3), ``age_alone`` (n, H).

    Raises:
        NoModel: one of the numbers is none.
    """
    ends = np.clip(chances, 0.0, 1.0) + 0.0  # there is no chance of minus zero
    holds = np.maximum(1.0 - ends.sum(axis=2), 0.0)
    numbers = np.concatenate((age_alone[:, :, None], ends, holds[:, :, None]), axis=2)
    _refuse_what_is_none(numbers, grounds)
    table = rows.table
    ages, packed = table.age_days.tolist(), pack(table.feature_set, table.names, table.values)
    # The same objects stand behind many rows: each is spelled once.
    frames = _each_once(rows.occasions, lambda when: _Frame.of(shelved, when))
    beliefs = _each_once(rows.truces, _Belief.of)
    records = _each_once([why.reliability for why in grounds], canonical)
    each = zip(rows.truces, ages, packed, numbers.tolist(), grounds, rows.occasions, strict=True)
    return [
        frames[id(when)].entry(beliefs[id(truce)], age, row, said, why, records[id(why.reliability)], table.names)
        for truce, age, row, said, why, when in each
    ]


def _refuse_what_is_none(numbers: Floats, grounds: Sequence[Behind]) -> None:
    """Stop before anything is archived that no reader of JSON could read again. Raises NoModel."""
    spans = [pair for why in grounds for pair in why.intervals if pair is not None]
    if not (np.isfinite(numbers).all() and np.isfinite(spans).all()):
        raise NoModel("the model in use says what is no number: `trucecast rollback`, or train anew")


def _each_once(things: Iterable[T], spell: Callable[[T], S]) -> dict[int, S]:
    """For each object among the things what ``spell`` makes of it, by the object's identity."""
    return {key: spell(thing) for key, thing in {id(thing): thing for thing in things}.items()}


class _Belief(NamedTuple):
    """A truce as it was believed: its id, the id in quotes, and all of it, as canonical JSON has them."""

    truce_id: str
    quoted: str
    content: str

    @classmethod
    def of(cls, truce: Truce) -> Self:
        return cls(truce.truce_id, canonical(truce.truce_id), canonical(content_of(truce)))


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

    @classmethod
    def of(cls, shelved: Shelved, when: Occasion) -> Self:
        artifact, as_of = shelved.artifact, canonical(when.as_of)
        asked = [when.as_of, list(when.days), artifact.version, shelved.digest, artifact.rule, when.drivers]
        hindcast = canonical(is_hindcast(artifact, when.as_of))
        return cls(
            when,
            str(artifact.version),
            artifact.rule,
            canonical(asked),
            f'"archived":true,"as_of":{as_of},"attribution":{canonical(when.attribution)},"drivers":',
            f'"hindcast":{hindcast},"horizons":',
            f'"issued_at":{canonical(when.issued_at)},"model":{canonical(named(shelved))},"reliability":',
            f'"rule":{canonical(artifact.rule)},"sources":{canonical(when.sources)},"truce_id":',
        )

    def entry(  # noqa: PLR0913
        self,
        truce: _Belief,
        age: int,
        features: str,
        numbers: Sequence[Sequence[float]],
        why: Behind,
        record: str,
        columns: tuple[str, ...],
    ) -> Entry:
        """``numbers`` are, horizon by horizon, truce age alone, the three ends, and what holds."""
        when = self.when
        seen = hashlib.sha256(f"[{truce.content},{features}]".encode()).hexdigest()
        forecast_id = hashlib.sha256(f"[{self.question},{truce.quoted},{seen}]".encode()).hexdigest()[:32]
        horizons = self._horizons(numbers, why.intervals)
        drivers = canonical(why.drivers) if when.drivers else "null"
        body = (
            f'{{"age_days":{age},{self.head}{drivers},"forecast_id":"{forecast_id}",{self.middle}[{horizons}],'
            f"{self.issued}{record},{self.tail}{truce.quoted}}}"
        )
        return Entry(
            forecast_id=forecast_id, kind=when.kind, truce_id=truce.truce_id, as_of=when.as_of, issued_at=when.issued_at,
            model_version=self.version, rule=self.rule, history_digest=seen, features=features, body=body,
            vintage_days=VINTAGE_DAYS, columns=columns,
        )  # fmt: skip

    def _horizons(self, numbers: Sequence[Sequence[float]], intervals: Sequence[list[float] | None]) -> str:
        """Each horizon with its interval; the words in which canonical JSON has them, without making it of a dictionary first."""
        told = zip(self.when.days, numbers, intervals, strict=True)
        if not self.when.sure:
            return ",".join(
                [
                    canonical(widened(horizon_of(days, ends, alone, interval)))
                    for days, (alone, *ends, _), interval in told
                ]
            )
        return ",".join(
            [
                f'{{"days":{days},"interval":{_pair(interval)},"p_baseline":{alone!r},"p_breakdown":{broken!r},"p_expired":{expired!r},'
                f'"p_holds":{holds!r},"p_superseded":{replaced!r}}}'
                for days, (alone, broken, expired, replaced, holds), interval in told
            ]
        )


def _pair(interval: list[float] | None) -> str:
    return "null" if interval is None else f"[{interval[0]!r},{interval[1]!r}]"


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
