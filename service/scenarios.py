"""What if such an event were in the record? The forecast with and without it, and how many cases of training that leans on.

The answer is associational: it says how the chances of truces with such events differed from those without, not what the event would
bring about. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from models.artifact import Artifact
from models.reasons import logit
from models.support import OUTSIDE
from service.explaining import header
from service.forecasting import Forecaster, checked_horizons
from service.grounds import supported
from service.shelf import Shelved
from truce.clock import start_of, write_moment
from truce.columns import EventColumns
from truce.counted import OF_EVENTS
from truce.errors import BadInput, Refused
from truce.families import EVENT_FAMILIES, SCOPES, members_of
from truce.features import FeatureTable, features_at
from truce.reasons import why
from truce.vocabulary import Event, Truce

LABEL = "associational: how truces with such events differed from those without, not what the event would bring about"


def what_if(
    forecaster: Forecaster,
    shelved: Shelved,
    truce_id: str,
    events: Sequence[Event],
    moment: datetime,
    horizons: Sequence[int] | None = None,
) -> dict[str, Any]:
    """The chances of a truce before and after hypothetical events are added to what was known at ``moment``.

    Raises:
        BadInput: an event lies after the moment, or is tied to another truce.
        Refused: the model never saw such an event in training, or the truce lies outside its support before or after.
    """
    days, artifact = checked_horizons(horizons), shelved.artifact
    added = [_settled(k, event, moment, truce_id) for k, event in enumerate(events)]
    history = forecaster.known(artifact.rule, truce_id, moment)
    truce = next(t for t in history.truces if t.truce_id == truce_id)
    told = [_told(artifact, k, event, truce) for k, event in enumerate(added)]
    for one in told:
        if one["support"] is not None and one["support"]["truces"] == 0:
            raise Refused(
                f"event {one['n']}: no truce of the training set had one of {one['family']} ({one['support']['column']})", code=OUTSIDE
            )  # fmt: skip
    supposed = replace(history, events=EventColumns.concat([history.events, EventColumns.of(added)]))
    before, after = (features_at(known, truce_id, moment) for known in (history, supposed))
    for table in (before, after):
        supported(artifact, truce_id, table)
    return {
        **header(shelved, truce, moment),
        "label": LABEL,
        "events": told,
        "thin": any(one["support"] is not None and one["support"]["thin"] for one in told),
        "horizons": _horizons(artifact, before, after, days),
    }


def _horizons(
    artifact: Artifact, before: FeatureTable, after: FeatureTable, days: Sequence[int]
) -> list[dict[str, Any]]:
    first, then = (np.clip(artifact.forecast(table, days)[:, :, 0], 0.0, 1.0) for table in (before, after))
    bounds = [artifact.interval(table, days, p)[0] for table, p in ((before, first), (after, then))]
    shift = logit(then) - logit(first)
    return [
        {
            "days": h,
            "p_before": float(first[0, k]),
            "p_after": float(then[0, k]),
            "interval_before": bounds[0][k],
            "interval_after": bounds[1][k],
            "log_odds": float(shift[0, k]),
        }
        for k, h in enumerate(days)
    ]


def _settled(k: int, event: Event, moment: datetime, truce_id: str) -> Event:
    """The event as it would stand in the record at the moment: told by then at the latest, under a name of its own."""
    if start_of(event.occurred_on) >= moment:
        raise BadInput(f"event {k}: occurred_on {event.occurred_on} is after {write_moment(moment)}", code="bad_event")
    if event.truce_id not in (None, truce_id):
        raise BadInput(f"event {k}: it is tied to {event.truce_id}, and asked of {truce_id}", code="bad_event")
    return replace(event, event_id=f"scenario-{k}", known_at=min(event.known_at, moment))


def _told(artifact: Artifact, k: int, event: Event, truce: Truce) -> dict[str, Any]:
    """How an event bears on the truce, under what the model counts it, and what that leans on."""
    reasons = [reason for reason in why(event, truce) if reason.scope in SCOPES]
    family = _family(event)
    scopes = [reason.scope for reason in reasons]
    read = [name for name in artifact.model.features if name in OF_EVENTS and OF_EVENTS[name].group == family]
    columns = [name for scope in scopes for name in read if OF_EVENTS[name].scope == scope]
    return {
        "n": k,
        "type": event.type.value,
        "occurred_on": event.occurred_on.isoformat(),
        "family": family,
        "links": [{"scope": r.scope, "why": r.why, "weight": r.weight} for r in reasons],
        "columns": columns,
        "support": _support(artifact, columns),
        "note": _note(family, scopes, columns),
    }


def _family(event: Event) -> str | None:
    one = EventColumns.of([event])
    return next((family.name for family in EVENT_FAMILIES if members_of(one, family)[0]), None)


def _support(artifact: Artifact, columns: Sequence[str]) -> dict[str, Any] | None:
    """Counts of the column of the closest scope, and its widest window, that the model reads; None where it reads none."""
    counted = [name for name in columns if artifact.support is not None and name in artifact.support.seen]
    if artifact.support is None or not counted:
        return None
    closest = OF_EVENTS[counted[0]].scope
    name = max((c for c in counted if OF_EVENTS[c].scope == closest), key=lambda c: OF_EVENTS[c].window)
    seen = artifact.support.seen[name]
    return {"column": name, "rows": seen.rows, "truces": seen.truces, "breaks": seen.breaks, "thin": seen.thin}


def _note(family: str | None, scopes: Sequence[str], columns: Sequence[str]) -> str | None:
    """Why an event changes nothing, where it does not."""
    if family is None:
        return "no event family counts this type with this modality and topic"
    if not scopes:
        return "it does not bear on this truce: neither its sides, nor their backers, nor its country"
    return None if columns else f"the model reads no column of {family} for {', '.join(scopes)}"
