"""MLflow's own server over a home's runs."""

from __future__ import annotations

import os
import subprocess
import sys

from training import tracking
from truce.settings import Settings
from truce.terminal import show


def run(settings: Settings, host: str, port: int) -> None:
    """Run MLflow's server over this home until interrupted, and say where the experiment is."""
    with tracking.lab_book(settings):
        where = f"http://{host}:{port}/#/experiments/{tracking.experiment_id(settings)}"
    show(f"MLflow: {where}")
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", host, "--port", str(port), "--workers", "1",
        "--artifacts-destination", settings.artifacts.as_uri(),
    ]  # fmt: skip
    # Not among the words of the command, which every user of the machine can read: a URL may hold a password.
    store = {"MLFLOW_BACKEND_STORE_URI": settings.tracking_uri}
    environment = {**os.environ, **store, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    subprocess.run(command, env=environment, check=False)  # noqa: S603 - our own interpreter, our own words
