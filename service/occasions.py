"""When and how a forecast is asked for: what is the same for all truces of one request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.artifact import Artifact
from truce.clock import end_of

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
