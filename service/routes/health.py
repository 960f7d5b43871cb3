"""Is it alive, is it ready, and what is it."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Any

from fastapi import APIRouter, Response

from service.wiring import Wired
from truce.clock import write_moment
from truce.errors import TrucecastError

router = APIRouter(tags=["health"])


@router.get("/livez")
def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/version")
def version() -> dict[str, str]:
    """Of this service and of MLflow's protocol."""
    return {"trucecast": installed("trucecast"), "mlflow": installed("mlflow")}


@router.get("/readyz", responses={503: {"description": "not ready: the body says why"}})
def readyz(wired: Wired, response: Response) -> dict[str, Any]:
    """Ready when a model is loaded and the store answers; says how old both are, and why the last refresh failed if it did."""
    now = wired.clock()
    try:
        shelved = wired.shelf.model()
        sources = wired.store.events.sources(known_by=now)
        counts = wired.store.forecasts.counts()
    except TrucecastError as trouble:
        response.status_code = 503
        return {"status": "not ready", "code": trouble.code, "detail": trouble.detail}
    return {
        "status": "ready",
        "model": {
            "version": shelved.artifact.version,
            "family": shelved.artifact.family,
            "trained_to": shelved.artifact.trained_to.isoformat(),
            "age_days": (now.date() - shelved.artifact.trained_to).days,
        },
        "refresh_trouble": wired.shelf.trouble,
        "sources": [{"name": name, "last_known_at": write_moment(last)} for name, last in sources],
        "archive": counts,
    }
