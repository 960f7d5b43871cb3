"""One expression on several engines. The golden SQL is written anew with TRUCECAST_WRITE_GOLDEN=1."""

from __future__ import annotations

import gc
import importlib.util
import math
import os
import random
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.training.rollup.gdelt_rows import line, write
from training.rollup.feeds import Feed
from training.rollup.lookups import cameo, cameo_keys, countries_of_interest, lookups
from training.rollup.staging import stage
from training.sources import gdelt, icews, polecat
from truce.errors import BadInput

ibis = pytest.importorskip("ibis")

from training.rollup import expression  # noqa: E402 - Ibis comes first
from training.rollup.engines import SETTING, Engine, open_engine  # noqa: E402

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
TODAY = date(2024, 6, 15)


def compiled(feed: Feed, dialect: str) -> str:
    raw = ibis.table(
        {"file": "string", "line": "int64", **dict.fromkeys(feed.layout.wanted, "string")}, name=f"{feed.name}_rows"
    )
    known = {name: ibis.table(dict(schema), name=name) for name, schema in expression.LOOKUP_SCHEMAS.items()}
    return f"{ibis.to_sql(expression.rolled_up(feed.common(raw), known, TODAY), dialect=dialect)}\n"


@pytest.mark.parametrize("dialect", ["bigquery", "trino"])
@pytest.mark.parametrize("feed", [gdelt.FEED, icews.FEED, polecat.FEED], ids=lambda feed: feed.name)
def test_the_roll_up_compiles_to_the_sql_on_file(feed: Feed, dialect: str) -> None:
    file = GOLDEN / f"rollup_{feed.name}_{dialect}.sql"
    sql = compiled(feed, dialect)
    if os.environ.get("TRUCECAST_WRITE_GOLDEN"):
        file.write_text(sql, encoding="utf-8")
    assert sql == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("oracle", "write duckdb, pyspark or an Ibis URL"),
        ("nosuch://host", "cannot be opened"),
        ("clickhouse://host/base", "not installed here"),
    ],
)
def test_an_engine_that_is_not_to_be_had_is_one_clear_error(tmp_path: Path, asked: str, reason: str) -> None:
    with pytest.raises(BadInput, match=rf"{SETTING}.*{reason}") as caught, open_engine(tmp_path, {SETTING: asked}):
        pass
    assert "\n" not in caught.value.detail


def test_an_engine_out_of_reach_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: str) -> None:
        raise ConnectionRefusedError("connection refused\nand forty lines of a driver's own")

    monkeypatch.setattr(ibis, "connect", refused)
    with pytest.raises(BadInput, match=r"asks for trino, which cannot be opened: connection refused$"):  # noqa: SIM117
        with open_engine(tmp_path, {SETTING: "trino://user:secret@host/catalog"}):
            pass


def test_duckdb_is_the_default_and_keeps_within_its_memory(tmp_path: Path) -> None:
    with open_engine(tmp_path, {}) as engine:
        settings = {
            name: engine.backend.raw_sql(f"SELECT current_setting('{name}')").fetchone()[0]
            for name in ("memory_limit", "threads", "preserve_insertion_order", "temp_directory")
        }
    assert settings == {
        "memory_limit": "2.0 GiB", "threads": 2, "preserve_insertion_order": False, "temp_directory": str(tmp_path / "duckdb"),
    }  # fmt: skip


def made(count: int) -> list[str]:
    rng = random.Random(7)
    codes = [one.code for one in cameo()] + ["", "9999"]
    countries = ["IRQ", "AFG", "SYR", "YEM", "BOL", ""]
    lines = []
    for n in range(count):
        one, other = rng.choice(countries), rng.choice(countries)
        lines.append(
            line(
                GLOBALEVENTID=str(n - (n % 50 == 0)), SQLDATE=rng.choice(["20200301", "20200302", "20200230", "2020-3-1"]),
                DATEADDED=rng.choice(["20200302144500", "20200303", "20200304000000", "20200304250000", ""]),
                Actor1Code=one + rng.choice(["", "GOV", "MIL", "REB"]), Actor1CountryCode=one,
                Actor1Name=rng.choice(["TALIBAN", "Hamas", "PRESIDENT", ""]),
                Actor2Code=other + rng.choice(["", "COP", "CVL"]), Actor2CountryCode=other, Actor2Name="FARMER",
                EventCode=rng.choice(codes), ActionGeo_CountryCode=rng.choice(["IZ", "SY", "??", ""]),
                GoldsteinScale=rng.choice(["-10.0", "3.4", "0.1", "", "high"]),
            )
        )  # fmt: skip
    return lines


def rolled(engine: Engine, files: list[Path], scratch: Path) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    known = expression.tables_of(lookups(cameo_keys(), countries_of_interest()))
    staged = stage(files, gdelt.FEED.layout, scratch)
    rows = gdelt.FEED.common(engine.table(staged.parts, staged.parquet, gdelt.WANTED))
    table = list(engine.fetch(expression.rolled_up(rows, known, TODAY)))
    refused = [tuple(row.values()) for row in engine.fetch(expression.rejects(rows, known, TODAY))]
    return sorted(table, key=lambda row: [str(row[name]) for name in sorted(row) if name != "goldstein"]), sorted(
        refused
    )


@pytest.fixture
def spark(tmp_path: Path) -> Iterator[Engine]:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: make test-slow does that")
    if shutil.which("java") is None:
        pytest.skip("there is no Java here, which Spark needs")
    with open_engine(tmp_path, {SETTING: "pyspark"}) as engine:
        yield engine
    _stop(engine.backend._session)


def _stop(session: Any) -> None:
    """Stop Spark and what it leaves behind, so that no later test is blamed for sockets of this one."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    session.stop()
    gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = None
    gc.collect()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_duckdb_and_spark_roll_up_alike_row_for_row(tmp_path: Path, spark: Engine) -> None:
    import pyarrow.parquet as pq

    lines = made(4000)
    text = write(tmp_path / "a.csv", lines[:2500])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (part,) = stage([write(tmp_path / "b.csv", lines[2000:])], gdelt.FEED.layout, scratch).parts
    theirs = tmp_path / "b.parquet"
    pq.write_table(pq.read_table(part).select(gdelt.WANTED), theirs)
    with open_engine(tmp_path, {}) as duckdb:
        here, refused_here = rolled(duckdb, [text, theirs], scratch)
    there, refused_there = rolled(spark, [text, theirs], scratch)
    assert len(here) == len(there) > 200
    assert sum(row["copies"] for row in here) == 4500
    for one, other in zip(here, there, strict=True):
        assert {**one, "goldstein": None} == {**other, "goldstein": None, "known_at": utc_less(other["known_at"])}
        assert (one["goldstein"] is None) == (other["goldstein"] is None)
        assert math.isclose(one["goldstein"] or 0.0, other["goldstein"] or 0.0, abs_tol=1e-9)
    assert refused_here == refused_there
    assert len(refused_here) > 500


def utc_less(moment: Any) -> Any:
    return moment if moment is None else moment.replace(tzinfo=None)
