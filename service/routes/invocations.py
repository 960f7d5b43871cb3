"""What `mlflow models serve` answers, in the same formats: feature rows in, chances of breakdown out. Nothing is stored."""

from __future__ import annotations

import json
from importlib.metadata import version as installed
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from service.answers import Predictions
from service.mlflow_formats import CSV, EXAMPLE, JSON, PARQUET, SCHEMA, rows_of
from service.openapi import body_of
from service.schemas import problems
from service.wiring import Parts, Wired, reader
from truce.vocabulary import HORIZONS

router = APIRouter(tags=["mlflow"])
_NAMES = tuple(f"p_breakdown_{days}" for days in HORIZONS)
_PLAIN: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.post(
    "/invocations",
    dependencies=[Depends(reader)],
    response_class=Response,
    responses={**problems(401, 413, 415, 422, 429, 503), 200: {"model": Predictions}},
    openapi_extra=body_of({
        JSON: {"schema": SCHEMA, "example": EXAMPLE},
        CSV: {"schema": {"type": "string"}},
        PARQUET: {"schema": {"type": "string", "format": "binary"}},
    }),
)  # fmt: skip
async def invocations(wired: Wired, request: Request) -> Response:
    """One prediction for each row of features; `dataframe_split`, `dataframe_records`, `instances` or `inputs`, CSV or Parquet."""
    kind, body = request.headers.get("content-type", JSON), await request.body()
    return Response(await wired.turns.take(_predicted, wired, kind, body), media_type=JSON)


def _predicted(wired: Parts, kind: str, body: bytes) -> str:
    chances = wired.shelf.model().artifact.forecast(rows_of(kind, body), HORIZONS)[:, :, 0]
    return json.dumps({"predictions": [dict(zip(_NAMES, row, strict=True)) for row in chances.tolist()]})


@router.get("/ping", response_class=Response, responses={**problems(422, 429, 503), **_PLAIN})
@router.get(
    "/health", response_class=Response, responses={**problems(422, 429, 503), **_PLAIN}, include_in_schema=False
)
def ping(wired: Wired) -> Response:
    """200 and an empty line when a model is loaded."""
    wired.shelf.model()
    return Response("\n", media_type="text/plain")


@router.get("/version", response_class=Response, responses={**problems(422, 429), **_PLAIN})
def version() -> Response:
    """Of MLflow, whose formats `/invocations` speaks. Our own is in the API's description."""
    return Response(installed("mlflow"), media_type="text/plain")
