"""Is it alive, is it ready, how is it doing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from service.meter import TEXT
from service.schemas import problems
from service.wiring import Wired
from truce.clock import resolve_as_of

router = APIRouter(tags=["health"])


@router.get("/livez", responses=problems(422, 429))
async def livez() -> dict[str, str]:
    """The process answers, whatever its threads wait for."""
    return {"status": "alive"}


@router.get("/readyz", responses=problems(422, 429, 503))
def readyz(wired: Wired) -> dict[str, Any]:
    """Ready when a model is loaded and the store answers; with the age of model and sources, and why the last refresh failed if it did.

    A dead feed makes no service unready: `silence` says why forecasts for now are refused, `when_stale` what is done about it.
    """
    now, watch = wired.clock(), wired.forecaster.watch
    artifact = wired.shelf.model().artifact
    pulses = wired.forecaster.pulses(resolve_as_of(None, wired.clock))  # of the minute, as a forecast for now sees them
    return {
        "status": "ready",
        "model": {
            "version": artifact.version,
            "family": artifact.family,
            "trained_to": artifact.trained_to.isoformat(),
            "age_days": (now.date() - artifact.trained_to).days,
        },
        "refresh_trouble": wired.shelf.trouble,
        "sources": [{**pulse.as_json(), "cadence_days": pulse.cadence, "counted": pulse.counted} for pulse in pulses],
        "silence": watch.silence(pulses),
        "when_stale": watch.when_stale.value,
        "archive": wired.store.forecasts.counts(),
    }


@router.get(
    "/metrics",
    response_class=Response,
    responses={**problems(422, 429), 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(wired: Wired, request: Request) -> Response:
    """For Prometheus."""
    return Response(request.app.state.meter.tell(wired), headers={"content-type": TEXT})
