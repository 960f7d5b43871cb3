"""Speaking at the terminal: results on stdout, everything else on stderr, a refusal in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from truce.errors import TrucecastError

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


@cache
def _console(*, stderr: bool) -> Console:
    # Rich takes a tenth of a second to import, and `--help` has half a second in all.
    from rich.console import Console

    # Piped output has no width of its own: a table that wraps there is unreadable by people and programs alike.
    piped = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, soft_wrap=True, width=160 if piped else None)


def print_json(value: Any) -> None:
    """One JSON document on stdout, and nothing else there. NaN is refused: it is not JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def say(text: str) -> None:
    """A line of progress or of log, on stderr."""
    _console(stderr=True).print(text, markup=False, highlight=False)


def show(text: str) -> None:
    """A line of result, on stdout."""
    _console(stderr=False).print(text, markup=False, highlight=False)


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table of results on stdout; numbers are right-aligned by their column's first cell."""
    from rich.table import Table

    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    table = Table(title=title, title_justify="left")
    for k, name in enumerate(columns):
        numeric = bool(cells) and cells[0][k][:1] in set("+-.0123456789")
        table.add_column(name, justify="right" if numeric else "left")
    for row in cells:
        table.add_row(*row)
    _console(stderr=False).print(table)


def tracked(steps: Sequence[T], what: str) -> Iterable[T]:
    """The steps, with a progress bar on stderr when that is a terminal."""
    if not _console(stderr=True).is_terminal:
        return steps
    from rich.progress import track

    return track(steps, description=what, console=_console(stderr=True), transient=True)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a refusal into one line on stderr and exit status 1; what the system refuses (a full disk, a missing right) too."""
    try:
        yield
    except TrucecastError as refusal:
        say(f"trucecast: {refusal.detail}")
        raise SystemExit(1) from None
    except OSError as trouble:
        where = f"{trouble.filename}: " if trouble.filename else ""
        say(f"trucecast: {where}{trouble.strerror or trouble}")
        raise SystemExit(1) from None
