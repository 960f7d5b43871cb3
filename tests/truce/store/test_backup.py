from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, Table, select

from tests.databases import Homes, tell
from tests.examples import a_truce, an_event
from tests.truce.store.test_store import a_model, an_entry
from truce.clock import end_of
from truce.errors import StoreTrouble, WrongFile
from truce.false_alarms import Judgement
from truce.settings import Settings
from truce.store import Store, open_store, schema
from truce.store import backup as backup_of
from truce.store.backup import backup, restore
from truce.store.bundles import LEAST
from truce.store.engine import Turn, make_engine, reading, writing
from truce.store.events import Wanted
from truce.store.feature_rows import pack
from truce.store.matches import Match
from truce.store.tables import metadata
from truce.store.webhooks import Alarm

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


def fill(store: Store) -> None:
    """Something in every table, with what is hard to spell."""
    twin = a_truce("theirs", coding="ccd")
    store.truces.put([a_truce(), twin], known_at=NOW, source="truces", written_by="cli")
    store.matches.put([Match("theirs", a_truce().truce_id, "near-1", 0.1 + 0.2)], written_by="cli")
    hard = 'a "quoted", tabbed\tand\nbroken \\N name of Ōsaka 🕊'
    events = [an_event("a", actor=hard, latitude=1 / 3), an_event("b", actor=None, deaths=0, iso3=()), an_event("c")]
    store.events.put(events, written_by="cli")
    store.events.retract("b", why=hard, known_at=NOW, written_by="cli")
    packed = replace(an_entry("f2"), features=pack("fs-1", (hard,), np.ones((1, 1)))[0], columns=(hard,))
    store.forecasts.append([an_entry("f1", hard), packed])
    store.forecasts.append([replace(packed, forecast_id=f"together-{k}", body=f"{hard} {k}") for k in range(LEAST)])
    store.models.publish(a_model("1"))
    store.models.move("champion", "1", by="cli", why=hard)
    store.keys.create(["events:write"])
    one = np.ones(1, dtype=np.int64)
    store.judgements.put("1", Judgement.of(one, one, np.zeros((1, 5)), np.zeros((1, 5), dtype=np.int64)))
    store.replays.keep("key", "once", "digest", hard)
    hook = store.webhooks.create(url=hard, truce_id=None, horizon=30, threshold=0.3, hysteresis=0.1, by="cli")
    store.webhooks.change(
        hook, "theirs", Alarm(0, raised=False), p=1 / 3, as_of=NOW, body=lambda name: f"{name} {hard}"
    )
    store.imports.log(source="s", files=[hard], digest="d", counts={"read": 1}, observed_to=date(2024, 1, 1))


def contents(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


@pytest.fixture
def engines(home: Settings, bare: Settings) -> Any:
    """A database with something in every table, and one without tables; both of one kind."""
    with open_store(home, lambda: NOW) as store:
        fill(store)
    made = make_engine(home.database_url), make_engine(bare.database_url)
    yield made
    for engine in made:
        engine.dispose()


def test_what_was_restored_is_what_was_backed_up_and_new_rows_come_after(
    engines: tuple[Engine, Engine], bare: Settings, tmp_path: Path
) -> None:
    full, blank = engines
    written = backup(full, tmp_path / "b.gz", lambda: NOW)
    assert restore(blank, tmp_path / "b.gz") == written
    assert contents(blank) == contents(full)
    assert all(contents(full).values()), "something in every table"
    with open_store(bare, lambda: NOW) as store:
        assert store.forecasts.verify().ok
        before = store.stamp()
        store.events.put([an_event("later")], written_by="cli")
        store.forecasts.append([an_entry("later")])
        assert store.stamp().events == before.events + 1
        assert store.forecasts.verify().checked == LEAST + 3
        assert store.forecasts.get("together-7").endswith(" 7")


def test_a_backup_moves_a_store_to_the_other_kind_of_database(
    engines: tuple[Engine, Engine], kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path}/other.db" if kind == "postgresql" else request.getfixturevalue("cluster").fresh()
    there = make_engine(other)
    backup(engines[0], tmp_path / "b.gz", lambda: NOW)
    restore(there, tmp_path / "b.gz")
    assert contents(there) == contents(engines[0])
    there.dispose()


def test_a_backup_of_an_older_revision_is_brought_to_this_code_s(bare: Settings, tmp_path: Path) -> None:
    old = tmp_path / "old.gz"
    events = (
        "seq",
        "event_id",
        "digest",
        "type",
        "modality",
        "occurred_on",
        "known_at",
        "stored_at",
        "iso3",
        "source",
        "written_by",
    )
    moment = "2015-01-10T00:00:00.000000Z"
    head = {"format": "trucecast-backup-1", "revision": "0001", "made_at": "2024-01-01", "tables": {"events": events}}
    row = [7, "a", "d", "assault", "actual", "2015-01-10", moment, moment, "AAA", "test", "cli"]
    seal(old, [head, {"table": "events"}, row], {"events": 1})
    engine = make_engine(bare.database_url)
    assert restore(engine, old).revision == "0001"
    assert schema.current(engine) == schema.newest()
    engine.dispose()
    with open_store(bare) as store:
        assert [(seq, event.known_at) for seq, event in store.events.load(Wanted())] == [(7, end_of(date(2015, 1, 9)))]


def test_a_backup_of_an_older_revision_fills_an_empty_database_of_that_revision(bare: Settings, tmp_path: Path) -> None:
    old, keys = tmp_path / "old.gz", ["id", "hash", "scopes", "created_at", "revoked_at"]
    head = {"format": "trucecast-backup-1", "revision": "0005", "made_at": "2026-01-01", "tables": {"keys": keys}}
    seal(old, [head, {"table": "keys"}, ["k", "h", "s", "2026-01-01T00:00:00.000000Z", None]], {"keys": 1})
    engine = make_engine(bare.database_url)
    with writing(engine, Turn.SCHEMA) as connection:
        schema.bring_to(connection, "0005")
    assert restore(engine, old).revision == "0005"
    assert schema.current(engine) == schema.newest()
    engine.dispose()


def test_what_is_in_memory_of_a_file_is_bounded_by_letters_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_of, "_LETTERS", 40)
    lines = [json.dumps({"format": "f"}), *(json.dumps(["x" * size]) for size in (90, 5, 5, 5, 5, 5, 90, 1))]
    chunks = list(backup_of._chunks(backup_of._Lines(), [line + "\n" for line in lines]))
    assert [[value if isinstance(value, dict) else len(value[0]) for value in chunk] for chunk in chunks] == [
        [{"format": "f"}], [90], [5, 5, 5, 5], [5, 90], [1],
    ]  # fmt: skip


