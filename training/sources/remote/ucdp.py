"""UCDP's API: events of the Georeferenced Event Dataset, of one version, by country, days, type of violence, dyad or actor.

GET {base}/gedevents/{version}?pagesize=1000&page=N, pages counted from 0, with the header ``x-ucdp-access-token``
(ucdp.uu.se/apidocs; 5,000 questions a day, refused ones included). A version never changes, so a finished download asks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl

from training.sources.remote.http import Question, Rejected, base_url, header, secret
from training.sources.remote.pages import Page, Pages, Place, answer_of, complete, finished, folder_of, rows_in, some
from truce.errors import BadInput, Denied, FeedTrouble

SOURCE = "ucdp-ged"
TOKEN = "TRUCECAST_UCDP_TOKEN"  # noqa: S105 - the variable's name
URL = "TRUCECAST_UCDP_URL"
BASE = "https://ucdpapi.pcr.uu.se/api"
ROWS = 1000
"""Rows of a page: the most that the API gives."""
_FILTERS = ("Id", "Country", "Geography", "StartDate", "EndDate", "TypeOfViolence", "Dyad", "Actor")
_VERSION = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}", re.ASCII)
_CURE = "get a token from UCDP (ucdp.uu.se/apidocs) and put it there"


def fetch(query: str, place: Place) -> list[Path]:
    """The files of a query such as ``24.1?Country=645&StartDate=2014-01-01``.

    Raises:
        BadInput: no such version or filter, or no row matches.
        Denied: the token is missing or refused.
        FeedTrouble: the server fails.
    """
    version, filters = _parsed(query)
    folder = folder_of(place, SOURCE, {"version": version, **filters})
    pages = Pages(
        name=lambda number: f"{SOURCE}-{version}-page-{number:05}.json",
        first=0,
        ask=partial(_ask, place, version, filters),
        look=_look,
        tell=place.tell,
    )
    return some(finished(folder) or complete(folder, pages), f"{version} with these filters at UCDP").files


def _parsed(query: str) -> tuple[str, dict[str, str]]:
    version, _, rest = query.partition("?")
    if not _VERSION.fullmatch(version):
        raise BadInput(f"{version!r} is no version of UCDP GED: write api:24.1?Country=645", code="bad_query")
    known = {name.lower(): name for name in _FILTERS}
    filters: dict[str, str] = {}
    for name, value in parse_qsl(rest, keep_blank_values=True):
        if name.lower() not in known or not value.strip():
            raise BadInput(f"UCDP has these filters: {', '.join(_FILTERS)}; each with a value", code="bad_query")
        filters[known[name.lower()]] = value.strip()
    return version, dict(sorted(filters.items()))


def _ask(place: Place, version: str, filters: Mapping[str, str], number: int) -> bytes:
    token = header(secret(place.environment, TOKEN, _CURE), TOKEN)
    place.http.hide([token])
    question = Question(
        f"{base_url(place.environment, URL, BASE)}/gedevents/{version}",
        params={"pagesize": ROWS, "page": number, **filters},
        headers={"x-ucdp-access-token": token},
    )
    try:
        return place.http.ask(question)
    except Rejected as no:
        if no.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise Denied(f"UCDP refuses the token of {TOKEN} ({no.status}): {_CURE}", code="feed_denied") from None
        if no.status == HTTPStatus.NOT_FOUND:
            raise BadInput(
                f"UCDP has no version {version} of GED: see ucdp.uu.se/downloads", code="bad_query"
            ) from None
        raise


def _look(number: int, content: bytes) -> Page:
    answer = answer_of(content, "UCDP")
    rows = rows_in(answer, "Result", "UCDP")
    total, pages = answer.get("TotalCount"), answer.get("TotalPages")
    if not isinstance(total, int) or not isinstance(pages, int) or not all("id" in row for row in rows):
        raise FeedTrouble(
            "UCDP answers without TotalCount, TotalPages or ids: the protocol is another one than this client's"
        )
    return Page(ids=[str(row["id"]) for row in rows], last=number + 1 >= pages, total=total)
