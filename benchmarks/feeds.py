"""How long a hundred million GDELT rows take to be rolled up on DuckDB and how much memory that needs, beside Spark and pandas.

The rows are of our own making, as skewed over actors, countries and codes as the real ones: one in two hundred is there
twice, one in a thousand has a day that is none. Spark (two local cores) and pandas (in chunks, the same roll-up written by
hand) get the first tenth, DuckDB the whole and that tenth; what the three say of the tenth must agree.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psutil

from training.rollup.lookups import cameo, cameo_keys, countries_of_interest, lookups
from training.sources.gdelt import COLUMNS, FEED, WANTED
from truce import actors

ROWS = 100_000_000
UNTIL = date(2026, 1, 1)
_PARTS = 10
_DAYS = 3650
_MIB = 1024
_LIMIT_MIB = 4096
_TOLERANCE = 1e-9

_TYPES = ("", "GOV", "MIL", "COP", "OPP", "REB", "CVL", "MED", "BUS", "LEG", "JUD", "EDU", "GOVMIL", "REBISL")
_COMMON = (
    "010",
    "042",
    "043",
    "040",
    "051",
    "036",
    "020",
    "190",
    "173",
    "111",
    "193",
    "112",
    "057",
    "120",
    "180",
    "046",
)

_MAKE = """
COPY (
  SELECT
    (CASE WHEN hash(i, 'again') % 200 = 0 THEN i - 1 ELSE i END)::BIGINT AS GLOBALEVENTID,
    CASE WHEN hash(j, 'bad') % 1000 = 0 THEN 20231345
         ELSE strftime(day::DATE - (CASE WHEN hash(j, 'late') % 20 = 0 THEN hash(j, 'lag') % 30 ELSE 0 END)::INTEGER, '%Y%m%d')::INTEGER
    END AS SQLDATE,
    a1.code AS Actor1Code, a1.name AS Actor1Name, a1.country AS Actor1CountryCode,
    a2.code AS Actor2Code, a2.name AS Actor2Name, a2.country AS Actor2CountryCode,
    kinds.code AS EventCode, (kinds.n % 41 - 20) / 2.0 AS GoldsteinScale,
    CASE WHEN hash(j, 'place') % 10 = 0 THEN '' ELSE places.code END AS ActionGeo_CountryCode,
    strftime(day, '%Y%m%d%H%M00')::BIGINT AS DATEADDED
  FROM (
    SELECT i, j, TIMESTAMP '2015-02-18' + to_minutes((15 * floor(j * {days} * 96.0 / {rows}))::BIGINT) AS day
    FROM (SELECT i, (CASE WHEN hash(i, 'again') % 200 = 0 THEN i - 1 ELSE i END) AS j FROM range({first}, {last}) t(i))
  ) rows
  JOIN actors a1 ON a1.n = floor({actors} * power((hash(j, 'a1') % 1000003) / 1000003.0, 4))
  JOIN actors a2 ON a2.n = floor({actors} * power((hash(j, 'a2') % 1000003) / 1000003.0, 4))
  JOIN kinds ON kinds.n = floor({kinds} * power((hash(j, 'kind') % 1000003) / 1000003.0, 3))
  JOIN places ON places.n = floor({places} * power((hash(j, 'geo') % 1000003) / 1000003.0, 3))
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
"""

_DIFFER = """
SELECT count(*) FROM '{one}' a FULL OUTER JOIN '{other}' b
ON a.fate = b.fate AND a.occurred_on IS NOT DISTINCT FROM b.occurred_on AND a.type IS NOT DISTINCT FROM b.type
  AND a.modality IS NOT DISTINCT FROM b.modality AND coalesce(a.truce_role, '') = coalesce(b.truce_role, '')
  AND a.actor IS NOT DISTINCT FROM b.actor AND a.target IS NOT DISTINCT FROM b.target
  AND a.iso3 IS NOT DISTINCT FROM b.iso3
WHERE a.fate IS NULL OR b.fate IS NULL OR a.n <> b.n OR a.copies <> b.copies OR abs(a.goldstein - b.goldstein) > {tolerance}
  OR (a.fate = 2 AND a.known_at <> b.known_at)
"""


def make(folder: Path, rows: int) -> list[Path]:
    """Write the rows as ten Parquet files; the same rows whenever they are made."""
    link = duckdb.connect(config={"memory_limit": "2GiB", "threads": 2, "temp_directory": str(folder / "spill")})
    known = sorted(countries_of_interest())
    people = [("", "", "")] + [
        (f"{iso3}{kind}", f"{iso3} {kind}".strip(), iso3) for kind in _TYPES for iso3 in known
    ]  # fmt: skip
    people += [(f"{one.iso3}REB", one.name.upper(), one.iso3) for one in actors.actors() if one.kind != "state"]
    codes = [*_COMMON, *(one.code for one in cameo() if one.code not in _COMMON)]
    for name, columns, values in (
        ("actors", "n INT, code VARCHAR, name VARCHAR, country VARCHAR", _shuffled(people)),
        ("kinds", "n INT, code VARCHAR", [(code,) for code in codes]),
        ("places", "n INT, code VARCHAR", _shuffled([(code,) for code in known])),
    ):
        link.execute(f"CREATE TABLE {name} ({columns})")
        marks = ", ".join("?" * (len(values[0]) + 1))
        link.executemany(f"INSERT INTO {name} VALUES ({marks})", [(n, *value) for n, value in enumerate(values)])  # noqa: S608
    files = []
    for part in range(_PARTS):
        target = folder / f"gdelt-{part}.parquet"
        link.execute(_MAKE.format(
            days=_DAYS, rows=rows, first=rows * part // _PARTS, last=rows * (part + 1) // _PARTS, actors=len(people),
            kinds=len(codes), places=len(known), target=target,
        ))  # fmt: skip
        files.append(target)
    return files


def _shuffled(values: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """An order that is no alphabet, and always the same: the first are the most frequent."""
    return [values[0], *sorted(values[1:], key=lambda value: hash_of("|".join(value)))]


def hash_of(text: str) -> int:
    """A number for a text, the same in every run."""
    number = 0
    for sign in text.encode():
        number = (number * 1_000_003 + sign) % 2_147_483_647
    return number


def by_engine(files: Sequence[Path], out: Path) -> None:
    """Roll up on the engine of TRUCECAST_FEED_ENGINE into Parquet: a file, or a folder of files."""
    from training.rollup import expression
    from training.rollup.engines import open_engine

    known = lookups(cameo_keys(), countries_of_interest())
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch, open_engine(Path(scratch)) as engine:
        rows = FEED.common(engine.table([], files, WANTED))
        rolled = expression.rolled_up(rows, expression.tables_of(known), UNTIL)
        engine.backend.to_parquet(rolled, out)


def by_pandas(files: Sequence[Path], out: Path) -> None:
    """The same roll-up by hand, a million rows at a time."""
    from benchmarks.feeds_by_pandas import rolled_up

    rolled_up(files, UNTIL).to_parquet(out)


PEERS: dict[str, Callable[[Sequence[Path], Path], None]] = {
    "duckdb": by_engine,
    "pyspark": by_engine,
    "pandas": by_pandas,
}


def run(peer: str, files: Sequence[Path], out: Path) -> dict[str, Any]:
    """Run one peer in a process of its own, so that its memory is its own: seconds, rows and peak resident size in MiB."""
    asked = [sys.executable, "-m", "benchmarks.feeds", "--peer", peer, "--out", str(out), *map(str, files)]
    done = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _peak() -> float:
    """The largest resident size so far in MiB, with that of the processes that were started (Spark's virtual machine)."""
    children = psutil.Process().children(recursive=True)
    status = "\n".join(Path(f"/proc/{child.pid}/status").read_text() for child in children)
    theirs = sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + theirs) / _MIB


def written(out: Path) -> Path:
    """What to read a peer's result from."""
    return out / "*.parquet" if out.is_dir() else out


def _as_peer(peer: str, files: Sequence[Path], out: Path) -> None:
    import os

    os.environ["TRUCECAST_FEED_ENGINE"] = peer
    started = time.perf_counter()
    PEERS[peer](files, out)
    seconds = time.perf_counter() - started
    peak = _peak()
    rows, read = duckdb.connect().execute(f"SELECT count(*), sum(copies) FROM '{written(out)}'").fetchall()[0]  # noqa: S608
    print(json.dumps({"seconds": seconds, "rows": rows, "read": int(read), "peak": peak}))  # noqa: T201


@contextmanager
def _folder(where: Path | None) -> Any:
    made = Path(tempfile.mkdtemp(prefix="bench-feeds-", dir=where))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all peers and print the figures; exit 1 when they disagree or DuckDB's process grew beyond 4 GiB."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feeds", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, help="where up to 15 GB are written for a while (default: the system's)")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.peer:
        _as_peer(asked.peer, asked.files, asked.out)
        return
    with _folder(asked.folder) as folder:
        sys.exit(0 if _compare(folder, asked.rows) else 1)


