"""The live scoreboard: how right the forecasts were that this service gave."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from service import archive, outcomes
from service.schemas import problems
from service.wiring import Wired, reader

router = APIRouter(prefix="/v1/scoreboard", tags=["scoreboard"], dependencies=[Depends(reader)])


class Scores(BaseModel):
    """Scores over n forecasts; ``breaks`` counts truces that broke. Null where there is nothing to score, with the reason.

    ``skill_ci`` is the 95 % interval of the skill over conflicts and years, null below five conflicts; ``observed_expected`` how many
    broke for each that was expected to.
    """

    n: int
    truces: int
    breaks: int
    brier: float | None
    brier_baseline: float | None
    skill: float | None
    skill_ci: list[float] | None
    log_score: float | None
    log_score_baseline: float | None
    observed_expected: float | None
    reason: str | None


class HorizonRow(BaseModel):
    """One horizon: the funnel, and the scores against the latest outcomes and against the vintage declared at issue."""

    days: int
    issued: int
    matured: int
    resolved: int
    void: int
    scored: int
    latest: Scores
    declared: Scores


class Miss(BaseModel):
    """A break that was given less than an even chance, or one foretold that did not come; of a truce and horizon the worst."""

    truce_id: str
    days: int
    as_of: str
    forecast_id: str
    p_breakdown: float
    p_baseline: float
    outcome: str
    log_score: float


class ScoreboardOut(BaseModel):
    """The scoreboard as of a minute."""

    as_of: str
    vintage_days: int
    horizons: list[HorizonRow]
    misses: list[Miss]
    archive: dict[str, int]
    note: str


@router.get(
    "",
    responses={**problems(401, 422, 429, 503), 200: {"content": {archive.CSV: {"schema": {"type": "string"}}}}},
    response_model=ScoreboardOut,
)
def scoreboard(
    request: Request, wired: Wired, format_: Annotated[str, Query(alias="format", pattern="^(json|csv)$")] = "json"
) -> Any:
    """Issued, matured, resolved, void, scored, by horizon; Brier score, log score and skill over truce age; the misses by name.

    As CSV every forecast that counts, with its outcome as known now and as known at its declared vintage.
    """
    if format_ == "csv":
        return Response("".join(outcomes.csv_lines(wired.store, wired.clock())), media_type=archive.CSV)
    return request.app.state.board.now()
