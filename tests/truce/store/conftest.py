"""The same tests on both databases: a home, and as many fresh ones as a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster
from truce.settings import Settings

Homes = Callable[[], Settings]


@pytest.fixture(params=["sqlite", "postgresql"])
def homes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Makes homes with a database that nobody has used."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if request.param == "postgresql" else None

    def another() -> Settings:
        url = {} if cluster is None else {"TRUCECAST_DATABASE_URL": cluster.fresh()}
        return Settings.from_environment(tmp_path_factory.mktemp("home"), url)

    return another


@pytest.fixture
def home(homes: Homes) -> Settings:
    return homes()
