"""A newcomer's first hour: each tutorial is done as it is written, one after the other where it says so."""

from __future__ import annotations

import fcntl
import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.postgres import Cluster
from tests.tutorials import pages

FIRST, OWN, POSTGRES = "first-forecast.md", "bring-your-own-truce.md", "postgresql.md"
RETRAIN, PROMOTE, RELIABILITY, SPARK = (
    "retrain-and-compare.md",
    "promote-and-roll-back.md",
    "reliability-diagram.md",
    "spark.md",
)
Done = Callable[..., Path]


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Done:
    """Does a tutorial once in all processes of this run, in a copy of the home where an earlier one ended; gives its home."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "tutorials"  # of this run, and of no earlier one
    shared.mkdir(exist_ok=True)

    def do(page: str, after: Path | None = None) -> Path:
        home = shared / page
        with (shared / f"{page}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / f"{page}.done").exists():
                shutil.rmtree(home, ignore_errors=True)
                _copy(after, home)
                pages.run(pages.DOCS / "tutorials" / page, home)
                (shared / f"{page}.done").touch()
        return home

    return do


def _copy(left: Path | None, home: Path) -> None:
    """What a reader has after a tutorial: a database, runs and files."""
    if left is None:
        home.mkdir()
    else:
        shutil.copytree(left, home, symlinks=True)


def test_a_first_forecast_is_given(done: Done) -> None:
    done(FIRST)


@pytest.mark.slow
def test_a_truce_of_ones_own_is_forecast_with_events_of_ones_own(done: Done) -> None:
    done(OWN, done(FIRST))


@pytest.mark.slow
def test_the_store_moves_to_postgresql_and_is_served(done: Done, cluster: Cluster, tmp_path: Path) -> None:
    home = tmp_path / "home"
    _copy(done(FIRST), home)
    page = pages.DOCS / "tutorials" / POSTGRES
    pages.run(page, home, {"TRUCECAST_DATABASE_URL": cluster.fresh()})


@pytest.mark.slow
def test_models_are_retrained_compared_promoted_and_rolled_back(done: Done) -> None:
    done(PROMOTE, done(RETRAIN, done(FIRST)))


@pytest.mark.slow
def test_a_reliability_diagram_is_read(done: Done) -> None:
    done(RELIABILITY, done(FIRST))


@pytest.mark.slow
def test_a_feed_is_rolled_up_on_spark_as_on_duckdb(done: Done) -> None:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: make test-slow does that")
    if shutil.which("java") is None:
        pytest.skip("there is no Java here, which Spark needs")
    done(SPARK, done(FIRST))


def test_every_tutorial_is_done_by_a_test_of_this_file() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    assert [page.name for page in (pages.DOCS / "tutorials").glob("*.md") if f'"{page.name}"' not in here] == []


@pytest.mark.parametrize(
    ("shown", "said", "missing"),
    [
        (["3 new, ..."], "3 new, 0 changed\n", []),
        (["│ a │ 1 │"], "┃ a ┃    1 ┃\n", []),
        (["first", "second"], "second\nfirst\n", ["second"]),
        (["3 new"], "3 new, 0 changed\n", ["3 new"]),
    ],
)
def test_what_a_page_shows_must_have_been_printed(shown: list[str], said: str, missing: list[str]) -> None:
    assert pages.unsaid(pages.Block("", tuple(shown)), said) == missing


def test_a_page_whose_command_fails_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\necho one\nfalse\n```\n```sh\necho two\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="stopped in block 1"):
        pages.run(page, tmp_path)
