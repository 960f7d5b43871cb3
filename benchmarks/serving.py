"""How fast the API answers, beside `mlflow models serve` on the same model and bare FastAPI, in one run: `make bench`.

Each server has one worker and the machine to itself, and wrk asks over 16 connections. Stored truces are asked about over many truces
and days, each question once before any comes again, so most answers are worked out and archived. A batch is sent by curl, 10,000
questions that nobody has asked before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psutil
from sqlalchemy.engine import make_url

from models import reference
from models.artifact import loads
from service.shelf import Shelf
from training.demo import OBSERVED_TO
from training.intake import import_source
from truce.chronicle import reader
from truce.clock import end_of
from truce.features import NAMES, FeatureTable, features_at
from truce.settings import Settings
from truce.store import Store, open_store
from truce.terminal import say, show_table
from truce.vocabulary import HORIZONS, Outcome

BIN = Path(sys.executable).parent
CONNECTIONS = 16
BATCH = 10_000
PEER = "mlflow models serve, /invocations"
_MIB = 2**20
_FIRST_DAY = date(2021, 1, 1)
_DAYS = 1000
_URLS = 10_000

_POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = io.open("%s"):read("*a")
"""
_GET = """
local paths, n = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
request = function() n = n %% #paths + 1; return wrk.format("GET", paths[n]) end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured: requests a second, the median and the 99th percentile in ms, and answers that were no 2xx."""

    rate: float
    median: float
    p99: float
    refused: int


@dataclass(frozen=True, slots=True)
class Batched:
    """Forecasts a second of a batch, the bytes of the database that each of them took, and rows a second of the model alone."""

    rate: float
    room: float
    model_alone: float


def wrk(url: str, script: Path | None, seconds: int) -> Load:
    """One thread of wrk over ``CONNECTIONS``, after a short run to warm up."""
    told = [] if script is None else ["-s", str(script)]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--timeout", "60s", "--latency", *told]
    subprocess.run([*command, "-d2s", url], check=True, capture_output=True)
    said = subprocess.run([*command, f"-d{seconds}s", url], check=True, capture_output=True, text=True).stdout
    spread = {mark: _ms(value) for mark, value in re.findall(r"(?m)^\s+(50|99)%\s+(\d\S+)", said)}
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    rate = re.search(r"Requests/sec:\s+(\S+)", said)
    assert rate is not None, said
    return Load(float(rate[1]), spread["50"], spread["99"], int(refused[1]) if refused else 0)


def _ms(text: str) -> float:
    unit = re.sub(r"[\d.]", "", text)
    return float(text.removesuffix(unit)) * {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}[unit]


