"""Models: who is champion, and looking again at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from service.answers import ModelPage, Refreshed
from service.schemas import problems
from service.wiring import Wired, model_admin, reader
from truce.clock import write_moment
from truce.settings import Settings

router = APIRouter(prefix="/v1/models", tags=["models"])

ALIASES = ("champion", "challenger", "previous")
SYNC_SECONDS = 120
_SYNC = "import trucecast; trucecast.main()"


@router.get("", response_model=ModelPage, dependencies=[Depends(reader)], responses=problems(401, 422, 429, 503))
def list_models(
    wired: Wired,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> dict[str, Any]:
    """Published models, oldest first, and what the aliases point at."""
    current = {alias: wired.store.models.stamp(alias)[1] for alias in ALIASES}
    found = wired.store.models.all()[cursor : cursor + limit + 1]
    return {
        "aliases": current,
        "models": [
            {
                "name": row.name,
                "version": row.version,
                "family": row.family,
                "rule": row.rule,
                "trained_to": row.trained_to.isoformat(),
                "run_id": row.run_id,
                "published_at": write_moment(row.published_at),
            }
            for row in found[:limit]
        ],
        "next": cursor + limit if len(found) > limit else None,
    }


@router.post("/refresh", response_model=Refreshed, responses=problems(401, 403, 413, 422, 429, 503))
def refresh_models(wired: Wired, key: Annotated[str, Depends(model_admin)]) -> dict[str, Any]:
    """Bring home aliases that were moved by hand in the MLflow UI, and look for a newer champion now instead of within two seconds."""
    del key
    before = wired.shelf.version()
    moved, trouble = _sync(wired.settings)
    # The worker's own watch may have been quicker: what counts is whether another model answers now.
    wired.shelf.refresh(wired.store)
    version = wired.shelf.model().artifact.version  # NoModel when there is still none
    return {
        "moved": moved,
        "swapped": version != before,
        "version": str(version),
        "trouble": "; ".join(filter(None, (wired.shelf.trouble, trouble))) or None,
    }


def _sync(settings: Settings) -> tuple[list[str], str | None]:
    """Ask MLflow in a process of its own: it takes seconds and hundreds of MB to import, which no worker should keep."""
    if not (settings.home / "mlruns" / "mlflow.db").exists():
        return [], None
    words = [sys.executable, "-c", _SYNC, "--home", str(settings.home), "models", "sync", "--json"]
    environment = {**os.environ, "TRUCECAST_DATABASE_URL": settings.database_url}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
            words, env=environment, capture_output=True, text=True, check=False, timeout=SYNC_SECONDS
        )
    except subprocess.TimeoutExpired:
        return [], f"MLflow did not answer within {SYNC_SECONDS} seconds"
    if done.returncode:
        return [], (done.stderr.strip().splitlines() or ["MLflow could not be asked"])[-1]
    return list(json.loads(done.stdout)["moved"]), None