def seal(path: Path, lines: list[Any], rows: dict[str, int]) -> None:
    """Write a backup by hand."""
    import hashlib

    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    tail = json.dumps({"rows": rows, "sha256": hashlib.sha256(text.encode()).hexdigest()})
    path.write_bytes(gzip.compress((text + tail + "\n").encode()))


def test_what_was_cut_or_changed_is_not_restored_and_leaves_nothing_behind(
    engines: tuple[Engine, Engine], tmp_path: Path
) -> None:
    full, blank = engines
    backup(full, tmp_path / "b.gz", lambda: NOW)
    whole = (tmp_path / "b.gz").read_bytes()
    text = gzip.decompress(whole).decode()
    spoiled = {
        "cut": whole[: len(whole) // 2],
        "without its end": gzip.compress("".join(text.splitlines(keepends=True)[:-1]).encode()),
        "a row less": gzip.compress(text.replace('[2,"b"', '[9,"b"').encode()),
        "another thing": b"a letter",
        "other JSON": gzip.compress(b'{"a":1}\n'),
        "of the future": gzip.compress(text.replace(schema.newest(), "9999", 1).encode()),
    }
    for name, content in spoiled.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WrongFile):
            restore(blank, tmp_path / name)
        assert schema.current(blank) is None, name


def test_a_database_that_holds_something_is_not_overwritten_and_neither_is_a_file(
    engines: tuple[Engine, Engine], tmp_path: Path
) -> None:
    full, _ = engines
    backup(full, tmp_path / "b.gz", lambda: NOW)
    before = contents(full)
    with pytest.raises(StoreTrouble, match="new database"):
        restore(full, tmp_path / "b.gz")
    assert contents(full) == before
    with pytest.raises(WrongFile, match="there already"):
        backup(full, tmp_path / "b.gz", lambda: NOW)


def test_an_empty_store_may_be_filled_from_a_backup(homes: Homes, tmp_path: Path) -> None:
    home = homes()
    engine = make_engine(home.database_url)
    with open_store(home, lambda: NOW) as store:
        fill(store)
    backup(engine, tmp_path / "b.gz", lambda: NOW)
    if engine.dialect.name == "sqlite":
        tell(home, *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)))
    else:
        homes()
    restore(engine, tmp_path / "b.gz")
    engine.dispose()
    with open_store(home) as store:
        assert store.forecasts.verify().checked == LEAST + 2


def test_two_that_write_the_same_backup_are_one_whole_file(
    engines: tuple[Engine, Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, empty = engines
    path, rows, told = tmp_path / "b.gz", backup_of._rows, []

    def while_another(connection: Connection, table: Table) -> Iterator[list[Any]]:
        monkeypatch.setattr(backup_of, "_rows", rows)
        told.append(backup(full, path, lambda: NOW))
        return rows(connection, table)

    monkeypatch.setattr(backup_of, "_rows", while_another)
    with pytest.raises(WrongFile, match="there already"):
        backup(full, path, lambda: NOW)
    assert restore(empty, path) == told[0]
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".part"] == []
