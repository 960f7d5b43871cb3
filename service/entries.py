"""What a forecast says, as it is archived: one truce at one moment, by one model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from operator import add
from typing import Any

import numpy as np

from models.artifact import Artifact
from service.grounds import Behind
from service.shelf import Shelved
from truce.clock import age_days, end_of, write_moment
from truce.features import FeatureTable
from truce.identity import canonical, content_of, digest
from truce.liveness import widened
from truce.store.forecasts import Entry
from truce.verification import VINTAGE_DAYS
from truce.vocabulary import Truce

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is the same for all forecasts of one request."""

    as_of: datetime
    issued_at: datetime
    kind: str
    days: tuple[int, ...]
    sources: list[dict[str, Any]]
    attribution: list[str]
    sure: bool = True
    """False when no source is alive: intervals are widened."""
    drivers: bool = True
    """False when they were not asked for: they are null then."""


def kind_of(artifact: Artifact, moment: datetime, now: datetime) -> str:
    """``issued`` when asked for now; of the past, ``hindcast`` when the model has seen later days, else ``replay``."""
    if now - moment <= _MINUTE:
        return "issued"
    return "hindcast" if is_hindcast(artifact, moment) else "replay"


def is_hindcast(artifact: Artifact, moment: datetime) -> bool:
    """Whether the model was fitted on days after the as-of moment."""
    return moment < end_of(artifact.trained_to)


def spelled(table: FeatureTable) -> list[str]:
    """Each row as canonical JSON: column -> value, null where it is undefined. Most values are there many times, and written once."""
    order = sorted(range(len(table.names)), key=table.names.__getitem__)
    keys = [f'"{table.names[k]}":' for k in order]
    # By their bits: minus zero is another text than zero.
    bits, place = np.unique(table.values[:, order].view(np.int64), return_inverse=True)
    words = np.array(["null" if v != v else repr(v) for v in bits.view(np.float64).tolist()], dtype=object)  # noqa: PLR0124 - NaN
    rows = words[place.reshape(len(table), len(order))].tolist()
    return ["{" + ",".join(map(add, keys, row)) + "}" for row in rows]


@lru_cache(maxsize=4096)
def _content(truce: Truce) -> str:
    """A truce as it was believed, as canonical JSON: the same is asked about at many moments."""
    return canonical(content_of(truce))


def entry(  # noqa: PLR0913
    shelved: Shelved, truce: Truce, features: str, chances: Any, age_alone: Any, why: Behind, when: Occasion
) -> Entry:
    """The forecast of one truce from its ``spelled`` row, with what stands behind it; ``chances`` is (H, 3), ``age_alone`` (H,)."""
    artifact = shelved.artifact
    # The digest of [content of the truce, features], spelled out.
    seen = hashlib.sha256(f"[{_content(truce)},{canonical(features)}]".encode()).hexdigest()
    forecast_id = digest([
        truce.truce_id, write_moment(when.as_of), list(when.days), artifact.version, shelved.digest, artifact.rule, seen,
        *([] if when.drivers else ["without drivers"]),
    ])[:32]  # fmt: skip
    horizons = [horizon_of(h, chances[k], float(age_alone[k]), why.intervals[k]) for k, h in enumerate(when.days)]
    body = {
        "forecast_id": forecast_id,
        "archived": True,
        "truce_id": truce.truce_id,
        "as_of": write_moment(when.as_of),
        "issued_at": write_moment(when.issued_at),
        "age_days": age_days(truce.effective_date, when.as_of),
        "rule": artifact.rule,
        "hindcast": is_hindcast(artifact, when.as_of),
        "model": named(shelved),
        "horizons": horizons if when.sure else [widened(horizon) for horizon in horizons],
        "drivers": why.drivers if when.drivers else None,
        "sources": when.sources,
        "reliability": why.reliability,
        "attribution": when.attribution,
    }
    return Entry(
        forecast_id=forecast_id, kind=when.kind, truce_id=truce.truce_id, as_of=when.as_of, issued_at=when.issued_at,
        model_version=str(artifact.version), rule=artifact.rule, history_digest=seen, features=features, body=canonical(body),
        vintage_days=VINTAGE_DAYS,
    )  # fmt: skip


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
