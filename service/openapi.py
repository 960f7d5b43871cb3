"""The description of the API: what FastAPI gathers from the routes, with the bodies that routes read by themselves, and the key."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.requests import BATCH_EXAMPLES, BatchIn
from service.schemas import EVENT_EXAMPLE, EventIn, Problem

JSON_LINES = "application/x-ndjson"
_REFERENCE = "#/components/schemas/{model}"
_BY_HAND: tuple[type[BaseModel], ...] = (EventIn, BatchIn, Problem)
"""What routes read and write without FastAPI's help: bodies that come as JSON or as JSON lines, and refusals."""
_EVENT = {"$ref": _REFERENCE.format(model="EventIn")}


def body_of(content: dict[str, Any]) -> dict[str, Any]:
    """A route's ``openapi_extra`` for a body that it reads by hand."""
    return {"requestBody": {"required": True, "content": content}}


EVENTS_BODY = body_of({
    "application/json": {
        "schema": {"anyOf": [_EVENT, {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": 10_000}]},
        "example": EVENT_EXAMPLE,
    },
    JSON_LINES: {"schema": {"type": "string"}},
})  # fmt: skip
BATCH_BODY = body_of({
    "application/json": {
        "schema": {"$ref": _REFERENCE.format(model="BatchIn")},
        "examples": {name: {"value": value} for name, value in BATCH_EXAMPLES.items()},
    },
    JSON_LINES: {"schema": {"type": "string"}},
})  # fmt: skip


KEY_OR_NONE: dict[str, Any] = {"security": [{}, {"key": []}]}
"""Of a route that needs a key for a part of what it does only."""


def describe(app: FastAPI) -> None:
    """Let ``app`` tell all of it."""
    gathered = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            body = gathered()
            _, by_hand = models_json_schema([(kind, "validation") for kind in _BY_HAND], ref_template=_REFERENCE)
            parts = body["components"]
            parts["schemas"] = {**by_hand["$defs"], **parts["schemas"]}
            parts["securitySchemes"] = {
                "key": {"type": "http", "scheme": "bearer", "description": "trucecast keys create"}
            }
            for operation in (one for path in body["paths"].values() for one in path.values()):
                if "403" in operation["responses"]:
                    operation.setdefault("security", [{"key": []}])
            app.openapi_schema = body
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
