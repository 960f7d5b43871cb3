from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from models.aalen_johansen import AalenJohansen
from models.artifact import Artifact, dumps
from models.hazard_regression import HazardRegression
from models.other_ends import OtherEnds
from models.standardise import Scale
from models.weibull import Weibull
from service.app import create_app
from service.shelf import Shelf
from tests.examples import a_truce, an_event
from truce.clock import end_of
from truce.features import feature_set_id
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.models import Published
from truce.vocabulary import Outcome

NOON = datetime(2015, 6, 15, 12, 0, 30, tzinfo=UTC)
TRUCE = "aaa-2015-01-one"


def attack_watcher(intercept: float = -5.0) -> HazardRegression:
    """A model made by hand: the hazard is constant, and more attacks between the sides raise it."""
    scale = Scale(("attacks_sides_90",), np.array([0.0]), np.array([1.0]))
    others = OtherEnds(np.array([]), np.full((3, 1, 2), 0.0005), np.array([0.3, 0.1]))
    return Weibull(scale, np.array([1.0]), others, intercept, 1.0)


def an_artifact(version: str, intercept: float = -5.0) -> Artifact:
    baseline = AalenJohansen(
        np.array([3.0, 9.0]), np.array([[0.1, 0.0, 0.05], [0.1, 0.02, 0.0]]), 100.0, np.full(3, 0.001)
    )
    return Artifact(
        name="truce-breakdown", version=version, family="weibull", model=attack_watcher(intercept), baseline=baseline,
        feature_set=feature_set_id(), rule="chronicle-1", trained_to=date(2015, 2, 1),
    )  # fmt: skip


def publish(store: Store, version: str, intercept: float = -5.0) -> None:
    """Put a model into the store and point @champion at it."""
    publish_artifact(store, an_artifact(version, intercept))


def publish_artifact(store: Store, artifact: Artifact, version: str | None = None) -> None:
    """The same with any artifact, under its own version or another."""
    named = replace(artifact, version=version or artifact.version)
    store.models.publish(
        Published(
            version=str(named.version),
            name=named.name,
            family=named.family,
            rule=named.rule,
            feature_set=named.feature_set,
            trained_to=named.trained_to,
            run_id=None,
            body=dumps(named),
            published_at=NOON,
        )
    )
    store.models.move("champion", str(named.version), by="test", why="test")


def in_charge(home: Settings) -> Settings:
    """The same home, with a truce in force and version 1 in charge: what processes of their own serve."""
    with open_store(home) as store:
        store.truces.put([a_truce(TRUCE, observed_to=None)], known_at=NOON, source="truces", written_by="cli")
        publish(store, "1")
    return home


@dataclass
class Hands:
    """A clock whose hands a test may move."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home whose only source is silent for months, and which does not mind."""
    return Settings.from_environment(tmp_path, {"TRUCECAST_STALE": "ignore"})


@pytest.fixture
def store(home: Settings, hands: Hands) -> Iterator[Store]:
    """Truces of every kind: in force, ended, of unknown fate, not begun; and one attack."""
    with open_store(home, hands) as opened:
        truces = [
            a_truce(TRUCE, observed_to=None),
            a_truce("aaa-2015-02-ended", effective_date=date(2015, 2, 1), end_date=date(2015, 3, 1), end_known_at=end_of(date(2015, 3, 5))),
            a_truce("bbb-2015-03-unknown", effective_date=date(2015, 3, 1), outcome=Outcome.UNKNOWN, iso3=("BBB",)),
            a_truce("aaa-2015-06-late", effective_date=date(2015, 6, 10), observed_to=None),
        ]  # fmt: skip
        opened.truces.put(truces, known_at=NOON, source="truces", written_by="cli")
        opened.events.put([an_event("e1")], written_by="cli")
        yield opened


@pytest.fixture
def empty_client(home: Settings, hands: Hands, store: Store) -> Iterator[TestClient]:
    """A service without a model, not even the one that ships with it."""
    with TestClient(create_app(home, clock=hands, shelf=Shelf(None)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(home: Settings, hands: Hands, store: Store) -> Iterator[TestClient]:
    """A service with version 1 in charge."""
    publish(store, "1")
    with TestClient(create_app(home, clock=hands), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def key(store: Store) -> dict[str, str]:
    """Headers that may write events."""
    return {"Authorization": f"Bearer {store.keys.create(['events:write'])[1]}"}
