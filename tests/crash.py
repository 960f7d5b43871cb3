"""Processes to be killed: writers on a store, and services on a port. They are forked from one that has imported everything."""

from __future__ import annotations

import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

from tests.examples import an_event
from truce.clock import system_clock
from truce.settings import Settings
from truce.store import open_store
from truce.store.seals import Entry


@cache
def context() -> ForkServerContext:
    """Starts a process within some milliseconds."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.crash", "tests.warm", "service.app", "uvicorn", "pg8000.dbapi"])
    return made


def an_entry(forecast_id: str) -> Entry:
    """A forecast of nobody."""
    now = system_clock()
    return Entry(
        forecast_id=forecast_id, kind="issued", truce_id="t", as_of=now, issued_at=now, model_version="1", rule="chronicle-1",
        history_digest="d", features="{}", body=f'{{"id":"{forecast_id}"}}', vintage_days=30,
    )  # fmt: skip


def write(home: Settings, name: str, told: Connection) -> None:
    """Store an event and a forecast after another, and tell the name of each pair once it is acknowledged."""
    with open_store(home) as store:
        for k in range(10**6):
            store.events.put([an_event(f"{name}-{k}")], written_by="cli")
            store.forecasts.append([an_entry(f"{name}-{k}")])
            told.send(f"{name}-{k}")


def serve(home: Settings, told: Connection) -> None:
    """Serve a home on a free port, and tell which."""
    import uvicorn

    from service.app import create_app

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        told.send(listening.getsockname()[1])
        uvicorn.Server(uvicorn.Config(create_app(home), log_level="critical")).run(sockets=[listening])


def start(work: Any, *given: Any) -> tuple[ForkServerProcess, Connection]:
    """Start a process that tells something, and the end at which it is heard."""
    heard, told = context().Pipe(duplex=False)
    process = context().Process(target=work, args=(*given, told), daemon=True)
    process.start()
    told.close()
    return process, heard


@contextmanager
def services(home: Settings, count: int) -> Iterator[list[int]]:
    """Services on one home, by their ports; killed at the end, however they are."""
    started = [start(serve, home) for _ in range(count)]
    try:
        yield [heard.recv() for _, heard in started]
    finally:
        for process, heard in started:
            process.kill()
            process.join()
            heard.close()
