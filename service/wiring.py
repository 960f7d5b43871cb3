"""What a route may ask for: the parts of the app, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from service.forecasting import Forecaster
from service.shelf import Shelf
from truce.clock import Clock
from truce.errors import Denied
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


def parts(request: Request) -> Parts:
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


def event_writer(wired: Wired, authorization: Bearer = None) -> str:
    """The id of a key that may write events. Raises Denied."""
    return wired.store.keys.authenticate(bearer(authorization), "events:write")


def model_admin(wired: Wired, authorization: Bearer = None) -> str:
    """The id of a key that may manage models. Raises Denied."""
    return wired.store.keys.authenticate(bearer(authorization), "models:admin")


def reader(wired: Wired, authorization: Bearer = None) -> None:
    """Lets everyone read, unless reading is closed: then any key that is good for anything will do."""
    if wired.settings.public_read:
        return
    wired.store.keys.authenticate_any(bearer(authorization))
