"""Alarms: which truces have become too risky for somebody who asked to be told, and which no longer are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.forecasting import Forecaster
from service.shelf import Shelf
from service.standing import Standing
from truce.clock import Clock, resolve_as_of, write_moment
from truce.errors import OutOfRange, TrucecastError
from truce.identity import canonical
from truce.store import Store
from truce.store.webhooks import Alarm, Webhook

_SILENT = Alarm(0, raised=False)


class Alarms:
    """Looks at all truces in force as of now, and tells the webhooks what changed. What raises an alarm is archived first."""

    def __init__(self, store: Store, shelf: Shelf, forecaster: Forecaster, clock: Clock) -> None:
        self._store = store
        self._shelf = shelf
        self._forecaster = forecaster
        self._clock = clock
        self.trouble: str | None = None
        """Why the last look saw nothing; None when it saw."""

    def look(self) -> int:
        """Look once; returns how many alarms changed. What hinders it is kept in ``trouble``: a blind watch must not pass for a calm one."""
        hooks = self._store.webhooks.all()
        if not hooks:
            self.trouble = None
            return 0
        try:
            changed = self._compare(hooks)
        except TrucecastError as error:
            self.trouble = error.detail
            return 0
        self.trouble = None
        return changed

    def _compare(self, hooks: list[Webhook]) -> int:
        shelved, moment = self._shelf.model(), resolve_as_of(None, self._clock)
        days = tuple(sorted({hook.horizon for hook in hooks}))
        known = self._forecaster.standing(shelved, moment)
        asked = [truce_id for truce_id in known.worth_asking() if known.admits(truce_id)]
        said = self._forecaster.sketch(shelved, known, asked, days, refused=[]) if asked else []
        risk = {
            (forecast["truce_id"], horizon["days"]): horizon["p_breakdown"]
            for forecast in said
            for horizon in forecast["horizons"]
        }
        return sum(self._turn(hook, risk, known) for hook in hooks)

    def _turn(self, hook: Webhook, risk: Mapping[tuple[str, int], float], known: Standing) -> int:
        """Turn the alarms of one webhook that have to be turned.

        One of a truce no longer in force is cleared; one of a truce of which nothing can be said stays as it was.
        """
        standing = self._store.webhooks.standing(hook.id)
        now = {truce_id: p for (truce_id, days), p in risk.items() if days == hook.horizon}
        watched = {*now, *standing} if hook.truce_id is None else {hook.truce_id}
        turned = 0
        for truce_id in sorted(watched):
            was, p = standing.get(truce_id, _SILENT), now.get(truce_id)
            if _raised(hook, was, p) == was.raised or (p is None and not _over(known, truce_id)):
                continue
            forecast = None if p is None else self._forecast(hook, truce_id)
            body = _Message(hook, truce_id, known.moment, forecast, raised=not was.raised)
            turned += self._store.webhooks.change(hook, truce_id, was, p=p or 0.0, as_of=known.moment, body=body)
        return turned

    def _forecast(self, hook: Webhook, truce_id: str) -> str:
        return self._forecaster.one(self._shelf.model(), truce_id, None, [hook.horizon])


def _over(known: Standing, truce_id: str) -> bool:
    """Whether a truce is known to be in force no longer. One of unknown fate, or outside what the model has seen, may hold still."""
    try:
        known.admit(truce_id)
    except OutOfRange:
        return True
    except TrucecastError:
        return False
    return False


def _raised(hook: Webhook, was: Alarm, p: float | None) -> bool:
    if p is None:
        return False
    return p >= (hook.threshold - hook.hysteresis if was.raised else hook.threshold)


class _Message:
    """What a webhook is told, once its delivery's id is known."""

    def __init__(self, hook: Webhook, truce_id: str, moment: datetime, forecast: str | None, *, raised: bool) -> None:
        self._forecast = forecast
        self._told: dict[str, Any] = {
            "type": "alarm.raised" if raised else "alarm.cleared",
            "timestamp": write_moment(moment),
            "data": {
                "webhook_id": hook.id,
                "truce_id": truce_id,
                "horizon": hook.horizon,
                "threshold": hook.threshold,
                "hysteresis": hook.hysteresis,
                "why": "the truce is no longer in force" if forecast is None else None,
            },
        }

    def __call__(self, delivery_id: str) -> str:
        # The forecast goes in as its archived text: byte for byte what GET /v1/forecasts/{id} gives.
        head = canonical({"id": delivery_id, **self._told})
        return f'{head[:-1]},"forecast":{self._forecast or "null"}}}'
