"""How long the store takes for many rows, on SQLite and on PostgreSQL, side by side in one run: `make bench-stores`."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from tests.crash import an_entry
from tests.examples import an_event
from tests.postgres import running
from truce.settings import Settings
from truce.store import open_store
from truce.store.backup import backup, restore
from truce.store.engine import make_engine
from truce.terminal import show_table

_DAY = date(2015, 1, 1)
_GROUP = 10_000
"""Forecasts archived at once: a batch of the API."""
_SINGLE = 200


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measured(home: Settings, blank: str, rows: int, folder: Path) -> list[float]:
    """Seconds for each step, in the order of ``STEPS``."""
    events = [an_event(f"e{k}", occurred_on=_DAY + timedelta(days=k % 3000), source_ref=f"r{k}") for k in range(rows)]
    group = [an_entry(f"g{k}") for k in range(_GROUP)]
    singles = [an_entry(f"s{k}") for k in range(_SINGLE)]
    with open_store(home) as store:
        found = [
            seconds(lambda: store.events.put(events, written_by="bench")),
            seconds(store.events.arrays),
            seconds(lambda: store.events.put(events, written_by="bench")),
            seconds(lambda: store.forecasts.append(group)),
            seconds(lambda: [store.forecasts.append([one]) for one in singles]),
            seconds(store.forecasts.verify),
        ]
    engine, other, file = make_engine(home.database_url), make_engine(blank), folder / "backup.gz"
    found += [seconds(lambda: backup(engine, file, lambda: an_entry("x").as_of)), seconds(lambda: restore(other, file))]
    engine.dispose()
    other.dispose()
    file.unlink()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="events")
    rows = parser.parse_args().rows
    steps = [
        f"store {rows:,} events", "read them as columns", "store them again: nothing is new", f"archive {_GROUP:,} forecasts at once",
        f"archive {_SINGLE} forecasts one by one", "verify the archive", "back everything up", "restore it",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name, running() as cluster:
        folder = Path(name)
        lite = measured(Settings.from_environment(folder, {}), f"sqlite:///{folder}/blank.db", rows, folder)
        home = Settings.from_environment(folder, {"TRUCECAST_DATABASE_URL": cluster.fresh()})
        large = measured(home, cluster.fresh(), rows, folder)
    table = [[step, f"{a:.2f}", f"{b:.2f}", f"{b / a:.1f}"] for step, a, b in zip(steps, lite, large, strict=True)]
    show_table("Seconds", ("step", "SQLite", "PostgreSQL", "ratio"), table)


if __name__ == "__main__":
    main()
