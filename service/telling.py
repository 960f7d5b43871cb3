"""Reasons and what-ifs at the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from service.explaining import Explainer
from service.forecasting import Forecaster
from service.recall import Recall
from service.scenarios import what_if
from service.schemas import ScenarioEvent
from service.shelf import Shelf, Shelved
from truce.clock import Clock, resolve_as_of, system_clock
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
from truce.terminal import show, show_table

_MOST_EVENTS = 5
"""So many events of a part are shown at the terminal; --json has them all."""


@contextmanager
def _at_work(settings: Settings, clock: Clock) -> Iterator[tuple[Store, Forecaster, Shelved]]:
    with open_store(settings, clock) as store:
        shelf = Shelf()
        shelf.refresh(store)
        yield store, Forecaster(store, Recall(store), clock), shelf.model()


def explanation(
    settings: Settings, truce: str, as_of: str | None, since: str | None, *, clock: Clock = system_clock
) -> dict[str, Any]:
    """Why the champion says what it says of a truce, and what moved since a day."""
    with _at_work(settings, clock) as (store, forecaster, shelved):
        return Explainer(store, forecaster, clock).explain(shelved, truce, as_of, since)


def scenario(
    settings: Settings, truce: str, texts: Sequence[str], as_of: str | None, *, clock: Clock = system_clock
) -> dict[str, Any]:
    """What the champion would say with events (JSON objects) that are not in the record."""
    moment = resolve_as_of(as_of, clock)
    events = [_event(k, text).as_event_at(moment, clock) for k, text in enumerate(texts)]
    with _at_work(settings, clock) as (_, forecaster, shelved):
        return what_if(forecaster, shelved, truce, events, moment)


def _event(k: int, text: str) -> ScenarioEvent:
    try:
        return ScenarioEvent.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "JSON"
        raise BadInput(f"event {k}: {place}: {first['msg']}", code="bad_event") from None


def show_explanation(body: Mapping[str, Any]) -> None:
    """One table a horizon's parts side by side; then the ledger, when one was asked for."""
    horizons = body["horizons"]
    columns = ("part", "value", *(f"{h['days']} d" for h in horizons))
    by_name = [{part["feature"]: part for part in h["parts"]} for h in horizons]
    names = sorted({n for one in by_name for n in one}, key=lambda n: -max(abs(_size(one, n)) for one in by_name))
    rows = [[n, _value(by_name, n), *(f"{_size(one, n):+.2f}" for one in by_name)] for n in names]
    rows.append(["log-odds", "", *(f"{h['log_odds']:+.2f}" for h in horizons)])
    rows.append(["chance", "", *(_chance(h["p_breakdown"], h["interval"]) for h in horizons)])
    show_table(f"Why {body['truce_id']} as of {body['as_of']}: parts of the log-odds of breakdown", columns, rows)
    kind = body["reliability"]
    show(f"cases like it in the backtest: {kind['class']} ({kind['n']} truces, {kind['breaks']} broke)")
    if body["ledger"] is not None:
        _show_ledger(body["ledger"])


def _show_ledger(ledger: Mapping[str, Any]) -> None:
    horizons = ledger["horizons"]
    by_name = [{part["part"]: part for part in h["parts"]} for h in horizons]
    names = list(dict.fromkeys(n for one in by_name for n in one))
    rows = [[n, *(f"{_size(one, n):+.3f}" for one in by_name)] for n in names]
    rows.append(["change", *(f"{h['change']:+.3f}" for h in horizons)])
    rows.append(["chance then -> now", *(f"{h['p_then']:.3f} -> {h['p_now']:.3f}" for h in horizons)])
    show_table(f"What moved since {ledger['since']}", ("part", *(f"{h['days']} d" for h in horizons)), rows)
    for name, part in by_name[0].items():
        for event in part.get("events", [])[:_MOST_EVENTS]:
            show(
                f"{name}: event {event['event_id']} {event['change']}: {event['log_odds']:+.3f} at {horizons[0]['days']} d"
            )


def _size(parts: Mapping[str, Any], name: str) -> float:
    return float(parts[name]["log_odds"]) if name in parts else 0.0


def _value(by_name: Sequence[Mapping[str, Any]], name: str) -> str:
    value = next(one[name]["value"] for one in by_name if name in one)
    return "" if value is None else f"{value:.4g}"


def _chance(p: float, interval: Sequence[float] | None) -> str:
    return f"{p:.3f}" + ("" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]")


def show_scenario(body: Mapping[str, Any]) -> None:
    """The chances before and after, and what each event leans on."""
    rows = [
        [h["days"], _chance(h["p_before"], h["interval_before"]), _chance(h["p_after"], h["interval_after"]), f"{h['log_odds']:+.3f}"]
        for h in body["horizons"]
    ]  # fmt: skip
    columns = ("days", "without", "with", "log-odds")
    show_table(f"{body['truce_id']} as of {body['as_of']}, had it been so", columns, rows)
    for event in body["events"]:
        seen = event["support"]
        counts = (
            ""
            if seen is None
            else f"{seen['truces']} truces of training had one, {seen['breaks']} broke within 30 days"
        )
        thin = " (thin: read it as a hint)" if seen is not None and seen["thin"] else ""
        show(f"event {event['n']}, {event['type']}: {event['note'] or counts}{thin}")
    show(body["label"])
