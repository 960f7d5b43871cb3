from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from tests import crash
from tests.databases import Homes, tell
from tests.examples import EVENTS, TRUCES, a_truce, an_event
from truce.clock import end_of
from truce.columns import EventColumns
from truce.errors import BadInput, Clash, Denied, StoreTrouble, Unknown
from truce.settings import Settings
from truce.store import Store, open_store, schema
from truce.store.engine import make_engine
from truce.store.events import Wanted
from truce.store.feature_rows import pack
from truce.store.models import Published
from truce.store.seals import Entry
from truce.vocabulary import Event, Outcome, Truce

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(home: Settings) -> Iterator[Store]:
    with open_store(home, lambda: NOW) as opened:
        yield opened


(PACKED,) = pack("fs-1", ("a",), np.array([[1.5]]))


def an_entry(forecast_id: str = "f1", body: str = '{"p":1}') -> Entry:
    return Entry(
        forecast_id=forecast_id, kind="replay", truce_id="t", as_of=NOW, issued_at=NOW, model_version="1", rule="chronicle-1",
        history_digest="d", features="{}", body=body,
    )  # fmt: skip


def a_model(version: str, body: str = "{}") -> Published:
    return Published(
        version=version, name="n", family="cox", rule="chronicle-1", feature_set="fs", trained_to=date(2024, 1, 1), run_id=None,
        body=body, published_at=NOW,
    )  # fmt: skip


@given(EVENTS)
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_come_back_as_they_were_and_a_second_put_adds_nothing(homes: Homes, events: list[Event]) -> None:
    fresh = [replace(event, retracted_at=None) for event in {e.event_id: e for e in events}.values()]
    with open_store(homes(), lambda: NOW) as store:
        first, second = (store.events.put(fresh, written_by="cli") for _ in range(2))
        assert (first.new, second.new, second.unchanged) == (len(fresh), 0, len(fresh))
        assert [event for _, event in store.events.load(Wanted())] == fresh
        ours, theirs = store.events.arrays(), EventColumns.of(fresh)
        for name in ("event_id", "iso3", "actor", "known_at", "occurred_on", "deaths"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


@given(TRUCES)
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_truces_come_back_as_they_were(homes: Homes, truces: list[Truce]) -> None:
    with open_store(homes(), lambda: NOW) as store:
        counts = store.truces.put(truces, known_at=NOW, source="truces", written_by="cli")
        again = store.truces.put(truces, known_at=NOW, source="truces", written_by="cli")
        assert (counts.new, again.new, again.changed, again.unchanged) == (len(truces), 0, 0, len(truces))
        assert store.truces.current() == truces


def test_an_event_without_an_id_gets_the_same_one_every_time(store: Store) -> None:
    event = an_event("", source_ref="r1")
    store.events.put([event], written_by="cli")
    assert store.events.put([event], written_by="cli").unchanged == 1


def test_the_same_id_with_other_content_is_a_clash_and_nothing_is_written(store: Store) -> None:
    store.events.put([an_event("a")], written_by="cli")
    with pytest.raises(Clash):
        store.events.put([an_event("new"), an_event("a", deaths=9)], written_by="cli")
    assert [event.event_id for _, event in store.events.load(Wanted())] == ["a"]


def test_a_feed_s_correction_is_a_new_row_and_the_old_one_stands_until_it_was_known(store: Store) -> None:
    old = an_event("a", deaths=3)
    new = replace(old, deaths=7, known_at=end_of(date(2015, 2, 1)))
    store.events.put([old], written_by="cli")
    counts = store.events.put([new], written_by="cli", correcting=True)
    again = store.events.put([new], written_by="cli", correcting=True)
    assert (counts.changed, again.changed, again.unchanged) == (1, 0, 1)
    before = store.events.load(Wanted(known_by=end_of(date(2015, 1, 31))))
    after = store.events.load(Wanted(known_by=end_of(date(2015, 2, 1))))
    assert [event.deaths for _, event in before] == [3]
    assert [event.deaths for _, event in after] == [7]


def test_a_retraction_counts_from_its_moment_and_twice_is_once(store: Store) -> None:
    store.events.put([an_event("a")], written_by="cli")
    first = store.events.retract("a", why="it was a drill", known_at=NOW, written_by="cli")
    again = store.events.retract("a", why="for another reason", known_at=NOW + timedelta(days=1), written_by="cli")
    assert (first.known_at, first.why, first.new) == (again.known_at, again.why, True) == (NOW, "it was a drill", True)
    assert not again.new
    assert store.events.load(Wanted(known_by=NOW - timedelta(seconds=1)))[0][1].event_id == "a"
    assert store.events.load(Wanted(known_by=NOW)) == []
    assert store.events.arrays().retracted_at.tolist() == [NOW.replace(tzinfo=None)]
    with pytest.raises(Unknown):
        store.events.retract("nobody", why="-", known_at=NOW, written_by="cli")


def test_the_mark_of_corrected_versions_is_no_part_of_an_id(store: Store) -> None:
    with pytest.raises(BadInput):
        store.events.put([an_event("a~2")], written_by="cli")


def test_a_changed_truce_is_a_new_version_known_from_its_own_moment(store: Store) -> None:
    first = a_truce()
    ended = replace(first, outcome=Outcome.BROKE, end_date=date(2015, 3, 1), end_known_at=NOW)
    store.truces.put([first], known_at=NOW - timedelta(days=400), source="truces", written_by="cli")
    store.truces.put([ended], known_at=NOW, source="cli", written_by="cli")
    assert store.truces.as_known(NOW - timedelta(seconds=1)) == [first]
    assert store.truces.as_known(datetime(1999, 1, 1, tzinfo=UTC)) == [first]
    assert store.truces.as_known(NOW) == [ended]
    assert store.truces.get(first.truce_id) == ended


def test_the_same_forecast_is_stored_once_and_keeps_its_first_body(store: Store) -> None:
    assert store.forecasts.append([an_entry(body="first")]) == ["first"]
    assert store.forecasts.append([an_entry(body="second"), an_entry("f2", "other")]) == ["first", "other"]
    assert store.forecasts.get("f1") == "first"
    assert store.forecasts.counts() == {"replay": 2}
    with pytest.raises(Unknown):
        store.forecasts.get("nobody")


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("UPDATE forecasts SET body = 'lies' WHERE forecast_id = 'f2'", "f2"),
        ("DELETE FROM forecasts WHERE forecast_id = 'f2'", "f3"),
        ("UPDATE forecasts SET as_of = '2001-01-01T00:00:00.000000Z' WHERE forecast_id = 'f3'", "f3"),
        ("UPDATE forecasts SET anchors = '' WHERE forecast_id = 'f2'", "f2"),
    ],
    ids=["body", "removed", "date", "anchors"],
)
@pytest.mark.parametrize("features", ["{}", PACKED], ids=["in words", "packed"])
def test_verify_names_the_first_link_that_was_tampered_with(
    store: Store, home: Settings, features: str, tampering: str, named: str
) -> None:
    store.forecasts.append([replace(an_entry(each), features=features, columns=("a",)) for each in ("f1", "f2", "f3")])
    assert store.forecasts.verify().ok
    tell(home, tampering)
    verdict = store.forecasts.verify()
    assert (verdict.ok, verdict.first_broken) == (False, named)


