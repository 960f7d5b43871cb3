"""Several worker processes behind one port: what any of them tells is what all of them did."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.meter import SHARED
from tests.databases import Homes
from tests.served import Served, serving
from tests.service.conftest import TRUCE, in_charge
from truce.settings import Settings
from truce.store import open_store

WORKERS = 2
ASKED = 40
ROUTE = "/v1/truces/{truce_id}/forecast"
pytestmark = pytest.mark.slow


@pytest.fixture
def home(homes: Homes) -> Settings:
    return in_charge(homes())


@pytest.fixture
def served(home: Settings) -> Iterator[Served]:
    counts = home.home / "counts"
    counts.mkdir()
    environment = {"TRUCECAST_DATABASE_URL": home.database_url, "TRUCECAST_STALE": "ignore", SHARED: str(counts)}
    with serving(home.home, "--workers", str(WORKERS), environment=environment) as found:
        awake(found, counts)
        yield found


def awake(served: Served, counts: Path) -> None:
    """Wait until every worker has answered something: one starts later than another."""
    deadline = time.monotonic() + 60
    while len(list(counts.glob("counter_*.db"))) < WORKERS:
        assert time.monotonic() < deadline, "a worker answers nothing"
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: urllib.request.urlopen(f"{served.url}/livez", timeout=30).close(), range(16)))


def test_the_workers_count_together_and_archive_together(served: Served, home: Settings) -> None:
    days = [f"2015-06-{1 + k % 10:02d}" for k in range(ASKED)]
    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(forecast, [served] * ASKED, days))
    assert counted(served) == ASKED
    with open_store(home) as store:
        verdict = store.forecasts.verify()
    assert verdict.ok
    assert verdict.checked == len(ids) == 10, "asked by whichever worker, a forecast is stored once"


def forecast(served: Served, day: str) -> str:
    """The id of a forecast, asked for over a connection of its own, so that either worker may take it."""
    with urllib.request.urlopen(f"{served.url}/v1/truces/{TRUCE}/forecast?as_of={day}", timeout=30) as answer:
        return str(json.load(answer)["forecast_id"])


def counted(served: Served) -> int:
    """How many forecasts were answered, as told by one of the workers once all have written down what they did."""
    deadline = time.monotonic() + 10
    while True:
        with urllib.request.urlopen(f"{served.url}/metrics", timeout=30) as answer:
            told = answer.read().decode()
        found = [line for line in told.splitlines() if line.startswith("trucecast_requests_total") and ROUTE in line]
        total = sum(int(float(re.split(r"\s+", line)[-1])) for line in found)
        if total >= ASKED or time.monotonic() > deadline:
            return total
        time.sleep(0.1)
