"""The roll-up of GDELT written by hand in pandas: the peer of ``benchmarks.feeds``, and a second opinion on the expression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from training.rollup.lookups import Lookups, cameo_keys, countries_of_interest, lookups
from training.sources.gdelt import WANTED

_CHUNK = 1_000_000
_KEY = ["fate", "day", "kind", "actor", "target", "country"]
_NOBODY = -1


def rolled_up(files: Sequence[Path], until: date) -> pd.DataFrame:
    """The columns of ``training.rollup.expression.rolled_up``."""
    known = lookups(cameo_keys(), countries_of_interest())
    told = pd.concat([_told(chunk, known, until) for chunk in _chunks(files)])
    told = told.groupby(["id", *_KEY], sort=False).agg(
        known_at=("known_at", "min"), scale=("scale", "min"), copies=("copies", "sum")
    )
    merged = told.groupby(_KEY, sort=False).agg(
        known_at=("known_at", "min"), n=("copies", "size"), copies=("copies", "sum"), goldstein=("scale", "mean")
    )
    return _named(merged.reset_index(), known)


def _chunks(files: Sequence[Path]) -> Iterator[pd.DataFrame]:
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(_CHUNK, columns=list(WANTED)):
            yield batch.to_pandas()


def _told(raw: pd.DataFrame, known: Lookups, until: date) -> pd.DataFrame:
    day = pd.to_datetime(raw.SQLDATE.astype(str), format="%Y%m%d", errors="coerce")
    moment = pd.to_datetime(raw.DATEADDED.astype(str), format="%Y%m%d%H%M%S", errors="coerce")
    kind = _number(raw.EventCode, known.kinds)
    who = {}
    for n, side in ((1, "actor"), (2, "target")):
        code, country = raw[f"Actor{n}Code"], raw[f"Actor{n}CountryCode"]
        own = (country != "") & code.isin({c + t for c in country.unique() for t in ("", "GOV", "MIL", "COP")})
        by_state = _number(("=" + country).where(own), known.actors)
        by_name = _number(raw[f"Actor{n}Name"].str.upper(), known.actors)
        who[side] = by_name.where(by_name != _NOBODY, by_state)
    country, near = _places(raw, known)
    bad = day.isna() | moment.isna() | (kind == _NOBODY) | (day > pd.Timestamp(until)) | (day > moment)
    named = (who["actor"] != _NOBODY) | (who["target"] != _NOBODY) | near
    fate = np.where(bad, 0, np.where(named & (kind > 0), 2, 1))
    facts: dict[str, Any] = {"day": day, "kind": kind, **who, "country": country}
    ours = pd.Series(fate == 2, index=raw.index)  # noqa: PLR2004 - the fate of a record
    facts = {name: column.where(ours, pd.NaT if name == "day" else _NOBODY) for name, column in facts.items()}
    facts["day"] = facts["day"].fillna(pd.Timestamp(0))
    frame = pd.DataFrame(
        {"id": raw.GLOBALEVENTID, "fate": fate, **facts, "known_at": moment, "scale": raw.GoldsteinScale}
    )
    return frame.groupby(["id", *_KEY], sort=False, as_index=False).agg(
        known_at=("known_at", "min"), scale=("scale", "min"), copies=("scale", "size")
    )


def _places(raw: pd.DataFrame, known: Lookups) -> tuple[Any, Any]:
    """Of each row its country, and whether any country that it names is one of ours."""
    country = _number(raw.ActionGeo_CountryCode, known.countries)
    near = country.isin(known.ours)
    for column in ("Actor2CountryCode", "Actor1CountryCode"):
        home = _number(raw[column], known.countries)
        country, near = country.where(country != _NOBODY, home), near | home.isin(known.ours)
    return country, near


def _number(keys: Any, numbers: Any) -> Any:
    return keys.map(dict(numbers)).fillna(_NOBODY).astype(np.int32)


def _named(merged: pd.DataFrame, known: Lookups) -> pd.DataFrame:
    kinds = dict(enumerate(known.kind_names))
    names = {"actor": known.actor_names, "target": known.actor_names, "iso3": known.country_names}
    out = merged.rename(columns={"country": "iso3"})
    for place, column in enumerate(("type", "modality", "truce_role")):
        out[column] = out.kind.map({number: kind[place] for number, kind in kinds.items()})
    for column, listed in names.items():
        out[column] = out[column].map(dict(enumerate(listed)))
    out["occurred_on"] = out.day.where(out.fate == 2).dt.date  # noqa: PLR2004
    return out.drop(columns=["day", "kind"])
