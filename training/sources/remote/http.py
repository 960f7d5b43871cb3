"""Asking a feed's server: with time limits, with patience where waiting helps, and without telling anybody the secret.

Asked again are lost connections, answers cut short, 429 and 5xx; every other refusal is final. Between two tries the wait
doubles, with jitter; a server that says how long to wait (``Retry-After``) is believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from random import SystemRandom
from urllib.parse import quote, quote_plus, urlsplit

import requests

from truce.clock import Clock, system_clock
from truce.errors import BadInput, Denied, FeedTrouble

TRIES = 6
"""How often one question is asked."""
FIRST_WAIT = 1.0
"""Seconds before the second try."""
LONGEST_WAIT = 300.0
"""Seconds: a server that wants a longer pause is given up, and the user asked to come again."""
LARGEST = 256 * 2**20
"""Bytes of one answer."""
_TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and between two pieces of an answer."""
_PIECE = 2**16
_WORDS = 160
_JITTER = SystemRandom().random

_LOST = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class Rejected(FeedTrouble):
    """A server's final no, with the status that it said."""

    def __init__(self, detail: str, status: int) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: GET with parameters, or POST with a form."""

    url: str
    params: Mapping[str, str | int] | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    largest: int = LARGEST


class Http:
    """One server's door. ``sleep`` and ``jitter`` (0 to 1) are given by tests."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = _JITTER,
        clock: Clock = system_clock,
    ) -> None:
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock
        self._secrets: set[str] = set()
        self._session = requests.Session()

    def hide(self, secrets: Iterable[str]) -> None:
        """Keep these out of everything that is said about an answer, as they are and as a form writes them."""
        for secret in filter(None, secrets):
            self._secrets.update((secret, quote(secret, safe=""), quote_plus(secret)))

    def ask(self, question: Question) -> bytes:
        """The body of the answer.

        Raises:
            Rejected: the server says no, for good.
            FeedTrouble: it cannot be reached, keeps failing, or says more than ``largest`` bytes.
        """
        host = urlsplit(question.url).hostname
        for tried in range(1, TRIES + 1):
            try:
                status, retry_after, body = self._once(question)
            except _LOST as lost:
                trouble, retry_after = f"cannot be reached ({type(lost).__name__})", None
            except (requests.RequestException, UnicodeError) as odd:
                raise FeedTrouble(f"{host} cannot be asked: {type(odd).__name__}") from None
            else:
                if status == HTTPStatus.OK:
                    return body
                trouble = f"answers {status}{self._words(body)}"
                if status != HTTPStatus.TOO_MANY_REQUESTS and status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise Rejected(f"{host} {trouble}", status)
            if tried < TRIES:
                self._wait(f"{host} {trouble}", tried, retry_after)
        raise FeedTrouble(f"{host} {trouble}, {TRIES} times over: try again later; what has come is kept")

    def _once(self, question: Question) -> tuple[int, str | None, bytes]:
        method = "GET" if question.form is None else "POST"
        with self._session.request(
            method,
            question.url,
            params=question.params,
            data=question.form,
            headers=question.headers,
            # Neither a netrc file nor another host that we are sent on to may come between us and the header we set.
            auth=_as_it_is,
            allow_redirects=False,
            timeout=_TIMEOUT,
            stream=True,
        ) as answer:
            pieces, size = [], 0
            for piece in answer.iter_content(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > question.largest:
                    host = urlsplit(question.url).hostname
                    raise FeedTrouble(f"{host} answers with more than {question.largest} bytes: ask for less")
            return answer.status_code, answer.headers.get("Retry-After"), b"".join(pieces)

    def _wait(self, trouble: str, tried: int, retry_after: str | None) -> None:
        told = self._seconds(retry_after)
        if told is not None and told > LONGEST_WAIT:
            raise FeedTrouble(f"{trouble} and wants {told:.0f} seconds of rest: try again then; what has come is kept")
        doubled = min(FIRST_WAIT * 2 ** (tried - 1), LONGEST_WAIT)
        self._sleep(doubled * (0.5 + self._jitter() / 2) if told is None else told)

    def _seconds(self, retry_after: str | None) -> float | None:
        """What ``Retry-After`` asks for, a number of seconds or a date."""
        if retry_after is None:
            return None
        if retry_after.strip().isdecimal():
            return float(retry_after)
        with suppress(ValueError, TypeError):
            return max(0.0, (parsedate_to_datetime(retry_after) - self._clock()).total_seconds())
        return None

    def _words(self, body: bytes) -> str:
        """The beginning of what a refusal says, on one line and without secrets; nothing of a web page."""
        text = body[:_PIECE].decode("utf-8", errors="replace")
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        text = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
        return "" if not text or text.startswith("<") else f" ({text[:_WORDS]})"


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def secret(environment: Mapping[str, str], variable: str, what: str) -> str:
    """A credential of the environment.

    Raises:
        Denied: it is not set, or cannot be one.
    """
    value = environment.get(variable, "").strip()
    if not value:
        raise Denied(f"{variable} is not set: {what}", code="no_credentials")
    if not value.isprintable():
        raise Denied(f"{variable} holds signs that cannot be sent: {what}", code="no_credentials")
    return value


def header(value: str, variable: str) -> str:
    """A credential that travels in a header. Raises Denied when it cannot."""
    if not value.isascii() or not value.isprintable():
        raise Denied(f"{variable} holds signs that cannot be sent in a header", code="no_credentials")
    return value


def base_url(environment: Mapping[str, str], variable: str, default: str) -> str:
    """Where a feed's server is: its own address, or that of a proxy. Raises BadInput when that is none."""
    url = (environment.get(variable) or default).strip().rstrip("/")
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname:
            return url
    raise BadInput(f"{variable} is no address: write http:// or https:// and the host", code="bad_setting")
