"""A service as its users start it: a process of `trucecast serve`, on a port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
_STARTS_WITHIN = 60


@dataclass(frozen=True, slots=True)
class Served:
    """Where it answers, the process, and what it wrote to its log."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def free_port() -> str:
    """A port of this machine that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@contextmanager
def serving(home: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """A service over a home that answers already; stopped at the end."""
    port = free_port()
    command = [str(BIN / "trucecast"), "--home", str(home), "serve", "--port", port, *options]
    log = home / "server.log"
    with (
        log.open("w") as lines,
        subprocess.Popen(command, env={**os.environ, **(environment or {})}, stderr=lines) as process,
    ):
        found = Served(f"http://127.0.0.1:{port}", process, log)
        try:
            _wait(found)
            yield found
        finally:
            process.terminate()
            process.wait(30)


def _wait(served: Served) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            urllib.request.urlopen(f"{served.url}/livez", timeout=5)
        except OSError:
            assert time.monotonic() < deadline, served.log.read_text()
            time.sleep(0.1)
        else:
            return
