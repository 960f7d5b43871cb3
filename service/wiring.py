"""What a route may ask for: the parts of the app, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from service.alarms import Alarms
from service.forecasting import Forecaster
from service.limits import Limits
from service.messenger import Messenger
from service.shelf import Shelf
from service.turns import Turns
from truce.clock import Clock
from truce.errors import BadInput, Denied, TooMany
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


async def known_parameters(request: Request) -> None:
    """Lets no query pass with a parameter that its route does not have: misspelt, it would be ignored, and another question answered.

    Raises:
        BadInput: it has such a one.
    """
    if not request.scope["query_string"]:
        return
    route: APIRoute = request.scope["route"]
    there = _parameters(route.endpoint, route.dependant)
    for name in request.query_params:
        if name not in there:
            known = f"there are {', '.join(sorted(there))}" if there else "it takes none"
            raise BadInput(f"no parameter {name[:80]!r} here: {known}", code="unknown_parameter")


_KNOWN: dict[Callable[..., Any], frozenset[str]] = {}


def _parameters(endpoint: Callable[..., Any], dependant: Dependant) -> frozenset[str]:
    """The query parameters of an endpoint and of what it depends on; they are looked up once."""
    if endpoint not in _KNOWN:
        found: set[str] = set()
        there = [dependant]
        while there:
            asking = there.pop()
            found |= {parameter.alias for parameter in asking.query_params}
            there += asking.dependencies
        _KNOWN[endpoint] = frozenset(found)
    return _KNOWN[endpoint]


async def reader(wired: Wired, request: Request, authorization: Bearer = None) -> None:
    """Lets everyone read, unless reading is closed: then any key that is good for anything will do."""
    if wired.settings.public_read:
        return
    found = await run_in_threadpool(wired.store.keys.authenticate_any, bearer(authorization))
    _count(wired, request, found.id)
