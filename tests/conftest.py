"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import Homes, empty
from tests.postgres import Cluster, running
from truce.clock import Clock
from truce.settings import Settings
from truce.store import schema
from truce.store.engine import make_engine

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture
def fixed_clock() -> Callable[[datetime], Clock]:
    """A clock that stands still."""

    def at(moment: datetime) -> Clock:
        return lambda: moment

    return at


@pytest.fixture
def noon() -> Clock:
    """A clock that stands at noon of 15 June 2024, UTC."""
    return lambda: datetime(2024, 6, 15, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server, one a session."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def furnished(cluster: Cluster) -> str:
    """The name of a database with our tables, to be copied."""
    url = cluster.fresh()
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    return url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    name: str = request.param
    return name


@pytest.fixture
def bare(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A home with a database that has no tables yet."""
    url = {} if kind == "sqlite" else {"TRUCECAST_DATABASE_URL": request.getfixturevalue("cluster").fresh()}
    return Settings.from_environment(tmp_path, url)


@pytest.fixture
def homes(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Makes homes with an empty store."""
    if kind == "sqlite":
        return lambda: Settings.from_environment(tmp_path_factory.mktemp("home"), {})
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.fresh(request.getfixturevalue("furnished"))
    made = Settings.from_environment(tmp_path_factory.mktemp("home"), {"TRUCECAST_DATABASE_URL": url})

    def emptied() -> Settings:
        empty(url)
        return made

    return emptied


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data of the field, where it is at hand: it is never part of the project."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TRUCECAST_SHARED", beside))
    if not folder.is_dir():
        pytest.skip("the field's data sets are not at hand (set TRUCECAST_SHARED to their folder)")
    return folder
