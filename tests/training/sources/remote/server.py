"""A server on the loopback that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One question as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True)
class Says:
    """One answer; ``cut`` ends the connection after so many bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


def say_json(value: Any, status: int = 200) -> Says:
    return Says(json.dumps(value).encode(), status)


Answer = Callable[[Asked], Says]


@dataclass
class FakeServer:
    """What answers, and the log of what was asked."""

    url: str
    answer: Answer
    log: list[Asked] = field(default_factory=list)

    def pages(self) -> list[int]:
        """The numbers of the pages that were asked for, in order."""
        return [int(asked.query["page"]) for asked in self.log if "page" in asked.query]


class _Quiet(ThreadingHTTPServer):
    """A client that hangs up is part of the game."""

    daemon_threads = True
    fake: FakeServer

    def handle_error(self, *_: object) -> None:
        return


class _Handler(BaseHTTPRequestHandler):
    server: _Quiet

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(length).decode()))
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), dict(self.headers), form)
        self.server.fake.log.append(asked)
        self._say(self.server.fake.answer(asked))

    do_POST = do_GET  # noqa: N815 - the library's name

    def _say(self, says: Says) -> None:
        self.send_response(says.status)
        for name, value in says.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(says.body)))
        self.end_headers()
        self.wfile.write(says.body[: says.cut])
        if says.cut is not None:
            # A reset, not a quiet end: that is how a connection dies in the middle.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@contextmanager
def serving() -> Iterator[FakeServer]:
    """A server that answers 404 until a test gives it something better to say."""
    with _Quiet(("127.0.0.1", 0), _Handler) as http:
        http.fake = FakeServer(f"http://127.0.0.1:{http.server_port}", lambda _: Says(status=404))
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield http.fake
        finally:
            http.shutdown()
            thread.join()


def first_then(first: list[Says], then: Answer) -> Answer:
    """Answer with each of ``first`` once, afterwards as ``then`` does."""
    waiting = list(first)
    return lambda asked: waiting.pop(0) if waiting else then(asked)
