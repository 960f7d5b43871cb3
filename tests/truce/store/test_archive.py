from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.databases import tell
from tests.truce.store.test_store import PACKED, an_entry
from truce.errors import BadInput
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.seals import FIRST

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(home: Settings) -> Iterator[Store]:
    with open_store(home, lambda: NOW) as opened:
        yield opened


def test_an_entry_of_the_first_revisions_still_has_the_hash_it_was_stored_with() -> None:
    # Computed by the code of revision 0002, before entries had anchors and vintages.
    assert an_entry().sealed(FIRST) == "fa5c33aed21790c633996552cb7d1ef3110c8b649a4e627b8f0231ecc3682737"


@pytest.mark.parametrize("features", ["{}", PACKED])
def test_what_an_entry_declares_and_names_is_part_of_its_hash(features: str) -> None:
    entry = replace(an_entry(), features=features)
    changed: list[dict[str, Any]] = [
        {name: f"{getattr(entry, name)}x"}
        for name in ("forecast_id", "kind", "truce_id", "model_version", "rule", "history_digest", "features", "body")
    ]
    moments: list[dict[str, Any]] = [{name: NOW + timedelta(days=1)} for name in ("as_of", "issued_at")]
    seals = {
        entry.sealed(FIRST),
        replace(entry, vintage_days=30).sealed(FIRST),
        replace(entry, vintage_days=31).sealed(FIRST),
        entry.sealed(FIRST, "ab"),
        entry.sealed("1" * 64),
        *(replace(entry, **one).sealed(FIRST) for one in changed),
        *(replace(entry, **one).sealed(FIRST) for one in moments),
    }
    assert len(seals) == 15


def test_a_chain_that_is_taken_away_is_missed_by_the_one_written_after_it(home: Settings) -> None:
    for k in range(3):
        with open_store(home, lambda: NOW) as store:
            store.forecasts.append([an_entry(f"{k}-{n}") for n in range(3)])
            assert store.forecasts.verify().ok
    tell(home, "DELETE FROM forecasts WHERE forecast_id LIKE '1-%'")
    with open_store(home) as store:
        verdict = store.forecasts.verify()
    assert (verdict.ok, verdict.first_broken) == (False, "2-0")
    assert "is gone" in str(verdict.why)


def test_the_end_of_a_chain_that_is_cut_off_is_missed_too(home: Settings) -> None:
    with open_store(home) as one, open_store(home) as two:
        for k in range(4):
            one.forecasts.append([an_entry(f"one-{k}")])
            two.forecasts.append([an_entry(f"two-{k}")])
        tell(home, "DELETE FROM forecasts WHERE forecast_id = 'one-3'")
        assert one.forecasts.verify().first_broken == "two-3"


def test_an_anchor_names_what_was_not_named_before_and_nothing_of_its_own(home: Settings) -> None:
    with open_store(home) as one, open_store(home) as two:
        one.forecasts.append([an_entry("a"), an_entry("b")])
        two.forecasts.append([an_entry("c"), an_entry("d")])
        two.forecasts.append([an_entry("e")])
        one.forecasts.append([an_entry("f")])
        rows = {row.forecast_id: row for row in one.forecasts._walk()}
    assert [rows[name].anchors for name in "abde"] == [None] * 4
    assert rows["c"].anchors == rows["b"].hash
    assert rows["f"].anchors == rows["e"].hash


def test_the_newest_hash_kept_elsewhere_shows_that_the_newest_entries_are_still_there(
    store: Store, home: Settings
) -> None:
    store.forecasts.append([an_entry("a"), an_entry("b")])
    kept = store.forecasts.verify().newest
    assert kept is not None
    store.forecasts.append([an_entry("c")])
    assert store.forecasts.verify(holds=kept).ok
    tell(home, "DELETE FROM forecasts WHERE forecast_id IN ('b', 'c')")
    assert store.forecasts.verify().ok, "nobody named them"
    assert not store.forecasts.verify(holds=kept).ok
    assert not store.forecasts.verify(holds="ff").ok


def test_writers_that_archive_the_same_in_the_same_moment_store_it_once_and_every_chain_holds(home: Settings) -> None:
    """Two replicas with four threads each, all of them asked the same hundred questions in batches."""
    batches = [[an_entry(f"f{k + n}", body=f"{k + n}") for n in range(5)] for k in range(0, 100, 4)]
    start = threading.Barrier(8)

    def work(replica: Store, order: int) -> list[list[str]]:
        start.wait(30)
        return [replica.forecasts.append(batch) for batch in batches[::order]]

    with open_store(home) as one, open_store(home) as two, ThreadPoolExecutor(8) as pool:
        done = [pool.submit(work, replica, order) for replica in (one, two) for order in (1, -1, 1, -1)]
        for order, answers in zip((1, -1, 1, -1) * 2, done, strict=True):
            assert answers.result(60) == [[entry.body for entry in batch] for batch in batches[::order]]
        verdict = one.forecasts.verify()
        assert (verdict.ok, verdict.checked) == (True, 101)


def test_a_clock_that_jumps_back_leaves_chains_that_hold_and_forecasts_that_stand(home: Settings) -> None:
    hands = [NOW, NOW - timedelta(days=400), NOW + timedelta(days=1)]
    with open_store(home, lambda: hands[0]) as store:
        for k in range(3):
            store.forecasts.append([an_entry(f"f{k}")])
            hands.append(hands.pop(0))
        assert [datetime.fromisoformat(row.stored_at) for row in store.forecasts._walk()] == hands
        assert store.forecasts.verify().ok
        assert store.forecasts.append([an_entry("f1", body="another")]) == ['{"p":1}']


@pytest.mark.parametrize("column", ["as_of", "issued_at", "stored_at", "body"])
def test_an_entry_that_was_spoilt_is_named_whatever_was_written_into_it(home: Settings, column: str) -> None:
    with open_store(home, lambda: NOW) as store:
        store.forecasts.append([an_entry(f"f-{k}") for k in range(3)])
        tell(home, f"UPDATE forecasts SET {column} = 'garbage' WHERE forecast_id = 'f-1'")
        verdict = store.forecasts.verify()
    assert (verdict.ok, verdict.checked, verdict.first_broken) == (False, 1, "f-1")


def test_what_is_no_hash_cannot_be_held_against_the_archive(store: Store) -> None:
    with pytest.raises(BadInput, match="64 hexadecimal digits"):
        store.forecasts.verify(holds="zz")
