"""What happens to every request before and after its route: an id, a limit on its size, one line in the log, an ETag."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import problem

MAX_BODY = 10 * 1024 * 1024
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
log = logging.getLogger("trucecast.access")


class _TooLarge(Exception):
    pass


class Doorstep:
    """The middleware. It never logs a header or a body: keys travel there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(scope, send, request_id)
        try:
            await self._app(scope, _limited(receive), answer)
        except _TooLarge:
            await problem(Request(scope), 413, "too_large", f"a body has at most {MAX_BODY} bytes")(
                scope, receive, answer
            )
        finally:
            line = {
                "request_id": request_id, "method": scope["method"], "path": scope["path"], "status": answer.status,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            }  # fmt: skip
            log.info(json.dumps(line))


def _limited(receive: Receive) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise _TooLarge
        return message

    return counted


class _Answer:
    """Puts the request id on an answer, and an ETag on a whole one; an answer that the asker has already is 304."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._start: Message | None = None
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["x-request-id"] = self._request_id
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
