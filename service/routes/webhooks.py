"""Webhooks: who is told when a truce becomes risky, and what was delivered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.false_alarms import expected
from service.messenger import MOST_URL, checked_url
from service.schemas import clean, cleaned, problems
from service.wiring import Parts, Wired, webhook_admin
from truce.clock import write_moment
from truce.errors import BadInput
from truce.store.webhooks import Delivery, Webhook
from truce.vocabulary import MAX_HORIZON

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

Admin = Annotated[str, Depends(webhook_admin)]
HookId = Annotated[str, Path(max_length=16, examples=["a1b2c3d4e5f6"])]
WhichTruce = Annotated[
    str | None, Field(min_length=1, max_length=120, description="All in force when left out."), AfterValidator(cleaned)
]
_EXAMPLE: dict[str, Any] = {"url": "https://example.org/truces", "horizon": 30, "threshold": 0.3, "hysteresis": 0.05}


class HookIn(BaseModel):
    """Tell this URL when the chance of breakdown within `horizon` days reaches `threshold`, and when that is over.

    It is over when the chance has fallen below the threshold by more than `hysteresis`, or the truce is no longer in force.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra={"examples": [_EXAMPLE]})

    url: Annotated[str, Field(min_length=1, max_length=MOST_URL), AfterValidator(clean)]
    horizon: Annotated[int, Field(ge=1, le=MAX_HORIZON, strict=True)] = 30
    threshold: Annotated[float, Field(gt=0, le=1, strict=True)]
    hysteresis: Annotated[float, Field(ge=0, lt=1, strict=True)] = 0.0
    truce_id: WhichTruce = None


class FalseAlarms(BaseModel):
    """How often an alarm set like this would have been raised for nothing, in the model's backtest; null with the reason where nobody knows."""

    per_truce_year: float | None
    alarms: int | None
    false_alarms: int | None
    truce_years: float | None
    reason: str | None


class HookOut(BaseModel):
    """A webhook without its secret."""

    id: str
    url: str
    truce_id: str | None
    horizon: int
    threshold: float
    hysteresis: float
    created_at: str
    expected_false_alarms: FalseAlarms


class NewHook(HookOut):
    """A webhook with its secret, which is shown this once."""

    secret: str


class HookPage(BaseModel):
    """Webhooks, oldest first; `blind` says why alarms could not be looked for, null when they were."""

    webhooks: list[HookOut]
    blind: str | None
    next: int | None


class DeliveryOut(BaseModel):
    """A message: `state` is waiting, delivered or given_up."""

    delivery_id: str
    created_at: str
    state: str
    attempts: int
    due_at: str | None
    delivered_at: str | None
    trouble: str | None


class DeliveryPage(BaseModel):
    """A page of deliveries, oldest first."""

    deliveries: list[DeliveryOut]
    next: int | None


@router.post("", status_code=201, response_model=NewHook, responses=problems(401, 403, 404, 413, 422, 429, 503))
def create_webhook(wired: Wired, body: Annotated[HookIn, Body()], key: Admin) -> dict[str, Any]:
    """Make a webhook. Messages follow the Standard Webhooks specification and are signed with its secret, which is shown this once."""
    checked_url(body.url, private=wired.settings.window.private_hooks)
    if body.hysteresis >= body.threshold:
        raise BadInput("hysteresis is smaller than threshold: an alarm must be able to end", code="bad_hysteresis")
    if body.truce_id is not None:
        wired.store.truces.get(body.truce_id)
    hook = wired.store.webhooks.create(
        url=body.url,
        truce_id=body.truce_id,
        horizon=body.horizon,
        threshold=body.threshold,
        hysteresis=body.hysteresis,
        by=key,
    )
    return {**_hook(wired, hook), "secret": hook.secret}


@router.get("", response_model=HookPage, responses=problems(401, 403, 422, 429, 503))
def list_webhooks(
    wired: Wired,
    key: Admin,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> dict[str, Any]:
    """Those that have not been deleted, without their secrets."""
    del key
    hooks = wired.store.webhooks.all()[cursor : cursor + limit + 1]
    shown = [_hook(wired, hook) for hook in hooks[:limit]]
    return {"webhooks": shown, "blind": wired.alarms.trouble, "next": cursor + limit if len(hooks) > limit else None}


@router.delete(
    "/{webhook_id}", status_code=204, response_class=Response, responses=problems(401, 403, 404, 422, 429, 503)
)
def delete_webhook(wired: Wired, webhook_id: HookId, key: Admin) -> Response:
    """Tell it nothing more."""
    del key
    wired.store.webhooks.delete(webhook_id)
    return Response(status_code=204)


@router.get("/{webhook_id}/deliveries", response_model=DeliveryPage, responses=problems(401, 403, 404, 422, 429, 503))
def list_deliveries(
    wired: Wired,
    webhook_id: HookId,
    key: Admin,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> dict[str, Any]:
    """What was and is to be delivered, and why it did not arrive."""
    del key
    found = wired.store.webhooks.deliveries(webhook_id, after=cursor, limit=limit + 1)
    page = found[:limit]
    return {"deliveries": [_delivery(one) for one in page], "next": page[-1].seq if len(found) > limit else None}


def _hook(wired: Parts, hook: Webhook) -> dict[str, Any]:
    said = {name: getattr(hook, name) for name in ("id", "url", "truce_id", "horizon", "threshold", "hysteresis")}
    return {
        **said,
        "created_at": write_moment(hook.created_at),
        "expected_false_alarms": expected(wired.store, wired.shelf, hook),
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    state = "delivered" if one.delivered_at is not None else "waiting" if one.due_at is not None else "given_up"
    return {
        "delivery_id": one.delivery_id,
        "created_at": write_moment(one.created_at),
        "state": state,
        "attempts": one.attempts,
        "due_at": None if one.due_at is None else write_moment(one.due_at),
        "delivered_at": None if one.delivered_at is None else write_moment(one.delivered_at),
        "trouble": one.trouble,
    }
