"""Forecasts: one for a truce, its timeline, many at once, and the archive of all that was said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from service import archive, batch, memory
from service.answers import ArchivePage, BatchOut, ForecastOut, TimelineOut
from service.batch import Batch
from service.forecasting import checked_horizons
from service.openapi import BATCH_BODY, JSON_LINES
from service.requests import BatchIn
from service.routes.truces import AsOf, TruceRef
from service.schemas import problems
from service.wiring import Parts, Wired, reader
from truce.clock import check_period, parse_day, parse_moment, resolve_as_of, start_of, write_moment
from truce.errors import OutOfRange, TrucecastError, Unknown

router = APIRouter(tags=["forecasts"], dependencies=[Depends(reader)])

Horizons = Annotated[
    str | None, Query(max_length=2000, description="Whole days 1 to 365, parted by commas.", examples=["7,30"])
]
Drivers = Annotated[
    bool, Query(description="False leaves the drivers of stored truces out, which is faster: they are null then.")
]
MOST_POINTS = 400


@router.get(
    "/v1/truces/{truce_id}/forecast",
    responses={**problems(401, 404, 422, 429, 503), 200: {"model": ForecastOut}},
    response_class=Response,
)
async def forecast(wired: Wired, truce_id: TruceRef, as_of: AsOf = None, horizons: Horizons = None) -> Response:
    """How likely the truce is to break down within each horizon. Archived before it is answered."""
    days, shelved = days_of(horizons), wired.shelf.model()
    body = await wired.turns.take(wired.forecaster.one, shelved, truce_id, as_of, days)
    return Response(body, media_type="application/json")


@router.get("/v1/truces/{truce_id}/timeline", response_model=TimelineOut, responses=problems(401, 404, 422, 429, 503))
def timeline(
    wired: Wired,
    truce_id: TruceRef,
    from_: Annotated[
        str | None, Query(alias="from", examples=["2023-01-31"], description="Default: its start.")
    ] = None,
    to: Annotated[str | None, Query(examples=["2023-04-30"], description="Default: now.")] = None,
    every: Annotated[str, Query(pattern=r"^[1-9][0-9]{0,3}d$", examples=["7d"])] = "7d",
    horizons: Horizons = None,
) -> dict[str, Any]:
    """The truce as it would have been forecast day after day, each point from what was known then. Nothing is archived."""
    truce = wired.store.truces.get(truce_id)
    start = start_of(truce.effective_date) if from_ is None else resolve_as_of(from_, wired.clock)
    stop, step = resolve_as_of(to, wired.clock), timedelta(days=int(every[:-1]))
    if start > stop or (stop - start) // step >= MOST_POINTS:
        raise OutOfRange(f"ask for 1 to {MOST_POINTS} points from the first day to a later one", code="bad_period")
    moments = [start + k * step for k in range((stop - start) // step + 1)]
    forecasts, refused = _points(wired, truce_id, moments, checked_horizons(days_of(horizons)))
    span = {"start": write_moment(start), "stop": write_moment(stop), "every": every}
    return {"truce_id": truce_id, **span, "forecasts": forecasts, "refused": refused}


def _points(
    wired: Parts, truce_id: str, moments: list[datetime], days: tuple[int, ...]
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    shelved, forecasts, refused = wired.shelf.model(), [], []
    for moment in moments:
        known = wired.forecaster.standing(shelved, moment)
        try:
            known.admit(truce_id)
            forecasts += wired.forecaster.sketch(shelved, known, [truce_id], days)
        except Unknown:
            raise
        except TrucecastError as refusal:
            refused.append({"as_of": write_moment(moment), "code": refusal.code, "detail": refusal.detail})
    return forecasts, refused


@router.post(
    "/v1/forecasts",
    response_class=Response,
    responses={
        **problems(401, 413, 422, 429, 503),
        200: {"model": BatchOut, "content": {JSON_LINES: {"schema": {"type": "string"}}}},
    },
    openapi_extra=BATCH_BODY,
)
async def forecast_many(wired: Wired, request: Request, drivers: Drivers = True) -> Response:  # noqa: FBT002
    """Up to 10,000 questions in one call: stored truces, which are archived, or truces with their events, of which nothing is stored.

    JSON lines come back as JSON lines, one for each, in order; they are answered once the last has come in.
    """
    many = Batch(wired.forecaster, wired.shelf.model(), wired.clock, drivers=drivers)
    after = BackgroundTask(memory.give_back)
    if JSON_LINES in request.headers.get("content-type", ""):
        lines = await batch.read_lines(request.stream())
        return StreamingResponse(batch.stream(many, lines), media_type=JSON_LINES, background=after)
    try:
        body = BatchIn.model_validate_json(await request.body())
    except ValidationError as error:
        raise batch.unreadable(error) from None
    said = await run_in_threadpool(batch.answer, many, body)
    return Response(said, media_type="application/json", background=after)


@router.get(
    "/v1/forecasts",
    response_class=Response,
    responses={
        **problems(401, 404, 422, 429, 503),
        200: {"model": ArchivePage, "content": {kind: {"schema": {"type": "string"}} for kind in archive.MEDIA}},
    },
)
def list_forecasts(  # noqa: PLR0913
    wired: Wired,
    truce_id: Annotated[str | None, Query(max_length=120)] = None,
    kind: Annotated[str | None, Query(pattern="^(issued|hindcast|replay)$")] = None,
    from_: Annotated[
        str | None, Query(alias="from", description="As of this day or later.", examples=["2023-01-01"])
    ] = None,
    to: Annotated[str | None, Query(description="As of this day or earlier.", examples=["2023-12-31"])] = None,
    version: Annotated[str | None, Query(max_length=40, description="Of the model.")] = None,
    format_: Annotated[str, Query(alias="format", pattern="^(json|csv|parquet|hub)$")] = "json",
    limit: Annotated[int, Query(ge=1, le=1000, description="Of a page; exports hold everything.")] = 100,
    cursor: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """What has been said, oldest first: a page as JSON, or everything as CSV or Parquet; or as hubverse model output.

    That holds what was issued unless another `kind` is asked for, and of a truce, a day and a horizon what was said first.
    """
    if truce_id is not None:
        wired.store.truces.get(truce_id)
    sought = archive.Sought(
        truce_id,
        kind,
        None if from_ is None else start_of(parse_day(from_)),
        None if to is None else parse_moment(to),
        version,
    )
    check_period(sought.start, sought.stop)
    if format_ == "json":
        return Response(archive.page(wired.store, sought, cursor, limit), media_type="application/json")
    if format_ == "parquet":
        return Response(archive.parquet(wired.store, sought), media_type=archive.PARQUET)
    rows: Iterator[str] = archive.csv_lines(wired.store, sought, hub=format_ == "hub")
    return StreamingResponse(rows, media_type=archive.CSV)


@router.get(
    "/v1/forecasts/{forecast_id}",
    responses={**problems(401, 404, 422, 429, 503), 200: {"model": ForecastOut}},
    response_class=Response,
)
def get_forecast(wired: Wired, forecast_id: Annotated[str, Path(max_length=64)]) -> Response:
    """A forecast from the archive, byte for byte as it was given."""
    return Response(wired.store.forecasts.get(forecast_id), media_type="application/json")


def days_of(text: str | None) -> list[int] | None:
    """The horizons of a query; None when none was asked for. Raises OutOfRange."""
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,4}(,\d{1,4})*", text, re.ASCII):
        raise OutOfRange(f"horizons {text[:40]!r}: write whole days parted by commas, such as 7,30", code="bad_horizon")
    return [int(part) for part in text.split(",")]
