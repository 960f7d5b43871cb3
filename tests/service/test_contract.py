"""Schemathesis against a real server: every operation of the description, with data that fits it and data that does not, and in sequences."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import BIN, serving
from tests.service.conftest import publish
from truce.settings import Settings
from truce.store import SCOPES, Store, open_store

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("TRUCECAST_CONTRACT_EXAMPLES", "15")
pytestmark = pytest.mark.slow


@pytest.fixture
def url(home: Settings, store: Store) -> Iterator[str]:
    """A server over a small home, by the system's clock, open to webhooks on this machine only in name: nothing is due within the test."""
    publish(store, "1")
    environment = {"TRUCECAST_STALE": "ignore", "TRUCECAST_ALARM_SECONDS": "3600"}
    with serving(home.home, environment=environment) as served:
        yield served.url


def test_no_request_meets_a_fault_an_undocumented_status_or_another_shape(url: str, home: Settings) -> None:
    with open_store(home) as store:
        key = store.keys.create(SCOPES)[1]
    command = [
        str(BIN / "schemathesis"), "--no-color", "--config-file", str(CONFIG), "run", f"{url}/openapi.json",
        "--header", f"Authorization: Bearer {key}", "--max-examples", EXAMPLES, "--seed", "7", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=home.home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:]
    log = (home.home / "server.log").read_text()
    assert '"status": 200' in log
    assert key.split("_", 2)[-1] not in log, "no secret in any log"
    assert "Traceback" not in log
