"""What a route may ask for: the parts of the app, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.concurrency import run_in_threadpool

from service.alarms import Alarms
from service.forecasting import Forecaster
from service.limits import Limits
from service.messenger import Messenger
from service.shelf import Shelf
from service.turns import Turns
from truce.clock import Clock
from truce.errors import Denied, TooMany
from truce.settings import Settings
from truce.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that an app is wired from."""

    settings: Settings
    clock: Clock
    store: Store
    shelf: Shelf
    forecaster: Forecaster
    limits: Limits
    alarms: Alarms
    messenger: Messenger
    turns: Turns


async def parts(request: Request) -> Parts:
    """The app's parts."""
    found: Parts = request.app.state.parts
    return found


Wired = Annotated[Parts, Depends(parts)]
Bearer = Annotated[str | None, Header(include_in_schema=False)]


def bearer(authorization: str | None) -> str | None:
    """The key of an Authorization header, None without one. Raises Denied for another scheme."""
    if authorization is None:
        return None
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Denied("send Authorization: Bearer KEY", code="bad_key")
    return key.strip()


def holder_of(scope: str) -> Callable[..., str]:
    """A dependency: the id of a key that has the scope. It raises Denied."""

    def key_id(wired: Wired, request: Request, authorization: Bearer = None) -> str:
        found = wired.store.keys.authenticate(bearer(authorization), scope)
        _count(wired, request, found)
        return found

    return key_id


event_writer = holder_of("events:write")
truce_writer = holder_of("truces:write")
model_admin = holder_of("models:admin")
webhook_admin = holder_of("webhooks:admin")


def _count(wired: Parts, request: Request, key_id: str) -> None:
    left = wired.limits.key(key_id, request.client.host if request.client else None)
    if left is not None and not left.allowed:
        raise TooMany(f"too many requests by this key: try again in {left.retry_in} seconds", retry_in=left.retry_in)


async def reader(wired: Wired, request: Request, authorization: Bearer = None) -> None:
    """Lets everyone read, unless reading is closed: then any key that is good for anything will do."""
    if wired.settings.public_read:
        return
    found = await run_in_threadpool(wired.store.keys.authenticate_any, bearer(authorization))
    _count(wired, request, found.id)
