"""A small part of the Chronicle around Iraq in a home of its own, and a server over it on a free port, by a clock that stands still."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import uvicorn
from fastapi.testclient import TestClient

from service.app import create_app
from tests.examples import a_truce, an_event
from tests.service.conftest import NOON, Hands, publish
from training.intake import import_source
from truce.chronicle import reader
from truce.clock import end_of
from truce.settings import Settings
from truce.store import open_store
from truce.vocabulary import Event, Outcome, Truce

IRAQ = reader.CASE_TRUCE
NOW = datetime(2023, 12, 31, 12, tzinfo=UTC)
_FOLLOWED = date(2023, 12, 31)


def clock() -> datetime:
    """Noon of the last day that the Chronicle follows."""
    return NOW


def furnished(folder: Path) -> Settings:
    """A home with the Chronicle's truces of six countries, and of its events those of the last two years that name three of them."""
    settings = Settings.from_environment(folder / "home", {})
    lines = reader.truces_path().read_text(encoding="utf-8").splitlines(keepends=True)
    some_truces = folder / "truces.csv"
    some_truces.write_text("".join([lines[0], *filter(re.compile("^(irq|syr|yem|lbn|lby|ind)-").match, lines)]))
    import_source(settings, "truces", [str(some_truces)], _FOLLOWED, clock=clock)
    events = pq.read_table(reader.events_path())
    named = pc.match_substring_regex(pc.cast(events["iso3"], "string"), "IRQ|SYR|YEM")
    late = pc.greater_equal(pc.cast(events["occurred_on"], "string"), "2022-01-01")
    some = folder / "events.parquet"
    pq.write_table(events.filter(pc.and_(named, late)), some)
    import_source(settings, "events", [str(some)], None, clock=clock)
    return settings


def scored_board(home: Settings) -> dict[str, Any]:
    """What the page gets of the scoreboard of a made-up service: 60 truces were forecast on one day, and 27 of them broke within 30 days."""
    now = Hands()
    truces = [_made_up(k) for k in range(60)]
    with open_store(home, now) as store:
        store.truces.put(truces, known_at=now(), source="truces", written_by="test")
        store.events.put([attack for k in range(60) for attack in _attacks(k)], written_by="test")
        publish(store, "1")
        with TestClient(create_app(home, clock=now)) as client:
            for truce in truces:
                assert client.get(f"/v1/truces/{truce.truce_id}/forecast?horizons=7,30").is_success
            now.on(days=60)
            store.truces.put(
                [_fated(k, t) for k, t in enumerate(truces)], known_at=now(), source="truces", written_by="test"
            )
            found: dict[str, Any] = client.get("/web/scoreboard").json()
    return found


def _made_up(k: int) -> Truce:
    """A truce of two days between sides of its own."""
    sides: dict[str, Any] = {"side_a": (f"A Front {k}",), "side_b": (f"B Front {k}",)}
    start = NOON.date() - timedelta(days=2)
    return a_truce(f"ccc-2015-06-n{k}", effective_date=start, observed_to=None, conflict=f"c{k % 12}", **sides)


def _attacks(k: int) -> list[Event]:
    """Of five truces the first has seen no attack, the others one to four."""
    told: dict[str, Any] = {"actor": f"B Front {k}", "target": f"A Front {k}", "iso3": ("AAA",), "occurred_on": NOON.date() - timedelta(days=2),
                            "known_at": end_of(NOON.date() - timedelta(days=2))}  # fmt: skip
    return [an_event(f"a{k}-{j}", source_ref=f"r{k}-{j}", **told) for j in range(k % 5)]


def _fated(k: int, truce: Truce) -> Truce:
    """The more attacks, the more of them broke, on the twentieth day; the others are known to have held."""
    day = NOON.date() + timedelta(days=20)
    if k // 5 % 5 < k % 5:
        return replace(truce, outcome=Outcome.BROKE, end_date=day, end_known_at=end_of(day))
    return replace(truce, observed_to=NOON.date() + timedelta(days=59))


@dataclass(frozen=True, slots=True)
class Server:
    """A running service."""

    url: str
    settings: Settings


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    """The service in a thread of this process, while the block runs."""
    config = uvicorn.Config(create_app(settings, clock=clock), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Server(f"http://127.0.0.1:{port}", settings)
    finally:
        server.should_exit = True
        thread.join(20)
