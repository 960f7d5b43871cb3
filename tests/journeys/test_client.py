"""A client that a generator makes from the description runs the tutorial, in an environment that has nothing of ours."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.examples import a_truce
from tests.journeys.test_demo import run
from tests.served import serving
from tests.service.conftest import NOON, publish
from truce.settings import Settings
from truce.store import open_store

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / ".venv" / "client" / "bin"
pytestmark = pytest.mark.slow


@pytest.mark.skipif(
    not CLIENT.is_dir(), reason="`make test-all` makes the client's own environment: `make .venv/client/ready`"
)
def test_the_generated_client_runs_the_tutorial(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with open_store(Settings.from_environment(home, {})) as store:
        truce = a_truce(
            "irq-2022-10-resistance-lull", iso3=("IRQ",), side_a=("Government of United States",), side_b=("Kataib Hezbollah",),
            effective_date=date(2022, 10, 28), observed_to=None,
        )  # fmt: skip
        store.truces.put([truce], known_at=NOON, source="truces", written_by="test")
        publish(store, "1")
    key = json.loads(run(home, "keys", "create", "--scope", "events:write", "--scope", "truces:write", "--json"))["key"]
    config = ROOT / "docs" / "client" / "config.yml"
    with serving(home) as served:
        generate: list[str | Path] = [
            CLIENT / "openapi-python-client", "generate", "--url", f"{served.url}/openapi.json", "--meta", "none", "--output-path",
            tmp_path / "trucecast_client", "--config", config,
        ]  # fmt: skip
        made = subprocess.run(generate, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout
        told = subprocess.run(
            [CLIENT / "python", ROOT / "docs" / "client" / "tutorial.py", served.url, key],
            capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert "1 truces of Iraq as known on 2023-04-28" in lines
    assert "events stored: 1" in lines
    assert "what was said before is kept: True" in lines
    assert lines[-2:] == ["batch: 1 forecast, refused: unknown_truce", "a refusal is a value: 404 unknown_truce"]