def test_each_opened_store_writes_its_own_chain_and_all_of_them_hold(home: Settings) -> None:
    for k in range(3):
        with open_store(home, lambda: NOW) as store:
            store.forecasts.append([an_entry(f"{k}-{n}") for n in range(3)])
    with open_store(home, lambda: NOW) as store:
        verdict = store.forecasts.verify()
    assert (verdict.ok, verdict.checked) == (True, 9)


def test_an_alias_remembers_where_it_points_and_a_version_keeps_its_numbers(store: Store) -> None:
    assert store.models.current("champion") is None
    store.models.publish(a_model("1"))
    store.models.publish(a_model("2", '{"b":1}'))
    store.models.move("champion", "1", by="cli", why="first")
    before = store.models.stamp("champion")
    store.models.move("champion", "2", by="cli", why="better")
    assert store.models.stamp("champion")[0] > before[0]
    current = store.models.current("champion")
    assert current is not None
    assert current.body == '{"b":1}'
    with pytest.raises(Clash):
        store.models.publish(a_model("2", '{"b":2}'))
    with pytest.raises(Unknown):
        store.models.move("champion", "9", by="cli", why="-")


def test_a_key_opens_what_its_scopes_say_and_nothing_after_it_is_revoked(store: Store) -> None:
    key_id, key = store.keys.create(["events:write"])
    assert store.keys.authenticate(key, "events:write") == key_id
    assert key not in repr(store.keys.list())
    for wrong, scope, code in (
        (None, "events:write", "missing_key"),
        (key + "x", "events:write", "bad_key"),
        (f"tc_{key_id}_", "events:write", "bad_key"),
        ("tc_nobody_secret", "events:write", "bad_key"),
        (key, "models:admin", "missing_scope"),
    ):
        with pytest.raises(Denied) as denied:
            store.keys.authenticate(wrong, scope)
        assert denied.value.code == code
    store.keys.revoke(key_id)
    with pytest.raises(Denied) as denied:
        store.keys.authenticate(key, "events:write")
    assert denied.value.code == "revoked_key"
    with pytest.raises(BadInput):
        store.keys.create(["everything"])


def test_the_secret_of_a_key_is_nowhere_in_the_database(tmp_path: Path) -> None:
    with open_store(Settings.from_environment(tmp_path, {})) as store:
        _, key = store.keys.create(["events:write"])
    secret = key.split("_", 2)[2].encode()
    for file in (tmp_path / "var").iterdir():
        assert secret not in file.read_bytes()


def test_the_tables_in_code_are_the_tables_that_the_revisions_make(home: Settings, store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from truce.store.tables import metadata

    engine = make_engine(home.database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_database_of_another_revision_is_refused_with_the_cure(home: Settings, store: Store) -> None:
    tell(home, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTrouble, match="newer trucecast"):
        open_store(home)
    tell(home, f"UPDATE alembic_version SET version_num = '{schema.newest()}'")
    open_store(home).close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "trucecast.db").write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(StoreTrouble):
        open_store(Settings.from_environment(tmp_path, {}))


def test_a_database_url_of_no_known_kind_is_refused() -> None:
    with pytest.raises(StoreTrouble):
        make_engine("no such thing")


def _open(home: Settings) -> None:
    open_store(home).close()


def test_several_processes_may_open_a_fresh_home_at_once(bare: Settings) -> None:
    workers = [crash.context().Process(target=_open, args=(bare,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
