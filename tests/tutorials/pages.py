"""A page of docs/ as a script: its ``sh`` blocks are run as they stand, in one shell, and what it shows must have been said.

A ``python`` block with a title is a file of that name, a ``diff`` is applied. A ``text`` block shows what the block before it prints:
line by line, in that order, other lines between them allowed. Spaces and the frames of tables do not count, and ``...`` stands for
anything. The ports of the pages are exchanged for free ones.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BIN = Path(sys.executable).parent
PORTS = ("8000", "5000")
_FENCE = re.compile(r"^```(\w*)(?: title=\"(.+?)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WRITTEN = "cat > {} <<'END_OF_FILE'\n{}END_OF_FILE\n"
_APPLIED = "git apply <<'END_OF_FILE'\n{}END_OF_FILE\n"
_FRAME = re.compile(r"[\s│┃─━┏┓┗┛┡┩├┤┼┴┬╇┳]+")


@dataclass(frozen=True, slots=True)
class Block:
    """Commands, and the lines that the page shows of what they print."""

    commands: str
    shown: tuple[str, ...]


def blocks(page: str) -> list[Block]:
    """The executed blocks of a page, in order."""
    found: list[Block] = []
    for language, title, body in _FENCE.findall(page):
        if language == "sh":
            found.append(Block(body, ()))
        elif title:
            found.append(Block(_WRITTEN.format(title, body), ()))
        elif language == "diff":
            found.append(Block(_APPLIED.format(body), ()))
        elif language == "text":
            assert found, "a page shows what nothing printed"
            found[-1] = Block(found[-1].commands, (*found[-1].shown, *body.splitlines()))
    return found


def unsaid(block: Block, said: str) -> list[str]:
    """The lines that the page shows and the commands did not print, from the first on."""
    lines = iter([_plain(line) for line in said.splitlines()])
    wanted = [line for line in map(_plain, block.shown) if line not in ("", "...")]
    for k, line in enumerate(wanted):
        pattern = ".*".join(re.escape(part) for part in line.split("..."))
        if not any(re.fullmatch(pattern, printed) for printed in lines):
            return wanted[k:]
    return []


def run(page: Path, folder: Path, environment: Mapping[str, str] | None = None, *, seconds: int = 900) -> None:
    """Do what a page says in ``folder``, which is then the reader's own, and hold what is printed against the page."""
    steps = blocks(page.read_text(encoding="utf-8"))
    assert steps, f"{page} has nothing to execute"
    mark = "--- the end of block"
    script = "\n".join(f"{step.commands}\necho {shlex.quote(mark)}" for step in steps)
    for port in PORTS:
        script = script.replace(port, str(free_port()))
    if not (folder / "truce").exists():
        (folder / "truce").symlink_to(ROOT / "truce")
    status, said = _shell(script, folder, environment or {}, seconds)
    parts = said.split(f"{mark}\n")
    assert status == 0, f"{page.name} stopped in block {len(parts)}:\n{parts[-1][-3000:]}"
    for step, part in zip(steps, parts, strict=False):
        assert unsaid(step, part) == [], f"{page.name} shows what was not printed by\n{step.commands}\n{part[-3000:]}"


def _shell(script: str, folder: Path, environment: Mapping[str, str], seconds: int) -> tuple[int, str]:
    """The script's exit status and all that it printed; what it left running is ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRUCECAST_")}
    surroundings = {**kept, "PATH": f"{BIN}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    # Into a file: a service that runs on would hold a pipe open.
    with tempfile.TemporaryFile("w+") as told:
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script], cwd=folder, stdout=told, stderr=told, stdin=subprocess.DEVNULL,
            env={**surroundings, **environment}, start_new_session=True,
        )  # fmt: skip
        try:
            status = shell.wait(seconds)
        finally:
            end(shell.pid)
            shell.wait()
        told.seek(0)
        return status, told.read()


def end(group: int) -> None:
    """End a process and all that it started, if they have not ended yet."""
    try:
        os.killpg(group, signal.SIGTERM)
    except ProcessLookupError:
        return


def _plain(line: str) -> str:
    return _FRAME.sub(" ", line).strip()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
