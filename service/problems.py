"""Every error as one shape: RFC 9457 problem details, with a code that programs hold on to."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from service import logs
from truce.errors import (
    BadInput,
    Clash,
    Denied,
    FeedTrouble,
    NoModel,
    Refused,
    Stale,
    StoreTrouble,
    TooMany,
    TrucecastError,
    Unknown,
    WrongMedia,
)

faults = logging.getLogger(logs.FAULTS)
MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[TrucecastError], int], ...] = (
    (Unknown, 404),
    (Clash, 409),
    (Denied, 401),
    (WrongMedia, 415),
    (BadInput, 422),
    (Refused, 422),
    (NoModel, 503),
    (Stale, 503),
    (TooMany, 429),
    (FeedTrouble, 502),
    (StoreTrouble, 503),
)
_FORBIDDEN = frozenset({"missing_scope"})


def status_of(error: TrucecastError) -> int:
    """The HTTP status of a refusal."""
    if error.code in _FORBIDDEN:
        return HTTPStatus.FORBIDDEN
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(
    request: Request, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem document."""
    body: dict[str, Any] = {
        "type": f"urn:trucecast:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", None),
    }
    return Response(json.dumps(body, ensure_ascii=True), status, dict(headers or {}), media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of the app speak this shape."""

    @app.exception_handler(TrucecastError)
    def refused(request: Request, error: TrucecastError) -> Response:
        status = status_of(error)
        headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
        if isinstance(error, TooMany):
            headers = {"Retry-After": str(error.retry_in)}
        return problem(request, status, error.code, error.detail, headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem(request, 422, "invalid_request", "; ".join(map(_said, error.errors())))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.BAD_REQUEST:  # what FastAPI says of a body that no decoder can read
            return problem(request, 422, "bad_json", "the body is no JSON")
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            error.headers = {"Allow": _allowed(request)}
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status_code, "http_error")
        return problem(request, error.status_code, code, str(error.detail), error.headers)

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        faults.error("%s of request %s", type(error).__name__, getattr(request.state, "request_id", None))
        said = f"a fault of ours ({type(error).__name__}); the log has the rest"
        # This answer is made outside the middleware that puts the request's id on all others.
        return problem(request, 500, "internal_error", said, {"x-request-id": getattr(request.state, "request_id", "")})


def _allowed(request: Request) -> str:
    """Every method of the asked path: the framework names those of one route only."""
    there = [
        method
        for method in ("DELETE", "GET", "PATCH", "POST")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]
    return ", ".join(there)


def _said(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {error['msg']}"