@contextmanager
def serving(
    command: Sequence[str | Path], path: str, **environment: str
) -> Iterator[tuple[str, float, psutil.Process]]:
    """A server until the end of the block: its address, the seconds until ``path`` was answered, its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, started = f"http://127.0.0.1:{port}", time.perf_counter()
    told = [str(word).replace("{port}", str(port)) for word in command]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        told, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **environment}, stdout=quiet, stderr=quiet
    ) as server:
        try:
            while True:
                try:
                    urllib.request.urlopen(url + path, timeout=60)
                    break
                except OSError:
                    if server.poll() is not None or time.perf_counter() - started > 120:  # noqa: PLR2004
                        raise SystemExit(f"{told[0]} did not start") from None
                    time.sleep(0.05)
            yield url, time.perf_counter() - started, psutil.Process(server.pid)
        finally:
            for child in psutil.Process(server.pid).children(recursive=True) if server.poll() is None else []:
                child.terminate()
            server.terminate()


def resident(server: psutil.Process) -> float:
    """MiB of a server and its children."""
    return float(sum(one.memory_info().rss for one in (server, *server.children(recursive=True))) / _MIB)


def questions(store: Store, n: int) -> list[tuple[str, date]]:
    """So many different (truce, day) pairs at which the truce was in force, shuffled."""
    asked = []
    for truce in store.truces.current():
        last = truce.end_date or OBSERVED_TO
        if truce.outcome is not Outcome.UNKNOWN:
            days = range((min(last, OBSERVED_TO) - max(truce.effective_date, _FIRST_DAY)).days)
            asked += [(truce.truce_id, max(truce.effective_date, _FIRST_DAY) + timedelta(days=k)) for k in days]
    random.Random(1).shuffle(asked)
    first = sorted({day for _, day in asked})[:_DAYS]
    return [pair for pair in asked if pair[1] <= first[-1]][:n]


def prepared(folder: Path) -> tuple[Settings, Path, Path, list[Path], str]:
    """A home with the Chronicle; scripts for wrk with a row and with addresses; batches; the address of the model in MLflow."""
    home = Settings.from_environment(folder, {})
    for source, path, observed_to in (
        ("truces", reader.truces_path(), OBSERVED_TO), ("events", reader.events_path(), None),
    ):  # fmt: skip
        import_source(home, source, [str(path)], observed_to)
    with open_store(home) as store:
        Shelf().refresh(store)
        pairs = questions(store, 2 * BATCH + _URLS)
        row = _row(store)
    (folder / "row.json").write_text(json.dumps({"dataframe_split": row}))
    (folder / "row.lua").write_text(_POST % (folder / "row.json"))
    batched, single = pairs[: 2 * BATCH], pairs[2 * BATCH :]
    (folder / "paths.txt").write_text("".join(f"/v1/truces/{t}/forecast?as_of={d}\n" for t, d in single))
    (folder / "paths.lua").write_text(_GET % (folder / "paths.txt"))
    batches = [folder / f"batch{k}.json" for k in range(len(batched) // BATCH)]
    for k, file in enumerate(batches):
        items = [{"truce_id": t, "as_of": d.isoformat()} for t, d in batched[k * BATCH : (k + 1) * BATCH]]
        file.write_text(json.dumps({"items": items}))
    return home, folder / "row.lua", folder / "paths.lua", batches, _logged(home)


def _row(store: Store) -> dict[str, list[object]]:
    table = _table_of(store)
    values = [None if value != value else value for value in table.values[0].tolist()]  # noqa: PLR0124
    return {"columns": ["age_days", *NAMES], "data": [[int(table.age_days[0]), *values]]}


def _table_of(store: Store) -> FeatureTable:
    """The case this project began with, one row."""
    from service.recall import Recall

    moment = end_of(date(2023, 4, 28))
    known = Recall(store).with_events(moment, "chronicle-1", "irq-2022-10-resistance-lull")
    return features_at(known.history, "irq-2022-10-resistance-lull", moment)


def arithmetic(home: Settings) -> float:
    """Rows a second, the best of three, for which the model gives the chances of five horizons and does nothing else: no batch is faster."""
    artifact = loads(reference.text())
    with open_store(home) as store:
        table = _table_of(store).take(np.zeros(BATCH, dtype=np.int64))
    took = []
    for _ in range(3):
        started = time.perf_counter()
        artifact.forecast(table, HORIZONS)
        took.append(time.perf_counter() - started)
    return BATCH / min(took)


def _logged(home: Settings) -> str:
    """The reference model, registered in the home's MLflow."""
    import mlflow

    from models import registry
    from training.tracking import lab_book

    with lab_book(home), mlflow.start_run():
        return f"models:/{registry.MODEL}/{registry.log(loads(reference.text()))}"


def batch_rate(url: str, batches: Sequence[Path]) -> float:
    """Forecasts a second, the best of the batches; curl sends them one after another."""
    best = 0.0
    for file in batches:
        told = ["curl", "-sS", "-o", str(file.with_suffix(".out")), "-w", "%{http_code} %{time_total}"]
        sent = ["-H", "Content-Type: application/json", "--data-binary", f"@{file}"]
        told += [*sent, f"{url}/v1/forecasts?drivers=false"]
        status, took = subprocess.run(told, check=True, capture_output=True, text=True).stdout.split()
        answered = json.loads(file.with_suffix(".out").read_text())
        if status != "200":
            raise SystemExit(f"the batch was refused: {answered}")
        best = max(best, len(answered["forecasts"]) / float(took))
    return best


