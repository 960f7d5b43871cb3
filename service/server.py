"""The server process: uvicorn over the app of one home."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.shelf import Shelf
from truce.errors import StoreTrouble
from truce.settings import Settings
from truce.store import open_store
from truce.terminal import say

_HANDED = "TRUCECAST_SERVED"
"""Through the environment a worker process learns what it serves: it starts from nothing but a name."""

_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "trucecast.access": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}


def run(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until interrupted. A store that cannot be opened is said at once, before a port is taken."""
    with open_store(settings) as store:
        shelf = Shelf()
        shelf.refresh(store)
        if store.models.stamp("champion")[1] is None:
            say(
                "no model has been promoted yet: the reference model answers (docs/reference-model.md) until `trucecast promote`"
            )
    os.environ[_HANDED] = json.dumps([str(settings.home), settings.database_url, settings.public_read])
    say(f"serving on http://{host}:{port} (API description at /docs)")
    uvicorn.run(
        "service.server:served", factory=True, host=host, port=port, workers=workers, log_config=_LOGGING, access_log=False,
        server_header=False,
    )  # fmt: skip


def served() -> FastAPI:
    """The app that a worker serves.

    Raises:
        StoreTrouble: it was not started by ``run``.
    """
    if _HANDED not in os.environ:
        raise StoreTrouble("start the service with `trucecast serve`")
    home, url, public = json.loads(os.environ[_HANDED])
    return create_app(Settings(Path(home), url, public))
