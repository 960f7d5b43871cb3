"""ACLED's API: events by any of its filters, and the list of events that it took back.

A token is had for user and password (POST {base}/oauth/token), lives for a day, and is renewed when it dies on the way. Pages of
{base}/api/acled/read and {base}/api/deleted/read are counted from 1 and end with one that is not full
(acleddata.com/api-documentation). The data lives: a finished query that is asked again brings only what was uploaded since.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from training.sources.remote.http import Question, Rejected, base_url, header, secret
from training.sources.remote.pages import (
    Finished,
    Page,
    Pages,
    Place,
    answer_of,
    complete,
    finished,
    folder_of,
    rows_in,
    some,
)
from truce.errors import BadInput, Denied, FeedTrouble

SOURCE = "acled"
USER = "TRUCECAST_ACLED_USER"
PASSWORD = "TRUCECAST_ACLED_PASSWORD"  # noqa: S105 - the variable's name
URL = "TRUCECAST_ACLED_URL"
BASE = "https://acleddata.com"
ROWS = 5000
"""Rows of a page: what the API gives when nothing is asked."""
_PATHS = {"read": "api/acled/read", "deleted": "api/deleted/read"}
_CHANGED = {"read": "timestamp", "deleted": "deleted_timestamp"}
_SPANS = ("event_date", "timestamp", "deleted_timestamp")
"""Of these two values joined by | are the ends of a span."""
_OURS = frozenset({"_format", "limit", "page", "fields", "export_type", "with_total"})
_SECRET = frozenset({"key", "email", "username", "password", "access_token", "refresh_token", "token"})
_GROWING = frozenset({"", ">", ">="})
_CURE = f"put the e-mail address of your myACLED account into {USER} and its password into {PASSWORD}"
_CURE_ACCOUNT = "log in at acleddata.com, accept its terms and complete your profile"
_TURNED_AWAY = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def fetch(query: str, place: Place) -> list[Path]:
    """The files of a query such as ``read?country=Iraq&event_date=2023-01-01|2023-12-31`` or ``deleted``, oldest first.

    Raises:
        BadInput: no such list or filter, or no row matches.
        Denied: user and password are missing or refused, or the account may not read.
        FeedTrouble: the server fails.
    """
    what, filters = _parsed(query)
    folder = folder_of(place, SOURCE, {"what": what, **filters})
    account = _Account(place)
    rounds: list[Finished] = []
    for number in count():
        mine = folder / f"round-{number:03}"
        before = finished(mine)
        if before is None and (not rounds or _grows(what, filters)):
            since = max((done.newest for done in rounds), default=None)
            rounds.append(complete(mine, _pages(account, what, _since(what, filters, since))))
        elif before is not None:
            rounds.append(before)
            continue
        break
    return some(_joined(rounds, folder), f"{what} with these filters at ACLED").files


def _joined(rounds: list[Finished], folder: Path) -> Finished:
    """All rounds as one. A last round that brought nothing leaves no trace, so that the next one may bring something."""
    if not rounds[-1].rows:
        last = folder / f"round-{len(rounds) - 1:03}"
        for file in last.iterdir():
            file.unlink()
        last.rmdir()
    return Finished(
        [file for done in rounds for file in done.files], sum(done.rows for done in rounds), rounds[-1].newest
    )


def _parsed(query: str) -> tuple[str, dict[str, str]]:
    what, _, rest = query.partition("?")
    if what not in _PATHS:
        raise BadInput("of ACLED's API there are api:read?FILTERS and api:deleted?FILTERS", code="bad_query")
    filters: dict[str, str] = {}
    for name, value in parse_qsl(rest, keep_blank_values=True):
        if name.lower() in _SECRET:
            raise BadInput(f"credentials are no part of a query: {_CURE}", code="bad_query")
        if name in _OURS or not name.isidentifier() or not value:
            raise BadInput(
                f"{name!r} cannot be asked for: a filter is a column of ACLED with a value", code="bad_query"
            )
        filters[name] = value
    for name in _SPANS:
        if "|" in filters.get(name, ""):
            filters.setdefault(f"{name}_where", "BETWEEN")
        elif name in filters and name != "event_date":
            filters.setdefault(f"{name}_where", ">=")
    return what, dict(sorted(filters.items()))


def _grows(what: str, filters: Mapping[str, str]) -> bool:
    """Whether later uploads may match: not when the query itself ends the span of uploads."""
    changed = _CHANGED[what]
    return changed not in filters or filters.get(f"{changed}_where", "") in _GROWING


def _since(what: str, filters: Mapping[str, str], newest: int | None) -> dict[str, str]:
    changed = _CHANGED[what]
    return {**filters, **({} if newest is None else {changed: str(newest), f"{changed}_where": ">"})}


def _pages(account: _Account, what: str, filters: Mapping[str, str]) -> Pages:
    return Pages(
        name=lambda number: f"{SOURCE}-{what}-page-{number:05}.json",
        first=1,
        ask=partial(account.page, what, filters),
        look=partial(_look, what),
        tell=account.place.tell,
    )


def _look(what: str, _: int, content: bytes) -> Page:
    answer = answer_of(content, "ACLED")
    if answer.get("success") is False:
        raise FeedTrouble(f"ACLED answers that it failed (status {answer.get('status')}): try again later")
    rows = rows_in(answer, "data", "ACLED")
    changed = _CHANGED[what]
    try:
        moments = [int(row[changed]) for row in rows]
        names = [str(row["event_id_cnty"]) for row in rows]
    except (KeyError, TypeError, ValueError):
        raise FeedTrouble(f"ACLED answers with rows without event_id_cnty or {changed}") from None
    ids = names if what == "read" else [f"{name} {moment}" for name, moment in zip(names, moments, strict=True)]
    total = answer.get("total_count")
    return Page(
        ids=ids, last=len(rows) < ROWS, total=total if isinstance(total, int) else None, newest=max(moments, default=0)
    )


class _Expired(Denied):
    """The token that was good before is not any more."""


class _Account:
    """Who asks: gets a token when the first page is asked for, and a new one when it dies. It is kept in memory only."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._access = self._refresh = ""

    def page(self, what: str, filters: Mapping[str, str], number: int) -> bytes:
        """A page of rows, as it came."""
        if not self._access:
            self._log_in()
            return self._read(what, filters, number)
        try:
            return self._read(what, filters, number)
        except _Expired:
            self._renew()
            return self._read(what, filters, number)

    def _read(self, what: str, filters: Mapping[str, str], number: int) -> bytes:
        # Counting all rows is slow for the server: once is enough.
        counted = {"with_total": "true"} if number == 1 else {}
        question = Question(
            f"{base_url(self.place.environment, URL, BASE)}/{_PATHS[what]}",
            params={"_format": "json", "limit": ROWS, "page": number, **counted, **filters},
            headers={"Authorization": f"Bearer {self._access}"},
        )
        try:
            return self.place.http.ask(question)
        except Rejected as no:
            if no.status == HTTPStatus.UNAUTHORIZED:
                raise _Expired(f"ACLED refuses the token that it gave (401): {_CURE}", code="feed_denied") from None
            if no.status == HTTPStatus.FORBIDDEN:
                raise Denied(
                    f"ACLED does not let your account read (403): {_CURE_ACCOUNT}", code="feed_denied"
                ) from None
            raise

    def _log_in(self) -> None:
        user = secret(self.place.environment, USER, _CURE)
        password = secret(self.place.environment, PASSWORD, _CURE)
        self.place.http.hide([user, password])
        self._token({"grant_type": "password", "username": user, "password": password})

    def _renew(self) -> None:
        """A new token for the old one's; when that is too old as well, for user and password."""
        if self._refresh:
            with suppress(Denied):
                self._token({"grant_type": "refresh_token", "refresh_token": self._refresh})
                return
        self._log_in()

    def _token(self, form: Mapping[str, str]) -> None:
        url = f"{base_url(self.place.environment, URL, BASE)}/oauth/token"
        try:
            content = self.place.http.ask(Question(url, form={**form, "client_id": "acled"}))
        except Rejected as no:
            if no.status in _TURNED_AWAY:
                raise Denied(f"ACLED gives no token ({no.status}): {_CURE}", code="feed_denied") from None
            raise
        answer: dict[str, Any] = answer_of(content, "ACLED")
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str) or not access:
            raise FeedTrouble("ACLED answers a login without a token: try again later")
        self._access, self._refresh = header(access, "ACLED's token"), refresh if isinstance(refresh, str) else ""
        self.place.http.hide([self._access, self._refresh])
