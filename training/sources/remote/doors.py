"""Which source has an API, and how a path that begins with ``api:`` becomes files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from training.sources.remote import acled, gdelt, ucdp
from training.sources.remote.http import Http
from training.sources.remote.pages import Place
from truce.errors import BadInput
from truce.terminal import say

API = "api:"

CLIENTS: Mapping[str, Callable[[str, Place], list[Path]]] = MappingProxyType({
    acled.SOURCE: acled.fetch,
    gdelt.SOURCE: gdelt.fetch,
    ucdp.SOURCE: ucdp.fetch,
})  # fmt: skip
"""Source -> how a query is brought to disk."""


def on_disk(source: str, paths: Sequence[str], home: Path, environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The paths, with each ``api:QUERY`` replaced by the files that it brought under ``<home>/var/feeds``.

    Raises:
        BadInput: the source has no API, or not for this query.
        Denied: the API wants other credentials.
        FeedTrouble: its server fails.
    """
    found: list[Path] = []
    for path in paths:
        if not path.startswith(API):
            found.append(Path(path))
            continue
        if source not in CLIENTS:
            raise BadInput(
                f"{source} has no API here, only {', '.join(CLIENTS)} have: name a file, a folder or a glob",
                code="no_api",
            )
        place = Place(home / "var" / "feeds", environment, Http(), say if sys.stderr.isatty() else _in_silence)
        found += CLIENTS[source](path.removeprefix(API), place)
    return found


def _in_silence(_: str) -> None:
    """Nobody waits at a terminal."""