def _compare(folder: Path, rows: int) -> bool:
    started = time.perf_counter()
    files = make(folder, rows)
    size = sum(file.stat().st_size for file in files) / 1e9
    _say(
        f"{rows:,} rows of {len(WANTED)} of GDELT's {len(COLUMNS)} columns, {size:.1f} GB, made in {time.perf_counter() - started:.0f} s"
    )
    whole = run("duckdb", files, folder / "whole.parquet")
    _say(_line("duckdb", rows, whole))
    tenth = {peer: run(peer, files[:1], folder / f"{peer}.parquet") for peer in PEERS}
    good = bool(whole["peak"] <= _LIMIT_MIB and whole["read"] == rows)
    for peer, took in tenth.items():
        _say(
            _line(peer, rows // _PARTS, took)
            + f", {took['seconds'] / tenth['duckdb']['seconds']:.1f} times DuckDB's time"
        )
        other = written(folder / f"{peer}.parquet")
        query = _DIFFER.format(one=folder / "duckdb.parquet", other=other, tolerance=_TOLERANCE)
        differ = duckdb.connect().execute(query).fetchall()[0][0]
        _say(f"  rows of the roll-up that differ from DuckDB's: {differ}")
        good = good and differ == 0
    _say("agreed, within 4 GiB" if good else "NOT agreed, or beyond 4 GiB")
    return good


def _line(peer: str, rows: int, took: dict[str, Any]) -> str:
    return (
        f"{peer}: {rows:,} rows into {took['rows']:,} in {took['seconds']:.1f} s"
        f" ({rows / took['seconds'] / 1e6:.2f} million a second), peak {took['peak']:,.0f} MiB"
    )


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
