"""POLECAT, the successor of ICEWS: events in PLOVER's words, from files of 40 columns with a header.

Known a week after the end of its publication date: POLECAT came out in weekly releases, and its rows do not say in which.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from training.reading.records import SourceResult
from training.rollup.feeds import Feed, read_feed
from training.rollup.lookups import STATE, plover_keys
from training.rollup.staging import Layout
from truce.vocabulary import Event

LAG = timedelta(days=7)
"""How long after its publication date an event counts as known: the longest that it waits for a weekly release."""

COLUMNS = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts", "Actor Name", "Actor Country",
    "Actor COW", "Primary Actor Sector", "Actor Sectors", "Actor Title", "Actor Name Raw", "Wikipedia Actor ID",
    "Recipient Name", "Recipient Country", "Recipient COW", "Primary Recipient Sector", "Recipient Sectors",
    "Recipient Title", "Recipient Name Raw", "Wikipedia Recipient ID", "Placename", "City", "District", "Province", "Country",
    "Latitude", "Longitude", "GeoNames ID", "Raw Placename", "Feature Type", "Source", "Publication Date", "Story People",
    "Story Organizations", "Story Locations", "Language", "Version",
)  # fmt: skip

WANTED = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Actor Name", "Actor Country", "Primary Actor Sector",
    "Recipient Name", "Recipient Country", "Primary Recipient Sector", "Country", "Publication Date",
)  # fmt: skip

_SECTORS = ("GOV", "MIL", "COP")
"""Sectors whose members act for their state, unless they go by a name of their own; as in ``truce.actors``."""


def _named(width: int, first: Sequence[str]) -> tuple[Sequence[str], bool] | None:
    header = [column.strip() for column in first]
    if not set(WANTED) <= set(header) or width < len(COLUMNS):
        return None
    # some releases have a header longer than their rows, others have empty columns at the end
    return [*COLUMNS, *(f"extra {n}" for n in range(width - len(COLUMNS)))], True


def common(raw: Any) -> Any:
    """The common columns of ``training.rollup.expression``, from a table of ``WANTED`` as text."""
    import ibis

    sides: dict[str, Any] = {}
    for column, who in (("Actor", "actor"), ("Recipient", "target")):
        name, home = raw[f"{column} Name"].upper(), raw[f"{column} Country"].upper()
        of_state = (name == home) | raw[f"Primary {column} Sector"].isin(_SECTORS)
        sides |= {
            f"{who}_name": name.re_replace(r" \([^()]*\)$", ""), f"{who}_home": home,
            f"{who}_state": ibis.ifelse(of_state, ibis.literal(STATE) + home, None),
        }  # fmt: skip
    published = _day(raw["Publication Date"])
    kind = raw["Event Type"].upper()
    return raw.select(
        "file", "line",
        event_id=raw["Event ID"].nullif(""),
        occurred_on=_day(raw["Event Date"]),
        told_at=(published + ibis.interval(days=1)).cast("timestamp"),
        known_at=(published + ibis.interval(days=1 + LAG.days)).cast("timestamp"),
        kind_key=ibis.ifelse(raw["Event Mode"].upper() == "CEASEFIRE", kind + "/CEASEFIRE", kind),
        place=raw["Country"].upper(),
        scale=raw["Intensity"].try_cast("float64"),
        **sides,
    )  # fmt: skip


FEED = Feed(
    name="polecat",
    layout=Layout(
        feed="POLECAT events",
        wanted=WANTED,
        named=_named,
        widths="where POLECAT has at least 40 under its own header",
    ),
    kinds=plover_keys,
    common=common,
)


def read(
    paths: Sequence[Path], *, today: date | None = None, countries: Collection[str] | None = None
) -> SourceResult[Event]:
    """Read POLECAT events; arguments, result and errors as for ``training.rollup.feeds.read_feed``."""
    return read_feed(FEED, paths, today=today, countries=countries)


def _day(written: Any) -> Any:
    import ibis

    return ibis.ifelse(written.re_search("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), written, None).try_cast("date")
