"""GDELT's files: every quarter of an hour one export of events, with its size and its MD5 in a list.

{base}/gdeltv2/lastupdate.txt tells of the latest, {base}/gdeltv2/masterfilelist.txt of all since February 2015: lines of size,
MD5 and address, for events (export), mentions and the knowledge graph (gkg), of which only events are taken. A file named
20231017001500 was published at that moment. Nothing is asked twice: what is on disk with the right size and MD5 stays.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.sources.remote.http import LARGEST, Question, base_url
from training.sources.remote.pages import Place, write_whole
from truce.clock import parse_day, parse_moment, start_of
from truce.errors import BadInput, FeedTrouble

SOURCE = "gdelt"
URL = "TRUCECAST_GDELT_URL"
BASE = "http://data.gdeltproject.org"
_LIST = "masterfilelist.txt"
_LATEST = "lastupdate.txt"
_LONGEST_LIST = 2**30
_EXPORT = re.compile(rb"(?:^|/)(\d{14})\.export\.CSV\.zip\s*$")
_MD5 = re.compile(r"[0-9a-f]{32}")
_TRIES = 2
_FORM = "write api:2023-10-17..2023-10-18 or api:latest"


@dataclass(frozen=True, slots=True)
class _Export:
    """One file of the list: when it was published, its bytes and their MD5."""

    moment: datetime
    size: int
    md5: str

    @property
    def name(self) -> str:
        return f"{self.moment:%Y%m%d%H%M%S}.export.CSV.zip"


def fetch(query: str, place: Place) -> list[Path]:
    """The files of ``2023-10-17..2023-10-18`` (both days whole; moments do as well), or of ``latest``, oldest first.

    Raises:
        BadInput: no such span, or nothing was published in it.
        FeedTrouble: the server fails, or a file is not what the list says.
    """
    folder = place.folder / SOURCE
    folder.mkdir(parents=True, exist_ok=True)
    if query == "latest":
        wanted = list(_exports(_asked(place, _LATEST)))
    else:
        start, stop = _span(query)
        wanted = [export for export in _listed(place, folder, stop) if start < export.moment <= stop]
    if not wanted:
        raise BadInput(f"GDELT published no export in {query}", code="no_rows")
    return [_brought(place, folder, export) for export in sorted(wanted, key=lambda export: export.moment)]


def _span(query: str) -> tuple[datetime, datetime]:
    """After which moment, and up to which: a day is whole, and midnight belongs to the day that it closes."""
    first, dots, last = query.partition("..")
    if not dots:
        raise BadInput(f"{query!r} is no span of GDELT: {_FORM}", code="bad_query")
    try:
        start = start_of(parse_day(first))
    except BadInput:
        start = parse_moment(first)
    stop = parse_moment(last)
    if stop <= start:
        raise BadInput(f"{query!r} ends before it begins: {_FORM}", code="bad_query")
    return start, stop


def _listed(place: Place, folder: Path, stop: datetime) -> list[_Export]:
    """Every export; from the list on disk when that reaches far enough, since it is long."""
    kept = folder / _LIST
    if kept.is_file():
        exports = list(_exports(kept.read_bytes()))
        if exports and max(export.moment for export in exports) >= stop:
            return exports
    content = _asked(place, _LIST, _LONGEST_LIST)
    exports = list(_exports(content))
    if exports:
        write_whole(kept, content)
    return exports


def _exports(content: bytes) -> Iterator[_Export]:
    """The exports of a list; lines of other files are passed over."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if _EXPORT.search(line):
            yield _export(number, line.decode("ascii", errors="replace").split())


def _export(number: int, parts: Sequence[str]) -> _Export:
    with suppress(ValueError):
        size, md5, address = parts
        stamp = address.rpartition("/")[2].partition(".")[0]
        moment = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if size.isdecimal() and _MD5.fullmatch(md5.lower()):
            return _Export(moment, int(size), md5.lower())
    raise FeedTrouble(f"line {number} of GDELT's list tells of an export without size and MD5: ask for other days")


def _asked(place: Place, name: str, largest: int = LARGEST) -> bytes:
    return place.http.ask(Question(f"{base_url(place.environment, URL, BASE)}/gdeltv2/{name}", largest=largest))


def _brought(place: Place, folder: Path, export: _Export) -> Path:
    file = folder / export.name
    if file.is_file() and _is_whole(file.read_bytes(), export):
        return file
    for _ in range(_TRIES):
        content = _asked(place, export.name)
        if _is_whole(content, export):
            write_whole(file, content)
            place.tell(f"{file.name}: {export.size} bytes")
            return file
    raise FeedTrouble(f"{export.name} of GDELT is not what its list says (size or MD5): try again later")


def _is_whole(content: bytes, export: _Export) -> bool:
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return len(content) == export.size and md5 == export.md5
