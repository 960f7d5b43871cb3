"""What PostgreSQL does otherwise than SQLite, and must not."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select

from tests.examples import a_truce, an_event
from tests.postgres import Cluster
from truce.errors import BadInput, StoreTrouble
from truce.settings import Settings
from truce.store import Store, open_store, postgres
from truce.store.engine import Turn, make_engine, reading, writing
from truce.store.events import Wanted
from truce.store.tables import events as table

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(home: Settings) -> Iterator[Store]:
    with open_store(home, lambda: NOW) as opened:
        yield opened


def test_texts_have_no_length(store: Store) -> None:
    long = an_event("x" * 80, actor="A" * 5000, source="s" * 300, iso3=tuple(f"A{k:02}" for k in range(99)))
    corrected = an_event("x" * 80, actor="B" * 5000, source="s" * 300, known_at=NOW)
    store.events.put([long], written_by="k" * 99)
    assert store.events.put([corrected], written_by="cli", correcting=True).changed == 1
    assert [event.actor for _, event in store.events.load(Wanted())] == ["A" * 5000, "B" * 5000]


def test_an_empty_text_and_none_stay_apart(store: Store) -> None:
    events = [an_event("a", actor="", iso3=()), an_event("b", actor=None), an_event("c", actor="\\N", source_ref='"')]
    store.events.put(events, written_by="cli")
    assert [event for _, event in store.events.load(Wanted())] == events


def test_a_reader_sees_one_moment_however_often_it_looks(store: Store, home: Settings) -> None:
    engine = make_engine(home.database_url)
    count = select(func.count()).select_from(table)
    with reading(engine) as connection:
        before = connection.execute(count).scalar_one()
        store.events.put([an_event("a")], written_by="cli")
        assert connection.execute(count).scalar_one() == before
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == before + 1
    engine.dispose()


def test_a_writer_sees_what_was_stored_while_it_waited_for_its_turn(store: Store, home: Settings) -> None:
    engine = make_engine(home.database_url)
    waiting = threading.Event()

    def put() -> int:
        waiting.set()
        return store.events.put([an_event("a")], written_by="second").unchanged

    with ThreadPoolExecutor(1) as pool, open_store(home, lambda: NOW) as other:
        with writing(engine, Turn.FACTS) as connection:
            done = pool.submit(put)
            waiting.wait(10)
            time.sleep(0.3)
            assert not done.done(), "it waits"
            connection.execute(select(func.count()).select_from(table))
        assert done.result(30) == 0
        assert other.events.put([an_event("a")], written_by="third").unchanged == 1
    engine.dispose()


def test_two_who_store_the_same_truces_at_once_make_one_version_of_each(home: Settings) -> None:
    truces = [a_truce(f"t{k}") for k in range(20)]
    with open_store(home, lambda: NOW) as one, open_store(home, lambda: NOW) as two, ThreadPoolExecutor(4) as pool:
        done = [
            pool.submit(store.truces.put, truces, known_at=NOW, source="t", written_by="cli")
            for store in (one, two, one, two)
        ]
        assert sorted(counts.result(60).new for counts in done) == [0, 0, 0, 20]
        assert one.truces.current() == truces


def test_what_does_not_open_is_said_in_one_line_with_its_cure(cluster: Cluster) -> None:
    good = make_url(cluster.url("postgres"))
    for url, cure in (
        (good.set(database="nobody"), "make the database first"),
        (good.set(password="wrong"), "check user and password"),
        (good.set(port=1), "check that its server runs"),
    ):
        with pytest.raises(StoreTrouble, match=cure) as refused:
            open_store(Settings(Path(), url.render_as_string(hide_password=False)))
        assert "\n" not in refused.value.detail
        assert "wrong" not in refused.value.detail


def test_a_text_with_nul_is_bad_input(cluster: Cluster, furnished: str, tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path, {"TRUCECAST_DATABASE_URL": cluster.fresh(furnished)})
    with open_store(home) as store, pytest.raises(BadInput, match="NUL"):
        store.events.put([an_event("a", actor="a\0b")], written_by="cli")


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+pg8000://u:p@h/d"])
def test_a_url_without_a_driver_gets_ours(url: str) -> None:
    assert make_engine(url).dialect.driver == "pg8000"


def test_libpq_s_words_on_encryption_are_understood() -> None:
    def asked(query: str) -> ssl.SSLContext | None:
        left, arguments = postgres._encrypted(make_url(f"postgresql+pg8000://u:p@h/d?{query}"))
        assert dict(left.query) == {}
        context: ssl.SSLContext | None = arguments.get("ssl_context")
        return context

    assert asked("") is asked("sslmode=disable") is None
    require, full = asked("sslmode=require"), asked("sslmode=verify-full")
    assert require is not None
    assert full is not None
    assert (require.verify_mode, require.check_hostname) == (ssl.CERT_NONE, False)
    assert (full.verify_mode, full.check_hostname) == (ssl.CERT_REQUIRED, True)
    with pytest.raises(StoreTrouble, match="sslmode"):
        make_engine("postgresql://u:p@h/d?sslmode=maybe")


def test_other_kinds_of_database_are_refused() -> None:
    with pytest.raises(StoreTrouble, match="neither sqlite nor postgresql"):
        make_engine("mysql://u:p@h/d")
