from __future__ import annotations

import resource
import signal
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from tests import crash
from tests.examples import a_truce, an_event
from truce.clock import end_of
from truce.errors import StoreTrouble
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.events import Wanted


def killed_writers(home: Settings, rounds: int, seed: int) -> set[str]:
    """What was acknowledged by writers, two at a time, each killed with SIGKILL at some moment."""
    acknowledged: set[str] = set()
    chance = Random(seed)
    for round_ in range(rounds):
        writers = [crash.start(crash.write, home, f"{round_}-{k}") for k in range(2)]
        for _, heard in writers:
            acknowledged.add(heard.recv())
        time.sleep(chance.uniform(0, 0.15))
        for process, heard in writers:
            process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL
            try:
                while True:
                    acknowledged.add(heard.recv())
            except (EOFError, OSError):
                heard.close()
    return acknowledged


def everything_acknowledged_is_there(home: Settings, acknowledged: set[str]) -> None:
    with open_store(home) as store:
        assert acknowledged <= {event.event_id for _, event in store.events.load(Wanted())}
        assert all(store.forecasts.get(name) for name in acknowledged)
        assert store.forecasts.verify().ok


def test_killed_writers_lose_nothing_that_they_acknowledged_and_the_chains_hold(home: Settings) -> None:
    open_store(home).close()
    acknowledged = killed_writers(home, rounds=4, seed=1)
    assert len(acknowledged) >= 8
    everything_acknowledged_is_there(home, acknowledged)


def test_two_writers_who_store_the_same_events_store_each_once(home: Settings) -> None:
    open_store(home).close()
    writers = [crash.start(crash.write, home, "same") for _ in range(2)]
    told: list[str] = [heard.recv() for _, heard in writers for _ in range(30)]
    for process, heard in writers:
        process.kill()
        process.join()
        heard.close()
    everything_acknowledged_is_there(home, set(told))
    with open_store(home) as store:
        names = [event.event_id for _, event in store.events.load(Wanted())]
    assert len(names) == len(set(names))


def _crowded(home: Settings, pages: int, heard: Any) -> None:
    """A process whose files may not grow beyond some pages: its disk is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open_store(home) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (pages * 4096, pages * 4096))
        stored = 0
        try:
            for k in range(10**6):
                store.events.put([an_event(f"full-{k}-{n}") for n in range(50)], written_by="cli")
                stored = k + 1
        except StoreTrouble as trouble:
            heard.send((stored, trouble.detail))


def test_a_full_disk_is_said_and_what_was_stored_before_stays(tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path, {})
    with open_store(home) as store:
        store.truces.put([a_truce()], known_at=end_of(a_truce().effective_date), source="t", written_by="cli")
    process, heard = crash.start(_crowded, home, 200)
    stored, detail = heard.recv()
    process.join(30)
    heard.close()
    assert "disk" in detail
    with open_store(home) as store:
        assert len(store.events.load(Wanted())) == stored * 50 > 0
        assert store.events.put([an_event("afterwards")], written_by="cli").new == 1


def test_a_full_database_takes_up_again_where_it_was_once_there_is_room(tmp_path: Path) -> None:
    with open_store(Settings.from_environment(tmp_path, {})) as store:
        _limit(store, 120)
        with pytest.raises(StoreTrouble, match="make room on its disk"):
            _fill(store)
        held = store.forecasts.counts()["issued"]
        _limit(store, 10**6)
        assert store.forecasts.append([crash.an_entry("afterwards")])
        assert store.forecasts.counts()["issued"] == held + 1
        assert held % 20 == 0, "a group is stored whole or not at all"
        assert store.forecasts.verify().ok


def _limit(store: Store, pages: int) -> None:
    """Let the database have no more pages than that, as a full disk would."""

    def crowd(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(store._engine, "checkout", crowd)


def _fill(store: Store) -> None:
    for k in range(10**4):
        store.forecasts.append([crash.an_entry(f"{k}-{n}") for n in range(20)])
