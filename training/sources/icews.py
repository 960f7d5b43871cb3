"""ICEWS coded events: the yearly files of 20 columns with a header, or actor, event, actor and day set apart by tabs.

Known at the end of the day after the event: ICEWS was coded daily, and its rows do not say when.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from training.reading.records import SourceResult
from training.rollup.feeds import Feed, read_feed
from training.rollup.lookups import STATE, cameo_keys
from training.rollup.staging import Layout
from truce.vocabulary import Event

LAG = timedelta(days=1)
"""How long after the day of an event it counts as known."""

WANTED = (
    "Event ID", "Event Date", "Source Name", "Source Country", "Event Text", "CAMEO Code", "Intensity", "Target Name",
    "Target Country", "Country",
)  # fmt: skip
_SHORT = ("Source Name", "Event Text", "Target Name", "Event Date")
_WIDTH = 20

_OFFICES = (
    "GOVERNMENT", "MILITARY", "ARMY", "ARMED FORCES", "POLICE", "PRESIDENT", "PRIME MINISTER", "HEAD OF GOVERNMENT",
)  # fmt: skip
"""Who of a country is its state, as in ``truce.actors``."""


def _named(width: int, first: Sequence[str]) -> tuple[Sequence[str], bool] | None:
    header = [column.strip() for column in first]
    if width == _WIDTH and set(WANTED) <= set(header):
        return header, True
    return (_SHORT, False) if width == len(_SHORT) and first[0] != _SHORT[0] else None


def common(raw: Any) -> Any:
    """The common columns of ``training.rollup.expression``, from a table of ``WANTED`` as text."""
    import ibis

    whole = raw["Event ID"].notnull()
    row_itself = ibis.literal("\t").join([raw[column] for column in _SHORT])
    day = ibis.ifelse(raw["Event Date"].re_search("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), raw["Event Date"], None).try_cast(
        "date"
    )
    sides: dict[str, Any] = {}
    for column, who in (("Source", "actor"), ("Target", "target")):
        name, bracketed, home = _who(raw, column)
        bare = name.re_replace(r" \([^()]*\)$", "")
        of_state = (bare == home) | bare.isin(_OFFICES)
        # a militant stands for the group in the brackets; a country there names nobody but its offices
        state = ibis.ifelse(of_state, ibis.literal(STATE) + home, bracketed)
        sides |= {f"{who}_name": bare, f"{who}_home": home, f"{who}_state": state}
    return raw.select(
        "file", "line",
        # a short row has no id but itself
        event_id=ibis.ifelse(whole, raw["Event ID"].nullif(""), row_itself),
        occurred_on=day,
        told_at=(day + ibis.interval(days=1)).cast("timestamp"),
        known_at=(day + ibis.interval(days=1 + LAG.days)).cast("timestamp"),
        kind_key=ibis.ifelse(whole, raw["CAMEO Code"], raw["Event Text"].upper()),
        place=_country(raw["Country"]),
        scale=raw["Intensity"].try_cast("float64"),
        **sides,
    )  # fmt: skip


FEED = Feed(
    name="icews",
    layout=Layout(
        feed="ICEWS events",
        wanted=WANTED,
        named=_named,
        widths="where ICEWS has 20 under its header, or 4 in the short form without one",
    ),
    kinds=cameo_keys,
    common=common,
)


def read(
    paths: Sequence[Path], *, today: date | None = None, countries: Collection[str] | None = None
) -> SourceResult[Event]:
    """Read ICEWS events; arguments, result and errors as for ``training.rollup.feeds.read_feed``."""
    return read_feed(FEED, paths, today=today, countries=countries)


def _who(raw: Any, column: str) -> tuple[Any, Any, Any]:
    """A party's name, what stands in brackets after it, and its country, in capitals.

    A short row has no column for the country: it stands in the brackets, or is the name.
    """
    import ibis

    name = raw[f"{column} Name"].upper()
    bracketed = name.re_extract(r"\(([^()]*)\)$", 1).nullif("")
    return name, bracketed, ibis.coalesce(_country(raw[f"{column} Country"]), bracketed, name)


def _country(written: Any) -> Any:
    """The files write NA and NULL where they know of no country."""
    return written.upper().nullif("").nullif("NA").nullif("NULL")
