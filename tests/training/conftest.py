from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.examples import a_truce
from training import jobs
from training.reading.records import SourceResult
from training.sources import ccd
from truce.clock import end_of, system_clock
from truce.settings import Settings
from truce.store import open_store
from truce.vocabulary import Outcome, Truce

FAMILIES = ["aalen-johansen", "discrete-hazard", "landmark-logistic"]
OBSERVED_TO = date(2011, 12, 31)


def small_world(n: int = 160) -> list[Truce]:
    """Truces of eight conflicts, 2006 to 2011; unilateral ones break sooner."""
    rng = np.random.default_rng(5)
    out = []
    for k in range(n):
        start = date(2006, 1, 1) + timedelta(days=int(rng.integers(0, 2000)))
        unilateral = bool(rng.random() < 0.5)
        life = int(rng.weibull(0.6) * (40 if unilateral else 400))
        end = start + timedelta(days=life)
        conflict = f"c{k % 8}"
        known = {"conflict": conflict, "sidedness": "unilateral" if unilateral else "mutual", "effective_date": start}
        if end <= OBSERVED_TO:
            outcome = Outcome.BROKE if rng.random() < 0.8 else Outcome.SUPERSEDED
            known |= {"end_date": end, "outcome": outcome, "end_known_at": end_of(end) + timedelta(days=2)}
        out.append(a_truce(f"t{k:03}", side_b=(f"Front {k % 8}",), **{"observed_to": OBSERVED_TO, **known}))
    return out


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small world and one training in it; tests leave it as they find it."""
    home = Settings.from_environment(tmp_path_factory.mktemp("trained"), {})
    with open_store(home) as store:
        store.truces.put(small_world(), known_at=system_clock(), source="truces", written_by="cli")
    jobs.train(home, FAMILIES, OBSERVED_TO.isoformat(), "chronicle-1", draws=6)
    return home


@pytest.fixture
def own_home(trained: Settings, tmp_path: Path) -> Settings:
    """A copy of the trained home, moved elsewhere, that a test may change."""
    shutil.copytree(trained.home, tmp_path / "moved")
    return Settings.from_environment(tmp_path / "moved", {})


@pytest.fixture(scope="session")
def ccd_file(shared_data: Path) -> Path:
    """The published file of the ETH/PRIO dataset."""
    return shared_data / "ccd" / "ceasefires_dataset.csv.gz"


@pytest.fixture(scope="session")
def ccd_read(ccd_file: Path) -> SourceResult[Truce]:
    """What is read of it; once, for reading it takes a second."""
    return ccd.read([ccd_file])
