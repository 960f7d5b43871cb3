"""Delivering messages to webhooks: signed after the Standard Webhooks specification, and to public addresses only unless that is set.

A name is resolved once, its addresses are checked, and the connection goes to the address that was checked: a name that
points elsewhere a moment later, or an answer that redirects, leads nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, quote, urlsplit

from service import logs
from truce.clock import Clock
from truce.errors import BadInput
from truce.store.webhooks import Delivery, Webhook, Webhooks

CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 15.0
"""A receiver that is slower is tried again later: the others wait for it meanwhile."""
_PLAIN = "%/:=&?~#+!$,;'@()*[]"
MOST_URL = 2000
Resolve = Callable[[str, int], list[str]]
log = logging.getLogger(logs.HOOKS)


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def checked_url(url: str, *, private: bool) -> SplitResult:
    """The parts of a URL that messages may go to.

    Raises:
        BadInput: it is no https URL (http too where ``private`` addresses are allowed), carries a password or names a private address.
    """
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise BadInput("url is no URL", code="bad_url") from None
    schemes = ("https", "http") if private else ("https",)
    if (
        parts.scheme not in schemes
        or not host
        or len(url) > MOST_URL
        or not url.isprintable()
        or " " in url
        or port == 0
    ):
        raise BadInput(f"url is no {' or '.join(schemes)} URL", code="bad_url")
    if parts.username is not None or parts.fragment:
        raise BadInput("url carries a user or a fragment", code="bad_url")
    if not private and (
        host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or _is_private(host)
    ):
        raise BadInput(
            "url names a private address: set TRUCECAST_PRIVATE_WEBHOOKS=true to allow that", code="private_url"
        )
    return parts


def _is_private(host: str) -> bool:
    """Whether this is an address that is not public; False for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None:
            return not inner.is_global or inner.is_multicast
    return not address.is_global or address.is_multicast


def signed(hook: Webhook, delivery_id: str, at: int, body: str) -> dict[str, str]:
    """The headers that let the receiver check who sent this, when, and that it was not changed."""
    secret = base64.b64decode(hook.secret.removeprefix("whsec_"))
    mark = hmac.new(secret, f"{delivery_id}.{at}.{body}".encode(), hashlib.sha256).digest()
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(mark).decode(),
    }


class Messenger:
    """Makes deliveries that are due."""

    def __init__(self, hooks: Webhooks, clock: Clock, *, private: bool, resolve: Resolve = resolved) -> None:
        self._hooks = hooks
        self._clock = clock
        self._private = private
        self._resolve = resolve

    def deliver(self) -> int:
        """Try everything that is due once; returns how many arrived."""
        arrived = 0
        for hook, delivery in self._hooks.take_due():
            trouble = self._try(hook, delivery)
            self._hooks.settle(delivery, trouble)
            arrived += trouble is None
            if trouble is not None:
                log.warning("delivery %s to webhook %s failed: %s", delivery.delivery_id, hook.id, trouble)
        return arrived

    def _try(self, hook: Webhook, delivery: Delivery) -> str | None:
        """Why it did not arrive; None when it did."""
        headers = signed(hook, delivery.delivery_id, int(self._clock().timestamp()), delivery.body)
        try:
            parts = checked_url(hook.url, private=self._private)
            status = self._post(parts, delivery.body, headers)
        except BadInput as refusal:
            return refusal.detail
        except Exception as error:  # noqa: BLE001 - whatever one receiver provokes, the others are told
            return type(error).__name__
        return None if 200 <= status < 300 else f"answered {status}"  # noqa: PLR2004

    def _post(self, parts: SplitResult, body: str, headers: dict[str, str]) -> int:
        host = _ascii(parts.hostname or "")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = self._resolve(host, port)
        if not self._private and any(map(_is_private, addresses)):
            raise BadInput("its host has a private address", code="private_url")
        named = f"[{host}]" if ":" in host else host
        sent = {
            **headers, "host": f"{named}:{parts.port}" if parts.port else named, "content-type": "application/json",
            "user-agent": "trucecast",
        }  # fmt: skip
        target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_PLAIN)
        with (
            socket.create_connection((addresses[0], port), CONNECT_SECONDS) as plain,
            _within(WHOLE_SECONDS, plain) as cut,
        ):
            plain.settimeout(WHOLE_SECONDS)
            connection = HTTPConnection(host, port)
            try:
                connection.sock = plain if parts.scheme == "http" else _secured(plain, host, cut)
                connection.request("POST", target, body.encode(), sent)
                status = connection.getresponse().status
            except (OSError, HTTPException):
                if not cut.off:
                    raise
            finally:
                connection.close()
            if cut.off:  # what was cut off may look like an answer
                raise TimeoutError
            return status


class _Cut:
    """The knife over a connection: an answer that comes letter by letter would else never end."""

    def __init__(self, held: socket.socket) -> None:
        self.held = held
        self.off = False

    def __call__(self) -> None:
        """Cut it off: whoever reads or writes is told at once."""
        self.off = True
        with suppress(OSError):
            self.held.shutdown(socket.SHUT_RDWR)


@contextmanager
def _within(seconds: float, held: socket.socket) -> Iterator[_Cut]:
    cut = _Cut(held)
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()


def _secured(plain: socket.socket, host: str, cut: _Cut) -> socket.socket:
    secured = _tls().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    cut.held = secured  # before the handshake, which may come letter by letter too
    try:
        secured.do_handshake()
    except OSError:
        secured.close()
        raise
    return secured


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _ascii(host: str) -> str:
    """A host as the wire has it; raises UnicodeError for one that it cannot have."""
    return host.encode("idna").decode("ascii")
