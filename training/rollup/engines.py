"""Where a big feed is rolled up: DuckDB inside this process, or an engine that a user runs already.

TRUCECAST_FEED_ENGINE is ``duckdb`` (the default), ``pyspark`` (a session in this machine, or the one that is active) or an
Ibis URL such as ``trino://user@host:8080/catalog/schema`` or ``bigquery://project/dataset``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow.dataset as ds

from truce.errors import BadInput

SETTING = "TRUCECAST_FEED_ENGINE"
MEMORY = "2GiB"
"""What DuckDB may hold before it writes to its temporary folder; the process around it needs a little more."""
THREADS = 2


@dataclass(frozen=True, slots=True)
class Engine:
    """An open engine. ``backend`` is Ibis's."""

    name: str
    backend: Any

    def table(self, parts: Sequence[Path], parquet: Sequence[Path], wanted: Sequence[str]) -> Any:
        """The rows of staged parts and of a user's Parquet as one table: file, line and the ``wanted`` columns, as text."""
        tables = []
        if parts:
            tables.append(self._scan(parts, own=True))
        if parquet:
            theirs = self._scan(parquet, own=False)
            tables.append(theirs.mutate(file=theirs.file.re_replace("^.*/", "")))
        chosen = [
            table.select("file", line=table.line.cast("int64"), **{c: table[c].cast("string") for c in wanted})
            for table in tables
        ]
        return ibis.union(*chosen) if len(chosen) > 1 else chosen[0]

    def fetch(self, expression: Any) -> Iterator[dict[str, Any]]:
        """The rows of an expression, one after the other."""
        for batch in self.backend.to_pyarrow(expression).to_batches(max_chunksize=10_000):
            yield from batch.to_pylist()

    def _scan(self, files: Sequence[Path], *, own: bool) -> Any:
        names = [str(file) for file in files]
        if self.name == "duckdb":
            if own:
                return self.backend.read_parquet(names)
            table = self.backend.read_parquet(names, filename=True, file_row_number=True)
            return table.mutate(file=table.filename, line=table.file_row_number + 1)
        if self.name == "pyspark":
            return self._spark_scan(names, own=own)
        table = ds.dataset(names).to_table()
        if not own:
            table = table.append_column("file", [[""] * len(table)]).append_column(
                "line", [list(range(1, len(table) + 1))]
            )
        return ibis.memtable(table)

    def _spark_scan(self, names: Sequence[str], *, own: bool) -> Any:
        frame = self.backend._session.read.parquet(*names)  # noqa: SLF001 - Ibis's reader takes one path and no metadata
        if not own:
            frame = frame.selectExpr("*", "_metadata.file_name as file", "_metadata.row_index + 1 as line")
        view = ibis.util.gen_name("feed")
        frame.createOrReplaceTempView(view)
        return self.backend.table(view)


@contextmanager
def open_engine(scratch: Path, environment: Mapping[str, str] = os.environ) -> Iterator[Engine]:
    """Open the engine that the environment names; ``scratch`` is where it may write.

    Raises:
        BadInput: no such engine, not installed, or not to be reached.
    """
    asked = environment.get(SETTING) or "duckdb"
    engine = _opened(asked, scratch)
    try:
        yield engine
    finally:
        # A Spark session is costly to start and may be somebody else's: it ends with the process.
        if engine.name != "pyspark":
            engine.backend.disconnect()


def _opened(asked: str, scratch: Path) -> Engine:
    if asked != "duckdb" and asked != "pyspark" and "://" not in asked:  # noqa: PLR1714 - reads as it is meant
        raise BadInput(
            f"{SETTING} is {asked!r}: write duckdb, pyspark or an Ibis URL such as trino://...", code="bad_setting"
        )
    name = asked.partition(":")[0]
    try:
        if asked == "duckdb":
            return Engine(name, _duckdb(scratch))
        return Engine(name, _spark() if asked == "pyspark" else ibis.connect(asked))
    except ImportError as trouble:
        raise BadInput(
            f"{SETTING} asks for {name}, which is not installed here ({_first_line(trouble)}): install it, or unset {SETTING}",
            code="no_engine",
        ) from None
    except Exception as trouble:  # noqa: BLE001 - every driver has errors of its own
        raise BadInput(
            f"{SETTING} asks for {name}, which cannot be opened: {_first_line(trouble)}", code="no_engine"
        ) from None


def _first_line(trouble: Exception) -> str:
    return str(trouble).strip().partition("\n")[0] or type(trouble).__name__


def _duckdb(scratch: Path) -> Any:
    return ibis.duckdb.connect(
        memory_limit=MEMORY, threads=THREADS, preserve_insertion_order=False, temp_directory=str(scratch / "duckdb")
    )


def _spark() -> Any:
    from pyspark.sql import SparkSession

    settings = {
        "spark.master": f"local[{THREADS}]",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.sql.warehouse.dir": tempfile.gettempdir(),
        "spark.sql.shuffle.partitions": str(4 * THREADS),
    }
    session = SparkSession.getActiveSession()
    if session is None:
        builder = SparkSession.builder.appName("trucecast")
        for key, value in settings.items():
            builder = builder.config(key, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return ibis.pyspark.connect(session=session)
