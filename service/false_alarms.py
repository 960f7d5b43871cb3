"""How many false alarms a webhook's owner has to expect, from the judgement kept with the model in use."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from service.shelf import Shelf
from truce.errors import NoModel
from truce.false_alarms import Judgement
from truce.store import Store
from truce.store.webhooks import Webhook
from truce.vocabulary import HORIZONS

_NOBODY_KNOWS: dict[str, Any] = {"per_truce_year": None, "alarms": None, "false_alarms": None, "truce_years": None}


def expected(store: Store, shelf: Shelf, hook: Webhook) -> dict[str, Any]:
    """Per truce watched for a year, with the counts behind it; null with the reason where nothing can be said."""
    try:
        version = str(shelf.model().artifact.version)
    except NoModel as missing:
        return {**_NOBODY_KNOWS, "reason": missing.detail}
    if hook.horizon not in HORIZONS:
        judged = ", ".join(map(str, HORIZONS))
        return {**_NOBODY_KNOWS, "reason": f"the backtest judged horizons of {judged} days, not of {hook.horizon}"}
    judgement = _judgement(store, version)
    if judgement is None:
        return {**_NOBODY_KNOWS, "reason": f"no out-of-fold forecasts were kept with model version {version}"}
    played = judgement.play(hook.horizon, hook.threshold, hook.hysteresis)
    rate = played.false_alarms / played.truce_years if played.truce_years else None
    return {
        "per_truce_year": rate,
        "alarms": played.alarms,
        "false_alarms": played.false_alarms,
        "truce_years": played.truce_years,
        "reason": None if rate is not None else "the backtest watched no truce",
    }


@lru_cache(maxsize=4)
def _judgement(store: Store, version: str) -> Judgement | None:
    return store.judgements.get(version)
