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
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import urllib3

from service import logs
from truce.clock import Clock
from truce.errors import BadInput
from truce.store.webhooks import Delivery, Webhook, Webhooks

SECONDS = urllib3.Timeout(connect=5, read=10)
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
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
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
        except (OSError, urllib3.exceptions.HTTPError) as error:
            return type(error).__name__
        return None if 200 <= status < 300 else f"answered {status}"  # noqa: PLR2004

    def _post(self, parts: SplitResult, body: str, headers: dict[str, str]) -> int:
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = self._resolve(host, port)
        if not self._private and any(map(_is_private, addresses)):
            raise BadInput("its host has a private address", code="private_url")
        named: dict[str, Any] = {"server_hostname": host, "assert_hostname": host} if parts.scheme == "https" else {}
        kind = urllib3.HTTPSConnectionPool if parts.scheme == "https" else urllib3.HTTPConnectionPool
        with kind(addresses[0], port, timeout=SECONDS, retries=False, **named) as pool:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            sent = {**headers, "host": parts.netloc, "content-type": "application/json", "user-agent": "trucecast"}
            answer = pool.request(
                "POST", target, body=body.encode(), headers=sent, redirect=False, preload_content=False
            )
            answer.close()
            return answer.status
