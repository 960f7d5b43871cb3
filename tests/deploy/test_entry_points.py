"""What the containers would execute is executed here: the same words and variables, on a PostgreSQL server and a home of this test."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.deploy.files import command, compose, health_check
from tests.postgres import Cluster
from tests.tutorials.pages import end, free_port

PASSWORD = "what-the-operator-sets"
BIN = Path(sys.executable).parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> str:
    """The server as the image of PostgreSQL would begin it: the user, the database, and the script of compose.yaml."""
    wanted = compose()["services"]["db"]["environment"]
    first = f"CREATE ROLE {wanted['POSTGRES_USER']} SUPERUSER LOGIN PASSWORD '{PASSWORD}'"
    script = compose()["configs"]["mlflow-database"]["content"]
    engine = create_engine(
        cluster.url("postgres").replace("postgresql:", "postgresql+pg8000:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        for order in (first, f"CREATE DATABASE {wanted['POSTGRES_DB']}", script):
            connection.exec_driver_sql(order)
    engine.dispose()
    return f"127.0.0.1:{cluster.port}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The volume."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def surroundings(service: str, database: str, home: Path) -> dict[str, str]:
    """The variables of a service, the password filled in and the server's name exchanged for its address here."""
    told = {
        name: re.sub(r"\$\{TRUCECAST_DB_PASSWORD[^}]*\}", PASSWORD, value).replace("db:5432", database)
        for name, value in compose()["services"][service]["environment"].items()
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUCECAST_")}
    return {**kept, "PATH": f"{BIN}:{os.environ['PATH']}", **told, "TRUCECAST_HOME": str(home), "HOME": str(home)}


@contextmanager
def started(service: str, database: str, home: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A service on a free port, when its health check says that it is well."""
    inside, port = compose()["services"][service]["ports"][0].rpartition(":")[2], free_port()
    here = surroundings(service, database, home)
    words = [word.replace(inside, str(port)) for word in command(service)]
    check = [word.replace(f":{inside}/", f":{port}/") for word in health_check(service)]
    with subprocess.Popen(
        words, env=here, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            deadline = time.monotonic() + 90
            while subprocess.run(check, env=here, capture_output=True, check=False).returncode != 0:
                assert process.poll() is None, f"{service} ended"
                assert time.monotonic() < deadline, f"{service} is not well"
                time.sleep(1)
            yield port, process
        finally:
            end(process.pid)


def test_the_tables_are_made_and_the_service_is_well_and_stops_when_told(database: str, home: Path) -> None:
    done = subprocess.run(
        command("upgrade"),
        env=surroundings("upgrade", database, home),
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
    )
    assert done.returncode == 0, done.stderr
    with started("service", database, home) as (_, process):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)
    assert not (home / "var" / "trucecast.db").exists(), "it is PostgreSQL that was asked"


def test_the_mlflow_server_keeps_its_runs_in_its_own_database(database: str, home: Path) -> None:
    with started("mlflow", database, home):
        engine = create_engine(f"postgresql+pg8000://trucecast:{PASSWORD}@{database}/mlflow")
        with engine.connect() as connection:
            names = connection.exec_driver_sql("SELECT name FROM experiments").scalars().all()
        engine.dispose()
    assert "truce-breakdown" in names
    assert not (home / "mlruns" / "mlflow.db").exists()
