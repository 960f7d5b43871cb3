"""A small part of the Chronicle around Iraq in a home of its own, and a server over it on a free port, by a clock that stands still."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import uvicorn

from service.app import create_app
from training.intake import import_source
from truce.chronicle import reader
from truce.settings import Settings

IRAQ = reader.CASE_TRUCE
NOW = datetime(2023, 12, 31, 12, tzinfo=UTC)
_FOLLOWED = date(2023, 12, 31)


def clock() -> datetime:
    """Noon of the last day that the Chronicle follows."""
    return NOW


def furnished(folder: Path) -> Settings:
    """A home with every truce of the Chronicle, and of its events those of the last two years that name Iraq, Syria or Yemen."""
    settings = Settings.from_environment(folder / "home", {})
    import_source(settings, "truces", [str(reader.truces_path())], _FOLLOWED, clock=clock)
    events = pq.read_table(reader.events_path())
    named = pc.match_substring_regex(pc.cast(events["iso3"], "string"), "IRQ|SYR|YEM")
    late = pc.greater_equal(pc.cast(events["occurred_on"], "string"), "2022-01-01")
    some = folder / "events.parquet"
    pq.write_table(events.filter(pc.and_(named, late)), some)
    import_source(settings, "events", [str(some)], None, clock=clock)
    return settings


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
