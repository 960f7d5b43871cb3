from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.examples import a_truce
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.matches import Match

NOW = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(Settings.from_environment(tmp_path, {}), lambda: NOW) as opened:
        truces = [a_truce("ours"), a_truce("theirs", coding="ccd"), a_truce("third", coding="pax")]
        opened.truces.put(truces, known_at=NOW, source="truces", written_by="cli")
        yield opened


def shown(store: Store) -> list[str]:
    return [truce.truce_id for truce in store.truces.current()]


def test_a_match_hides_a_truce_without_losing_it_and_the_latest_word_counts(store: Store) -> None:
    word = Match("theirs", "ours", "near-1", 0.9)
    assert store.matches.put([word], written_by="cli") == 1
    assert store.matches.put([word], written_by="cli") == 0, "what is said is not said again"
    assert shown(store) == ["ours", "third"]
    assert [truce.truce_id for truce in store.truces.everything()] == ["ours", "theirs", "third"]
    assert [truce.truce_id for truce in store.truces.everything(NOW)] == ["ours", "theirs", "third"]
    store.matches.put([Match("theirs", None, "reviewed", 1.0)], written_by="cli")
    assert shown(store) == ["ours", "theirs", "third"]


def test_what_is_the_same_as_a_third_is_the_same_as_that_one(store: Store) -> None:
    store.matches.put(
        [Match("third", "theirs", "near-1", 0.9), Match("theirs", "ours", "near-1", 0.9)], written_by="cli"
    )
    assert store.truces.same_as() == {"third": "ours", "theirs": "ours"}
    assert [truce.truce_id for truce in store.truces.twins(NOW)["ours"]] == ["theirs", "third"]
    assert shown(store) == ["ours"]
