"""The README's journey with real processes, on the embedded Chronicle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.served import BIN, free_port, serving

TRUCE = "irq-2022-10-resistance-lull"
pytestmark = pytest.mark.slow


def run(home: Path, *words: str, status: int = 0) -> str:
    done = subprocess.run(
        [BIN / "trucecast", "--home", home, *words], capture_output=True, text=True, check=False, cwd=home.parent
    )
    assert done.returncode == status, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Two homes, a demo in each, both at once: the first home, and what each printed."""
    homes = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    with ThreadPoolExecutor(len(homes)) as threads:
        first, second = threads.map(run, homes, ["demo"] * len(homes))
    return homes[0], first, second


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def post(url: str, body: Any, key: str | None) -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_two_demos_give_the_same_numbers(demos: tuple[Path, str, str]) -> None:
    _, first, second = demos
    assert first == second
    for said in ("distinct breakdowns", "landmark-logistic", "Champion", "2023-04-28", TRUCE, "truce age alone"):
        assert said in first


def test_every_truce_in_force_is_answered_and_every_unknown_fate_refused(demos: tuple[Path, str, str]) -> None:
    body = json.loads(run(demos[0], "forecast", "--all", "--as-of", "2023-12-31", "--json"))
    assert (body["as_of"], len(body["forecasts"]), len(body["refused"])) == ("2023-12-31", 42, 17)
    assert {refusal["code"] for refusal in body["refused"]} == {"unknown_fate"}


def test_a_refit_answers_for_a_past_day_with_a_model_of_that_day(demos: tuple[Path, str, str]) -> None:
    body = json.loads(run(demos[0], "forecast", TRUCE, "--as-of", "2023-04-28", "--refit", "--json"))
    forecast = body["forecasts"][0]
    assert forecast["model"]["trained_to"] == "2023-04-28"
    assert forecast["hindcast"] is False


def test_an_unknown_truce_is_one_line_and_exit_status_one(demos: tuple[Path, str, str]) -> None:
    body = json.loads(run(demos[0], "forecast", "nobody", "--json", status=1))
    assert body["refused"][0]["code"] == "unknown_truce"


def test_a_killed_service_loses_no_event_that_it_acknowledged(demos: tuple[Path, str, str]) -> None:
    home = demos[0]
    key = json.loads(run(home, "keys", "create", "--scope", "events:write", "--json"))["key"]
    event = {
        "type": "threaten", "modality": "threatened", "occurred_on": "2023-04-28", "known_at": "2023-04-28",
        "actor": "Kataib Hezbollah", "target": "Government of United States", "iso3": ["IRQ"], "source": "desk",
    }  # fmt: skip
    acknowledged = []
    for round_ in range(3):
        with serving(home) as served:
            with pytest.raises(urllib.error.HTTPError, match="401"):
                post(f"{served.url}/v1/events", event, None)
            for k in range(10):
                sent = post(f"{served.url}/v1/events", {**event, "source_ref": f"{round_}-{k}"}, key)
                acknowledged += sent["event_ids"]
            served.process.kill()
            served.process.wait(20)
    with serving(home) as served:
        listed = get(f"{served.url}/v1/events?from=2023-04-28&to=2023-04-28&type=threaten&limit=1000")
        assert set(acknowledged) <= {found["event_id"] for found in listed["events"]}
    assert json.loads(run(home, "verify", "--json"))["ok"] is True


def test_the_service_takes_a_promotion_and_a_rollback_without_a_restart(demos: tuple[Path, str, str]) -> None:
    home = demos[0]
    with serving(home) as served:
        before = get(f"{served.url}/v1/truces/{TRUCE}/forecast?as_of=2023-04-28")["model"]["version"]
        run(home, "rollback")
        deadline = time.monotonic() + 10
        while (now := get(f"{served.url}/v1/truces/{TRUCE}/forecast?as_of=2023-04-28")["model"]["version"]) == before:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        run(home, "rollback")
    assert now != before


def test_runs_can_be_compared_in_the_mlflow_server(demos: tuple[Path, str, str]) -> None:
    port = free_port()
    command: list[str | Path] = [BIN / "trucecast", "--home", demos[0], "mlflow", "--port", port]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            link = server.stdout.readline()
            experiment = link.rsplit("/", 1)[1].strip()
            deadline = time.monotonic() + 60
            while True:
                try:
                    found = post(
                        f"http://127.0.0.1:{port}/api/2.0/mlflow/runs/search", {"experiment_ids": [experiment]}, None
                    )
                    break
                except OSError:
                    assert time.monotonic() < deadline, "the MLflow server did not start"
                    time.sleep(0.5)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
    families = {p["value"] for r in found["runs"] for p in r["data"]["params"] if p["key"] == "family"}
    assert families == {"aalen-johansen", "weibull", "cox", "discrete-hazard", "landmark-logistic", "linear-pool"}
    metrics = {m["key"] for r in found["runs"] for m in r["data"]["metrics"]}
    assert {"skill_30d", "log_score_30d", "auc_within_age_30d", "brier_365d_feed"} <= metrics