def stored(home: Settings) -> int:
    """The bytes of a home's database, nothing of it waiting to be written into the file."""
    with closing(sqlite3.connect(make_url(home.database_url).database or "")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages, size = (connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
    return int(pages) * int(size)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="of load for each figure")
    seconds = parser.parse_args().seconds
    for tool in ("wrk", "curl"):
        if shutil.which(tool) is None:
            raise SystemExit(f"this benchmark loads the servers with {tool}: install it first")
    with tempfile.TemporaryDirectory() as name:
        say("a home with the Chronicle, and the reference model in MLflow ...")
        report(*measured(Path(name), seconds))


def measured(folder: Path, seconds: int) -> tuple[dict[str, Load], dict[str, tuple[float, float]], Batched]:
    """What wrk measured of each; of each server the seconds to its first answer and its MiB; and what of batches."""
    home, row, paths, batches, model = prepared(folder)
    loads_of: dict[str, Load] = {}
    servers: dict[str, tuple[float, float]] = {}
    mlflow = [str(BIN / "mlflow"), "models", "serve", "-m", model, "--env-manager", "local", "--port", "{port}"]
    with serving([*mlflow, "--workers", "1"], "/ping", MLFLOW_TRACKING_URI=home.tracking_uri) as (url, ready, server):
        say("mlflow models serve ...")
        loads_of[PEER] = wrk(url + "/invocations", row, seconds)
        servers["mlflow models serve"] = ready, resident(server)
    bare = [str(BIN / "uvicorn"), "benchmarks.bare:app", "--port", "{port}", "--no-access-log"]
    with serving(bare, "/constant") as (url, ready, server):
        say("bare FastAPI ...")
        loads_of["bare FastAPI, a constant"] = wrk(url + "/constant", None, seconds)
        servers["bare FastAPI"] = ready, resident(server)
    ours = [str(BIN / "trucecast"), "--home", str(home.home), "serve", "--port", "{port}"]
    with serving(ours, "/readyz") as (url, ready, server):
        say("trucecast serve ...")
        loads_of["/invocations"] = wrk(url + "/invocations", row, seconds)
        loads_of["GET forecast, stored truces"] = wrk(url, paths, seconds)
        before = stored(home)
        rate = batch_rate(url, batches)
        room = (stored(home) - before) / (BATCH * len(batches))
        servers["trucecast serve"] = ready, resident(server)
    say("the model alone ...")
    return loads_of, servers, Batched(rate, room, arithmetic(home))


def report(loads_of: dict[str, Load], servers: dict[str, tuple[float, float]], batched: Batched) -> None:
    """Print the tables."""
    peer, rows = loads_of[PEER], []
    for what, load in loads_of.items():
        speed = [f"{load.rate:.0f}", f"{load.rate / peer.rate:.1f}", f"{load.median:.1f}", f"{load.p99:.1f}"]
        rows.append([what, *speed, f"{load.p99 / peer.p99:.2f}", load.refused])
    title = f"Requests over {CONNECTIONS} connections, one worker"
    show_table(title, ("what", "a second", "x mlflow", "median ms", "p99 ms", "p99 / mlflow", "not 2xx"), rows)
    started = [[name, f"{ready:.1f}", f"{mib:.0f}"] for name, (ready, mib) in servers.items()]
    show_table("Starting and memory", ("server", "ready after s", "MiB resident"), started)
    alone = loads_of["GET forecast, stored truces"].rate
    title = f"Batches of {BATCH:,} stored truces, archived"
    columns = ("forecasts a second", "x one at a time", "bytes stored of each", "the model alone, rows a second")
    told = [f"{batched.rate:.0f}", f"{batched.rate / alone:.1f}", f"{batched.room:.0f}", f"{batched.model_alone:.0f}"]
    show_table(title, columns, [told])


if __name__ == "__main__":
    main()
