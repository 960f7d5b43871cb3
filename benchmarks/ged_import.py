"""How long the whole import of a million GED rows takes, from CSV to the SQLite store of a fresh home, and how much memory.

The rows are made for this benchmark in the shape and size of the real ones (49 columns, quotes, line breaks, some 700
characters). The peer is pandas: ``read_csv`` of the same columns and ``DataFrame.to_sql`` into SQLite, without a check, an
id, a digest, a moment or an index. Both run as processes of their own, one after the other.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from training.sources.ucdp_ged import REQUIRED

ROWS = 1_000_000
_MIB = 1024
_COLUMNS = """
id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id conflict_name dyad_dset_id
dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id side_b_new_id side_b number_of_sources
source_article source_office source_date source_headline source_original where_prec where_coordinates where_description
adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country iso3 country_id region event_clarity date_prec date_start
date_end deaths_a deaths_b deaths_civilians deaths_unknown best high low gwnoa
"""
_PEER_COLUMNS = (
    *REQUIRED, "iso3", "country_id", "country", "latitude", "longitude", "date_prec", "code_status", "conflict_new_id",
    "dyad_new_id", "side_a_new_id", "side_b_new_id",
)  # fmt: skip
_PEER = (
    "import sqlite3, sys, pandas; "
    "pandas.read_csv(sys.argv[1], usecols=sys.argv[3].split(',')).to_sql('ged', sqlite3.connect(sys.argv[2]), index=False)"
)
_OURS = "import trucecast; trucecast.main()"
_FIRST = date(1989, 1, 1)
_DAYS = 12_700
_COUNTRIES = (("Iraq", "IRQ", 645), ("Syria", "SYR", 652), ("Ukraine", "UKR", 369), ("Colombia", "COL", 100))
_PLACE = "Sāmarrā town, a village some kilometres from it, between the road and the river"
_SAYS = 'clashes go on around the town, "many" dead after shelling by night'
_BROKEN = "clashes go on around the town,\nmany dead\nafter shelling by night"


def made(count: int) -> Iterator[list[object]]:
    """Rows of our own making, the same ones every time."""
    rng = random.Random(0)
    for number in range(count):
        start = _FIRST + timedelta(days=rng.randrange(_DAYS))
        end = start + timedelta(days=rng.choice((0, 0, 0, 0, 1, 6)))
        country, iso3, gw = rng.choice(_COUNTRIES)
        dyad, best, lat, lon = rng.randrange(900), rng.randrange(40), rng.uniform(-30, 40), rng.uniform(-80, 60)
        a, b = f"Government of {country}", f"Front {dyad} of {country}"
        says = _SAYS if number % 50 else _BROKEN
        article = f'"Desk,{end},{says}";"Wire,{end},{says}"'
        yield [
            number + 1, f"{iso3}-{start.year}-1-{dyad}-{number}", start.year, 1, "Clear", 1, dyad, 300 + dyad % 50,
            f"{country}: Government", dyad, 4000 + dyad, f"{a} - {b}", gw, 100 + gw, a, dyad, 5000 + dyad, b, 2, article,
            "Desk;Wire", f"{end};{end}", says, "spokesman", 1, _PLACE, _PLACE, f"Province {dyad % 30}", f"District {dyad}",
            round(lat, 6), round(lon, 6), f"POINT ({lon:.6f} {lat:.6f})", 100_000 + dyad, country, iso3, gw, "Region", 1,
            1 + (end > start), f"{start} 00:00:00.000", f"{end} 00:00:00.000", 0, best, 0, 0, best, best + 3, best, gw,
        ]  # fmt: skip


class Cost(NamedTuple):
    """What a process took: seconds of wall time and of processor time, and its peak resident size in MiB."""

    wall: float
    cpu: float
    peak: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s wall, {self.cpu:.1f} s of processor time, peak {self.peak:.0f} MiB"


def cost(command: Sequence[str]) -> Cost:
    """Run a process to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:3]} ended with status {process.returncode}")
    return Cost(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / _MIB)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the rows, run both and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ged_import", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args(arguments).rows
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "GEDEvent_v25_1.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(_COLUMNS.split())
            writer.writerows(made(rows))
        size = file.stat().st_size / _MIB**2
        ours, again = (
            cost([sys.executable, "-c", _OURS, "--home", f"{folder}/home", "import", "ucdp-ged", str(file)])
            for _ in range(2)
        )
        peer = cost([sys.executable, "-c", _PEER, str(file), f"{folder}/peer.sqlite", ",".join(_PEER_COLUMNS)])
    sys.stdout.write(
        f"{rows} rows, {size:.0f} MiB of CSV (made for this benchmark)\n"
        f"trucecast import ucdp-ged: {ours}; {rows / ours.wall:.0f} rows/s\n"
        f"the same file again: {again}\n"
        f"peer (pandas read_csv + to_sql): {peer}; {rows / peer.wall:.0f} rows/s\n"
        f"ours / peer: {ours.wall / peer.wall:.2f} of wall time, {ours.cpu / peer.cpu:.2f} of processor time\n"
        f"load of the machine meanwhile: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores\n"
    )


if __name__ == "__main__":
    main()
