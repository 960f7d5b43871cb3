"""How long the page waits for its list and for a truce, over 2,000 truces and 100,000 events: `make bench-page`."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from fastapi.testclient import TestClient

from service.app import create_app
from tests.examples import a_truce, an_event
from truce.clock import end_of
from truce.registers import countries
from truce.settings import Settings
from truce.store import open_store
from truce.terminal import show_table
from truce.vocabulary import EventType, Outcome

_NOW = datetime(2023, 12, 31, 12, tzinfo=UTC)
_SPAN = 5000
_IN_FORCE = 10
"""One truce in so many is in force, as in the Chronicle."""


def furnished(folder: Path, truces: int, events: int) -> None:
    """Make a home with so many truces between made-up sides in real countries, and so many events among them."""
    settings, rng = Settings.from_environment(folder, {"TRUCECAST_STALE": "ignore"}), random.Random(7)
    places = sorted({country.iso3 for country in countries()})[:120]
    made = [_truce(k, places[k % len(places)], rng) for k in range(truces)]
    told = [_event(k, rng.choice(places), rng) for k in range(events)]
    with open_store(settings, lambda: _NOW) as store:
        store.truces.put(made, known_at=_NOW, source="bench", written_by="bench")
        store.events.put(told, written_by="bench")


def _truce(k: int, iso3: str, rng: random.Random) -> Any:
    start = _NOW.date() - timedelta(days=rng.randrange(60, _SPAN))
    lasted = timedelta(days=int(rng.expovariate(1 / 300)) + 1)
    over = k % _IN_FORCE != 0 and start + lasted < _NOW.date()
    how = rng.choice((Outcome.BROKE, Outcome.EXPIRED, Outcome.SUPERSEDED))
    ended = {"outcome": how, "end_date": start + lasted} if over else {}
    sides = {"side_a": (f"Government of {iso3}",), "side_b": (f"{iso3} Front {k // 120}",)}
    return a_truce(
        f"{iso3.lower()}-{start:%Y-%m}-t{k}",
        iso3=(iso3,),
        effective_date=start,
        conflict=iso3.lower(),
        observed_to=None,
        **sides,
        **ended,
    )


def _event(k: int, iso3: str, rng: random.Random) -> Any:
    day = date(2023, 12, 30) - timedelta(days=rng.randrange(_SPAN))
    kind = rng.choice(
        (EventType.ASSAULT, EventType.CONSULT, EventType.THREATEN, EventType.CABINET_CHANGE, EventType.AGREE)
    )
    who = {"actor": f"{iso3} Front {k % 17}", "target": f"Government of {iso3}", "iso3": (iso3,)}
    return an_event(f"e{k}", type=kind, occurred_on=day, known_at=end_of(day), source_ref=f"r{k}", **who)


@contextmanager
def timed(rows: list[list[str]], what: str) -> Iterator[None]:
    """A row with the seconds that the block took."""
    started = time.perf_counter()
    yield
    rows.append([what, f"{time.perf_counter() - started:.2f}"])


def measured(settings: Settings) -> list[list[str]]:
    """Rows of what was asked and the seconds it took, and the memory of the process at last."""
    rows: list[list[str]] = []
    with TestClient(create_app(settings, clock=lambda: _NOW)) as client:
        with timed(rows, "the page itself, while it makes ready"):
            client.get("/")
        with timed(rows, "the list, first asked: truces without chances"):
            found = client.get("/web/truces").json()
        with timed(rows, "until its chances are there"):
            while (found := client.get("/web/truces").json())["pending"]:
                time.sleep(0.1)
        with timed(rows, f"the list again: {len(found['truces'])} truces with chances"):
            found = json.loads(client.get("/web/truces").text)
        for nth, row in (("a truce, the first", found["truces"][0]), ("a truce, another", found["truces"][1])):
            with timed(rows, nth):
                assert client.get(f"/web/truces/{row['truce_id']}").json()["forecast"]
            with timed(rows, f"{nth}: the course of its risk"):
                assert client.get(f"/web/truces/{row['truce_id']}/course").json()["points"]
        with timed(rows, "the same on another day"):
            assert client.get(f"/web/truces/{row['truce_id']}?as_of=2023-12-20").json()["forecast"]
    rows.append(["memory of the process, MiB", f"{psutil.Process(os.getpid()).memory_info().rss / 2**20:.0f}"])
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truces", type=int, default=2000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--furnish", type=Path, help="only make the home, in this folder")
    asked = parser.parse_args()
    if asked.furnish is not None:
        furnished(asked.furnish, asked.truces, asked.events)
        return
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own, so that what making it takes is not counted as the service's memory.
        words = ["--truces", str(asked.truces), "--events", str(asked.events), "--furnish", name]
        subprocess.run([sys.executable, "-m", "benchmarks.page", *words], check=True)
        rows = measured(Settings.from_environment(Path(name), {"TRUCECAST_STALE": "ignore"}))
    show_table(f"Seconds, over {asked.truces:,} truces and {asked.events:,} events", ("what", "seconds"), rows)


if __name__ == "__main__":
    main()
