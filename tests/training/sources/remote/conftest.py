from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.training.sources.remote.server import FakeServer, serving
from training.sources.remote.http import Http
from training.sources.remote.pages import Place

NOON = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)
TOKEN = "s3cret-t0ken"
USER = "someone@example.org"
PASSWORD = "pass word&1"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving() as fake:
        yield fake


@pytest.fixture
def naps() -> list[float]:
    """How long was waited each time, in seconds."""
    return []


@pytest.fixture
def place(tmp_path: Path, server: FakeServer, naps: list[float]) -> Place:
    environment = {
        "TRUCECAST_UCDP_URL": server.url,
        "TRUCECAST_UCDP_TOKEN": TOKEN,
        "TRUCECAST_ACLED_URL": server.url + "/",
        "TRUCECAST_ACLED_USER": USER,
        "TRUCECAST_ACLED_PASSWORD": PASSWORD,
        "TRUCECAST_GDELT_URL": server.url,
    }
    return Place(tmp_path / "feeds", environment, Http(sleep=naps.append, jitter=lambda: 1.0, clock=lambda: NOON))


def everything_written(folder: Path) -> bytes:
    """All names and all contents of the files below a folder."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return b"\n".join([*(str(file).encode() for file in files), *(file.read_bytes() for file in files)])
