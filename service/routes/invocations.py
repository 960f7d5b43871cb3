"""What `mlflow models serve` answers, in the same formats: feature rows in, chances of breakdown out. Nothing is stored."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from service.mlflow_formats import rows_of
from service.schemas import problems
from service.wiring import Wired, reader
from truce.vocabulary import HORIZONS

router = APIRouter(tags=["mlflow"])


@router.post("/invocations", dependencies=[Depends(reader)], responses=problems(422, 503))
def invocations(wired: Wired, body: Annotated[Any, Body()]) -> dict[str, Any]:
    """One prediction for each row of features; `dataframe_split`, `dataframe_records`, `instances` or `inputs`."""
    chances = wired.shelf.model().artifact.forecast(rows_of(body), HORIZONS)[:, :, 0]
    names = [f"p_breakdown_{days}" for days in HORIZONS]
    return {"predictions": [dict(zip(names, row, strict=True)) for row in chances.tolist()]}


@router.get("/ping", responses=problems(503))
def ping(wired: Wired) -> dict[str, str]:
    """200 when a model is loaded."""
    return {"model": str(wired.shelf.model().artifact.version)}
