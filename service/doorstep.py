"""What happens to every request before and after its route: an id, limits on its size and rate, a line in the log, an ETag."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
import uuid
from urllib.parse import unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import logs
from service.limits import Left, Limits
from service.meter import Meter
from service.problems import problem
from truce.settings import Window

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
log = logging.getLogger(logs.ACCESS)


class Doorstep:
    """The middleware. It never logs a header, a query or a body: keys travel there."""

    def __init__(self, app: ASGIApp, window: Window, limits: Limits, meter: Meter) -> None:
        self._app = app
        self._window = window
        self._limits = limits
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        left = self._limits.address(scope["client"][0] if scope.get("client") else None)
        answer = _Answer(scope, send, request_id, left)
        refusal = self._refusal(scope, left)
        try:
            if refusal is None:
                await self._app(scope, _limited(receive, self._window.most_bytes), answer)
            else:
                await refusal(scope, receive, answer)
        finally:
            took, status = time.perf_counter() - started, answer.status or 500  # a fault is answered further out
            self._meter.count(scope, status, took)
            line = {
                "request_id": request_id, "method": scope["method"], "path": scope["path"], "status": status,
                "ms": round(took * 1000, 1),
            }  # fmt: skip
            log.info(json.dumps(line))

    def _refusal(self, scope: Scope, left: Left | None) -> Response | None:
        request = Request(scope)
        if left is not None and not left.allowed:
            return problem(request, 429, "rate_limited", f"too many requests: try again in {left.retry_in} seconds")
        if _CONTROL.search(scope["path"]) or _CONTROL.search(unquote_plus(scope["query_string"].decode("latin-1"))):
            return problem(request, 422, "bad_path", "control characters are not allowed in a path or query")
        size = request.headers.get("content-length", "")
        if size.isdigit() and int(size) > self._window.most_bytes:
            return problem(request, 413, "too_large", _too_large(self._window.most_bytes))
        return None


def _too_large(most: int) -> str:
    return f"a body has at most {most} bytes"


def _limited(receive: Receive, most: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, _too_large(most))
        return message

    return counted


class _Answer:
    """Puts the request id on an answer, and an ETag on a whole one; an answer that the asker has already is 304."""

    def __init__(self, scope: Scope, send: Send, request_id: str, left: Left | None) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._left = left
        self._start: Message | None = None
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self._request_id
            for name, value in ({} if self._left is None else self._left.headers()).items():
                headers.setdefault(name, value)
            if self._scope["method"] == "GET" and message["status"] == 200:  # noqa: PLR2004
                self._start = message
                return
        elif self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):
                await self._whole(start, message)
                return
            await self._send(start)
        await self._send(message)

    async def _whole(self, start: Message, body: Message) -> None:
        tag = '"' + hashlib.sha256(body.get("body", b"")).hexdigest()[:24] + '"'
        MutableHeaders(scope=start)["etag"] = tag
        if tag in [part.strip() for part in Headers(scope=self._scope).get("if-none-match", "").split(",")]:
            self.status = 304
            unchanged = Response(status_code=304, headers={"etag": tag, "x-request-id": self._request_id})
            await unchanged(self._scope, _nothing, self._send)
            return
        await self._send(start)
        await self._send(body)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
