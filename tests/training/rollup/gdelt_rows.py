"""Rows of our own making in the shape of GDELT's 2.0 export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.sources.gdelt import COLUMNS

ROW = {
    "GLOBALEVENTID": "1",
    "SQLDATE": "20200301",
    "Actor1Code": "IRQMIL",
    "Actor1Name": "IRAQI ARMY",
    "Actor1CountryCode": "IRQ",
    "Actor2Code": "AFGREBTAL",
    "Actor2Name": "TALIBAN",
    "Actor2CountryCode": "AFG",
    "EventCode": "190",
    "GoldsteinScale": "-10.0",
    "ActionGeo_CountryCode": "IZ",
    "DATEADDED": "20200301141500",
}


def line(**cells: str) -> str:
    return "\t".join({**dict.fromkeys(COLUMNS, ""), **ROW, **cells}[column] for column in COLUMNS)


def write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
    return path
