"""Forecasts: one for a truce, and any from the archive."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from service.routes.truces import AsOf
from service.schemas import problems
from service.wiring import Wired, reader
from truce.errors import OutOfRange

router = APIRouter(tags=["forecasts"], dependencies=[Depends(reader)])

Horizons = Annotated[
    str | None, Query(max_length=2000, description="Whole days 1 to 365, parted by commas.", examples=["7,30"])
]


@router.get("/v1/truces/{truce_id}/forecast", responses=problems(404, 422, 503))
def forecast(wired: Wired, truce_id: str, as_of: AsOf = None, horizons: Horizons = None) -> Response:
    """How likely the truce is to break down within each horizon. Archived before it is answered."""
    body = wired.forecaster.one(wired.shelf.model(), truce_id, as_of, days_of(horizons))
    return Response(body, media_type="application/json")


@router.get("/v1/forecasts/{forecast_id}", responses=problems(404))
def archived(wired: Wired, forecast_id: str) -> Response:
    """A forecast from the archive, byte for byte as it was given."""
    return Response(wired.store.forecasts.get(forecast_id), media_type="application/json")


def days_of(text: str | None) -> list[int] | None:
    """The horizons of a query; None when none was asked for. Raises OutOfRange."""
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,4}(,\d{1,4})*", text, re.ASCII):
        raise OutOfRange(f"horizons {text[:40]!r}: write whole days parted by commas, such as 7,30", code="bad_horizon")
    return [int(part) for part in text.split(",")]
