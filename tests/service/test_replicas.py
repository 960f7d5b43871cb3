from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest

from tests import crash
from tests.databases import Homes
from tests.service.conftest import TRUCE, in_charge, publish
from truce.settings import Settings
from truce.store import Store, open_store

PATH = f"/v1/truces/{TRUCE}/forecast?horizons=7"
AGREED_WITHIN = 10
"""Seconds from a promotion until every replica answers by the new champion."""


@dataclass
class Seen:
    """What clients saw: versions by port, how many answers, and every answer that was none."""

    version: dict[int, str] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@pytest.fixture
def home(homes: Homes) -> Settings:
    return in_charge(homes())


def asking(port: int, seen: Seen, stop: threading.Event) -> None:
    """Ask again and again over one connection, until told to stop; what is not 200 is a failure."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while not stop.is_set():
            try:
                connection.request("GET", PATH)
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException) as trouble:
                seen.failures.append(repr(trouble))
                return
            if answer.status != http.client.OK:
                seen.failures.append(body.decode())
                continue
            version = json.loads(body)["model"]["version"]
            seen.version[port] = version
            seen.answers[version] += 1


@contextmanager
def clients(ports: list[int], each: int) -> Iterator[Seen]:
    seen, stop = Seen(), threading.Event()
    threads = [threading.Thread(target=asking, args=(port, seen, stop)) for port in ports for _ in range(each)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def agreed(seen: Seen, ports: list[int], version: str) -> float:
    """Seconds until all replicas answer by a version."""
    started = time.monotonic()
    while {seen.version.get(port) for port in ports} != {version}:
        assert time.monotonic() - started < AGREED_WITHIN, (seen.version, seen.failures[:3])
        time.sleep(0.05)
    return time.monotonic() - started


def test_replicas_agree_on_a_promoted_champion_in_time_and_no_request_is_dropped(home: Settings) -> None:
    """Two services on one database, two clients each that never pause, three promotions and roll-backs."""
    with open_store(home) as store, crash.services(home, 2) as ports, clients(ports, 2) as seen:
        deadline = time.monotonic() + 60
        while seen.version.keys() != set(ports):
            assert time.monotonic() < deadline, seen.failures[:3]
            time.sleep(0.05)
        publish(store, "2", intercept=-3.0)
        waits = [agreed(seen, ports, "2")]
        for version in ("1", "2"):
            store.models.move("champion", version, by="test", why="test")
            waits.append(agreed(seen, ports, version))
    assert seen.failures == []
    assert set(seen.answers) == {"1", "2"}
    assert max(waits) < AGREED_WITHIN
    archive_holds(home, seen)


def archive_holds(home: Settings, seen: Seen) -> None:
    with open_store(home) as store:
        verdict = _verdict(store)
    assert verdict <= sum(seen.answers.values()), "the same minute's forecast is stored once"


def _verdict(store: Store) -> int:
    verdict = store.forecasts.verify()
    assert verdict.ok, verdict
    assert verdict.checked >= 2, "one of each version"
    return verdict.checked
