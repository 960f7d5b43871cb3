"""Models: who is champion, and looking again at once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from service.schemas import problems
from service.wiring import Wired, model_admin, reader
from truce.clock import write_moment

router = APIRouter(prefix="/v1/models", tags=["models"])

ALIASES = ("champion", "challenger", "previous")


@router.get("", dependencies=[Depends(reader)])
def list_models(wired: Wired) -> dict[str, Any]:
    """Published models, oldest first, and what the aliases point at."""
    current = {alias: wired.store.models.current(alias) for alias in ALIASES}
    return {
        "aliases": {alias: None if row is None else row.version for alias, row in current.items()},
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
            for row in wired.store.models.all()
        ],
    }


@router.post("/refresh", responses=problems(401, 403, 503))
def refresh(wired: Wired, key: Annotated[str, Depends(model_admin)]) -> dict[str, Any]:
    """Look for a newer champion now instead of within two seconds."""
    del key
    swapped = wired.shelf.refresh(wired.store)
    return {"swapped": swapped, "version": wired.shelf.model().artifact.version}
