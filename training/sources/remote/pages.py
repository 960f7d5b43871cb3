"""Downloads that may be interrupted: pages on disk, each written whole, and a mark when the last one is there.

Under the home, ``var/feeds/<source>/<digest of the query>/`` holds the pages and ``query.json``, which says what was asked.
A download that stopped goes on from the page it stopped at; one that is finished asks nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.sources.remote.http import Http
from truce.errors import BadInput, FeedTrouble
from truce.identity import canonical, digest

_DONE = "done.json"
_DIGITS = 16
_MOST_PAGES = 100_000
_ATTEMPTS = 2
"""A download whose data changed under our hands is begun anew so often in all."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where downloads go, whom they are asked for, and through which door."""

    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    http: Http
    tell: Callable[[str], None] = lambda _: None
    """Told what was brought, for whoever waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page holds: the identity of each row, what the server says of the whole, and whether it is the last."""

    ids: Sequence[str]
    last: bool
    total: int | None = None
    """How many rows there are on all pages, where the server says so."""
    newest: int = 0
    """The latest change among its rows, seconds since 1970, for feeds that tell it."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How the pages of one query are named, asked for and looked into. ``look`` raises FeedTrouble for what is no page."""

    name: Callable[[int], str]
    first: int
    ask: Callable[[int], bytes]
    look: Callable[[int, bytes], Page]
    tell: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Finished:
    """A download that is complete: its files, its rows, and the latest change among them."""

    files: list[Path]
    rows: int
    newest: int


def folder_of(place: Place, source: str, query: Mapping[str, Any]) -> Path:
    """The folder of a query, made when it is not there."""
    folder = place.folder / source / digest(query)[:_DIGITS]
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "query.json", canonical(query).encode())
    return folder


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def finished(folder: Path) -> Finished | None:
    """What a finished download left in a folder; None while it is not finished, or when a file of it is gone."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        mark = json.loads((folder / _DONE).read_bytes())
        files = [folder / name for name in mark["files"]]
        if all(file.is_file() for file in files):
            return Finished(files, mark["rows"], mark["newest"])
    return None


def complete(folder: Path, pages: Pages) -> Finished:
    """Bring every page that is not there yet, and mark the download as finished.

    Pages that do not fit together tell that the data changed between two of them: then it is begun anew, once.

    Raises:
        FeedTrouble: the server fails, and pages that came are kept; or the data keeps changing, and none is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(_ATTEMPTS):
        done = _collected(folder, pages)
        if done is not None:
            mark = {"files": [file.name for file in done.files], "rows": done.rows, "newest": done.newest}
            write_whole(folder / _DONE, canonical(mark).encode())
            return done
        for file in folder.glob("*page-*"):
            file.unlink()
    raise FeedTrouble("the data changed while it was downloaded, and again at the second try: try again later")


def _collected(folder: Path, pages: Pages) -> Finished | None:
    """All pages, or None when they do not fit together."""
    files: list[Path] = []
    seen: set[str] = set()
    totals: set[int] = set()
    newest = rows = 0
    for number in range(pages.first, pages.first + _MOST_PAGES):
        file = folder / pages.name(number)
        page = _page(file, number, pages)
        totals.update([] if page.total is None else [page.total])
        seen.update(page.ids)
        rows, newest = rows + len(page.ids), max(newest, page.newest)
        if len(totals) > 1 or len(seen) != rows:
            return None
        if page.ids:
            files.append(file)
        if page.last:
            return Finished(files, rows, newest) if totals <= {rows} else None
    raise FeedTrouble(f"more than {_MOST_PAGES} pages: ask for less")


def _page(file: Path, number: int, pages: Pages) -> Page:
    if file.is_file():
        with suppress(FeedTrouble):  # a page that was damaged on the disk is asked for anew
            return pages.look(number, file.read_bytes())
    content = pages.ask(number)
    page = pages.look(number, content)
    if page.ids:
        write_whole(file, content)
        pages.tell(f"{file.name}: {len(page.ids)} rows")
    return page


def answer_of(content: bytes, who: str) -> dict[str, Any]:
    """The JSON object that a server answered with. Raises FeedTrouble when it is none."""
    with suppress(ValueError, RecursionError):
        answer = json.loads(content)
        if isinstance(answer, dict):
            return answer
    raise FeedTrouble(f"{who} answers with something else than JSON: try again later; what has come is kept")


def rows_in(answer: Mapping[str, Any], name: str, who: str) -> list[dict[str, Any]]:
    """The rows of an answer. Raises FeedTrouble when there is no list of them."""
    rows = answer.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FeedTrouble(
            f"{who} answers without a list {name!r} of rows: the protocol is another one than this client's"
        )
    return rows


def some(done: Finished, asked: str) -> Finished:
    """A download that brought something. Raises BadInput when no row matches what was asked."""
    if not done.rows:
        raise BadInput(f"no row matches {asked}: nothing to import", code="no_rows")
    return done
