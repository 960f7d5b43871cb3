"""Reasons: why a forecast says what it says, what moved it, and what it would say if."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from service.explaining import Explainer
from service.routes.forecasts import Horizons, days_of
from service.routes.truces import AsOf, TruceRef
from service.scenarios import what_if
from service.schemas import SCENARIO_EXAMPLE, ScenarioEvent, problems
from service.wiring import Wired, reader
from truce.clock import resolve_as_of
from truce.errors import BadInput

router = APIRouter(prefix="/v1/truces/{truce_id}", tags=["reasons"], dependencies=[Depends(reader)])

Since = Annotated[
    str | None, Query(description="An earlier day or instant: adds what changed from then on.", examples=["2023-03-28"])
]


class ScenarioIn(BaseModel):
    """Events that are not in the record, and the moment at which they would be known."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"events": [SCENARIO_EXAMPLE], "as_of": "2023-04-28"}]}
    )

    events: Annotated[list[ScenarioEvent], Field(min_length=1, max_length=20)]
    as_of: Annotated[str, Field(examples=["2023-04-28"])] | None = None
    horizons: Annotated[list[int], Field(max_length=365)] | None = None


@router.get("/explanation", responses=problems(401, 404, 422, 429, 503))
def explanation(
    wired: Wired, truce_id: TruceRef, as_of: AsOf = None, since: Since = None, horizons: Horizons = None
) -> dict[str, Any]:
    """Every part of the log-odds at each horizon, down to single events; with `since` a ledger of what changed. Nothing is stored."""
    explainer = Explainer(wired.store, wired.forecaster, wired.clock)
    return explainer.explain(wired.shelf.model(), truce_id, as_of, since, days_of(horizons))


@router.post("/scenarios", responses=problems(401, 404, 413, 422, 429, 503))
def scenario(wired: Wired, truce_id: TruceRef, body: Annotated[ScenarioIn, Body()]) -> dict[str, Any]:
    """The forecast with and without hypothetical events, and how many cases of training it leans on. Nothing is stored."""
    moment = resolve_as_of(body.as_of, wired.clock)
    events = []
    for k, sent in enumerate(body.events):
        try:
            events.append(sent.as_event_at(moment, wired.clock))
        except BadInput as error:
            raise BadInput(f"event {k}: {error.detail}", code="bad_event") from None
    return what_if(wired.forecaster, wired.shelf.model(), truce_id, events, moment, body.horizons)
