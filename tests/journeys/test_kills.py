"""Services that are killed in the middle of writing, again and again: what was acknowledged is there, byte for byte."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests import crash
from tests.databases import Homes
from tests.examples import a_truce
from tests.service.conftest import NOON, TRUCE, publish
from truce.settings import Settings
from truce.store import open_store
from truce.store.events import Wanted

pytestmark = pytest.mark.slow

KILLS = {"sqlite": 200, "postgresql": 60}
"""Processes killed: two services in each round."""
ATTACK: dict[str, Any] = {
    "type": "assault", "modality": "actual", "occurred_on": "2015-01-20", "known_at": "2015-01-20", "actor": "R Front",
    "target": "Government of A", "iso3": ["AAA"], "source": "desk",
}  # fmt: skip


@dataclass
class Acknowledged:
    """What was answered with 200: ids of events, and forecasts with all their bytes."""

    events: set[str] = field(default_factory=set)
    forecasts: dict[str, bytes] = field(default_factory=dict)
    refused: list[bytes] = field(default_factory=list)


def send_events(port: int, key: str, name: str, told: Acknowledged) -> None:
    """Send events until nobody answers any more."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
    ):
        for k in range(10**6):
            body = json.dumps([{**ATTACK, "source_ref": f"{name}-{k}-{n}"} for n in range(3)])
            connection.request("POST", "/v1/events", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == http.client.OK:
                told.events.update(json.loads(said)["event_ids"])
            else:
                told.refused.append(said)


def ask_forecasts(port: int, chance: Random, told: Acknowledged) -> None:
    """Ask for forecasts of moments that nobody asked for until nobody answers any more."""
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
    ):
        while True:
            moment = datetime(2015, 2, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**7))
            connection.request("GET", f"/v1/truces/{TRUCE}/forecast?as_of={moment:%Y-%m-%dT%H:%M:%SZ}")
            answer = connection.getresponse()
            said = answer.read()
            if answer.status == http.client.OK:
                told.forecasts[json.loads(said)["forecast_id"]] = said
            else:
                told.refused.append(said)


def one_round(home: Settings, key: str, chance: Random, told: Acknowledged) -> None:
    """Two services, two clients each, and the end at some moment."""
    with crash.services(home, 2) as ports:
        clients = [threading.Thread(target=send_events, args=(port, key, f"{chance.random()}", told)) for port in ports]
        clients += [
            threading.Thread(target=ask_forecasts, args=(port, Random(chance.random()), told)) for port in ports
        ]
        events, forecasts = len(told.events), len(told.forecasts)
        for client in clients:
            client.start()
        deadline = time.monotonic() + 60
        while (len(told.events) == events or len(told.forecasts) == forecasts) and not told.refused:
            assert time.monotonic() < deadline, "nobody was answered"
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.3))
    for client in clients:
        client.join()


def test_killed_services_lose_no_event_and_no_forecast_that_they_acknowledged(homes: Homes, kind: str) -> None:
    home, told, chance = homes(), Acknowledged(), Random(200)
    with open_store(home) as store:
        store.truces.put([a_truce(TRUCE, observed_to=None)], known_at=NOON, source="truces", written_by="cli")
        publish(store, "1")
        _, key = store.keys.create(["events:write"])
    for _ in range(KILLS[kind] // 2):
        one_round(home, key, chance, told)
    assert told.refused == []
    assert min(len(told.events), len(told.forecasts)) >= KILLS[kind] // 2
    with open_store(home) as store:
        assert told.events <= {event.event_id for _, event in store.events.load(Wanted())}
        assert {name: store.forecasts.get(name).encode() for name in told.forecasts} == told.forecasts
        verdict = store.forecasts.verify()
        assert (verdict.ok, verdict.checked >= len(told.forecasts)) == (True, True)
    sys.stdout.write(
        f"{kind}: {KILLS[kind]} kills, {len(told.events)} events, {len(told.forecasts)} forecasts, {verdict.chains} chains\n"
    )
