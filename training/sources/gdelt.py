"""GDELT events: the 2.0 export (61 columns without a header), the daily files of 1.0 (58, and 57 before April 2013), or Parquet.

Known at DATEADDED, the quarter of an hour of the file, in 2.0; at the end of the day after DATEADDED in 1.0.
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

_ACTOR = (
    "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code", "Type1Code", "Type2Code",
    "Type3Code",
)  # fmt: skip
_GEO = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
_ACTION = (
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale", "NumMentions", "NumSources",
    "NumArticles", "AvgTone",
)  # fmt: skip

DAILY_LAG = timedelta(days=1)
"""How long after the end of its DATEADDED a row of 1.0 counts as known: the file of a day was posted on the next morning."""

COLUMNS = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    *(f"Actor{n}{column}" for n in (1, 2) for column in _ACTOR),
    *_ACTION,
    *(f"{whose}Geo_{column}" for whose in ("Actor1", "Actor2", "Action") for column in _GEO),
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
"""The columns of the 2.0 export, in their order."""

_DAILY = tuple(column for column in COLUMNS if not column.endswith("_ADM2Code"))
_NAMES = {len(names): names for names in (COLUMNS, _DAILY, _DAILY[:-1])}

WANTED = (
    "GLOBALEVENTID", "SQLDATE", "Actor1Code", "Actor1Name", "Actor1CountryCode", "Actor2Code", "Actor2Name",
    "Actor2CountryCode", "EventCode", "GoldsteinScale", "ActionGeo_CountryCode", "DATEADDED",
)  # fmt: skip

_DAILY_DIGITS = len("YYYYMMDD")
"""How long DATEADDED is in 1.0."""
_OF_STATE = ("", "GOV", "MIL", "COP")
"""What may follow a country's code where the state itself is meant: its government, military and police, as in ``truce.actors``."""


def _named(width: int, _: Sequence[str]) -> tuple[Sequence[str], bool] | None:
    return (_NAMES[width], False) if width in _NAMES else None


def common(raw: Any) -> Any:
    """The common columns of ``training.rollup.expression``, from a table of ``WANTED`` as text."""
    import ibis

    said = raw.DATEADDED
    exact = ibis.ifelse(said.re_search("^[0-9]{14}$"), _moment(said), None)
    told_at, known_at = (
        ibis.ifelse(said.length() == _DAILY_DIGITS, (_day(said) + ibis.interval(days=days)).cast("timestamp"), exact)
        for days in (1, 1 + DAILY_LAG.days)
    )
    names = {f"{who}_name": raw[f"Actor{n}Name"].upper() for n, who in ((1, "actor"), (2, "target"))}
    homes = {f"{who}_home": raw[f"Actor{n}CountryCode"] for n, who in ((1, "actor"), (2, "target"))}
    states = {f"{who}_state": _state(raw, f"Actor{n}") for n, who in ((1, "actor"), (2, "target"))}
    return raw.select(
        "file", "line",
        event_id=raw.GLOBALEVENTID.try_cast("int64"),
        occurred_on=_day(raw.SQLDATE),
        told_at=told_at,
        known_at=known_at,
        kind_key=raw.EventCode,
        place=raw.ActionGeo_CountryCode,
        scale=raw.GoldsteinScale.try_cast("float64"),
        **names, **homes, **states,
    )  # fmt: skip


FEED = Feed(
    name="gdelt",
    layout=Layout(
        feed="GDELT events",
        wanted=WANTED,
        named=_named,
        widths="where GDELT 2.0 has 61 and the daily files of 1.0 have 58 (57 before April 2013)",
    ),
    kinds=cameo_keys,
    common=common,
)


def read(
    paths: Sequence[Path], *, today: date | None = None, countries: Collection[str] | None = None
) -> SourceResult[Event]:
    """Read GDELT events; arguments, result and errors as for ``training.rollup.feeds.read_feed``."""
    return read_feed(FEED, paths, today=today, countries=countries)


def _day(digits: Any) -> Any:
    import ibis

    written = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2)
    return ibis.ifelse(digits.re_search("^[0-9]{8}$"), written, None).try_cast("date")


def _moment(digits: Any) -> Any:
    day = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2)
    time = digits.substr(8, 2) + ":" + digits.substr(10, 2) + ":" + digits.substr(12, 2)
    return (day + " " + time).try_cast("timestamp")


def _state(raw: Any, actor: str) -> Any:
    import ibis

    code, country = raw[f"{actor}Code"], raw[f"{actor}CountryCode"]
    own = (country != "") & (code.substr(0, 3) == country) & code.substr(3).isin(_OF_STATE)
    return ibis.ifelse(own, ibis.literal(STATE) + country, None)
