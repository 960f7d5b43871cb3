"""Speaking at the terminal: results on stdout, everything else on stderr, a refusal in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

from truce.errors import TrucecastError

T = TypeVar("T")

_out = Console(soft_wrap=True)
_err = Console(stderr=True, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON document on stdout, and nothing else there. NaN is refused: it is not JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def say(text: str) -> None:
    """A line of progress or of log, on stderr."""
    _err.print(text, markup=False, highlight=False)


def show(text: str) -> None:
    """A line of result, on stdout."""
    _out.print(text, markup=False, highlight=False)


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table of results on stdout; numbers are right-aligned by their column's first cell."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    table = Table(title=title, title_justify="left")
    for k, name in enumerate(columns):
        numeric = bool(cells) and cells[0][k][:1] in set("+-.0123456789")
        table.add_column(name, justify="right" if numeric else "left")
    for row in cells:
        table.add_row(*row)
    # Piped output has no width of its own: a table that wraps there is unreadable by people and programs alike.
    (_out if _out.is_terminal else Console(width=160)).print(table)


def tracked(steps: Sequence[T], what: str) -> Iterable[T]:
    """The steps, with a progress bar on stderr when that is a terminal."""
    return track(steps, description=what, console=_err, transient=True) if _err.is_terminal else steps


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a refusal into one line on stderr and exit status 1."""
    try:
        yield
    except TrucecastError as refusal:
        say(f"trucecast: {refusal.detail}")
        raise SystemExit(1) from None
