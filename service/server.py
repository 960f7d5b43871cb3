"""The server process: uvicorn over the app of one home."""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from service import logs, memory
from service.app import create_app
from service.meter import SHARED
from service.shelf import Shelf
from truce.errors import StoreTrouble
from truce.settings import Settings
from truce.store import open_store
from truce.terminal import say

_OBJECTS = 50_000
"""After so many new objects the interpreter looks for those that hold one another. A batch makes millions, and none that do; by default
it would look every 700."""
_HANDED = "TRUCECAST_SERVED"
"""Through the environment a worker process learns what it serves: it starts from nothing but a name."""


def run(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until interrupted. A store that cannot be opened is said at once, before a port is taken."""
    with open_store(settings) as store:
        shelf = Shelf()
        shelf.refresh(store)
        if store.models.stamp("champion")[1] is None:
            say(
                "no model has been promoted yet: the reference model answers (docs/reference-model.md) until `trucecast promote`"
            )
    os.environ[_HANDED], os.environ["TRUCECAST_DATABASE_URL"] = str(settings.home), settings.database_url
    say(f"serving on http://{host}:{port} (API description at /docs)")
    with tempfile.TemporaryDirectory(prefix="trucecast-meter-") as folder:
        if workers > 1:
            os.environ.setdefault(SHARED, folder)
        uvicorn.run(
            "service.server:served", factory=True, host=host, port=port, workers=workers, log_config=logs.CONFIG, access_log=False,
            server_header=False,
        )  # fmt: skip


def served() -> FastAPI:
    """The app that a worker serves.

    Raises:
        StoreTrouble: it was not started by ``run``.
    """
    if _HANDED not in os.environ:
        raise StoreTrouble("start the service with `trucecast serve`")
    memory.of_one_arena()
    gc.set_threshold(_OBJECTS)
    return create_app(Settings.from_environment(Path(os.environ[_HANDED])))
