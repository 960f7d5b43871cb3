"""Forecasts that are made together are stored together, and each is found, replayed and verified as if it stood alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.databases import tell
from tests.truce.store.test_store import NOW, an_entry
from truce.errors import BadInput, StoreTrouble
from truce.settings import Settings
from truce.store import Store, open_store
from truce.store.bundles import LEAST, MOST, bundled
from truce.store.engine import reading
from truce.store.feature_rows import pack
from truce.store.seals import Entry
from truce.store.tables import bundles, forecasts

NAMES = ("a", "b", "c")


def some(count: int, start: int = 0, kind: str = "replay") -> list[Entry]:
    """Forecasts with a packed row each, no two alike."""
    values = np.arange(start, start + count)[:, None] * np.array([0.0, 1.5, np.nan])
    rows = pack("fs-1", NAMES, values)
    return [
        replace(
            an_entry(f"f{k}", f'{{"p":0.{k},"name":"Ōsaka 🕊 \\\\u0000"}}'),
            kind=kind, as_of=NOW + timedelta(days=k), features=row, columns=NAMES,
        )
        for k, row in enumerate(rows, start=start)
    ]  # fmt: skip


def count_of(home: Settings) -> int:
    with open_store(home) as store, reading(store._engine) as connection:
        return int(connection.execute(select(func.count()).select_from(bundles)).scalar_one())


def test_each_comes_back_byte_for_byte_wherever_it_is_sought(home: Settings) -> None:
    together, alone = some(2 * MOST + 3, kind="issued"), [an_entry("words"), *some(2, start=9000)]
    bodies = [entry.body for entry in together]
    with open_store(home) as store:
        assert store.forecasts.append(together) == bodies
        store.forecasts.append(alone)
        assert count_of(home) == 3
        assert [store.forecasts.get(entry.forecast_id) for entry in together] == bodies
        assert [body for *_, body in store.forecasts.find()] == bodies + [entry.body for entry in alone]
        assert [body for *_, body in store.forecasts.find(start=NOW + timedelta(days=95), limit=7)] == bodies[95:102]
        assert [body for body, _ in store.forecasts.issued()] == bodies
        assert store.forecasts.features("f101") == {"a": 0.0, "b": 101 * 1.5, "c": None}
        assert store.forecasts.features("f9001") == {"a": 0.0, "b": 9001 * 1.5, "c": None}
        assert (store.forecasts.verify().ok, store.forecasts.verify().checked) == (True, len(together) + 3)


def test_few_and_those_in_words_stay_as_they_are(home: Settings) -> None:
    with open_store(home) as store:
        store.forecasts.append(some(LEAST - 1))
        store.forecasts.append([an_entry(f"words-{k}") for k in range(LEAST)])
        assert count_of(home) == 0
        store.forecasts.append([*some(LEAST, start=100), *(an_entry(f"more-{k}") for k in range(3))])
        assert count_of(home) == 1
        assert store.forecasts.get("more-2") == an_entry().body
        assert store.forecasts.verify().ok


def test_what_is_there_keeps_its_first_body_and_only_the_rest_is_stored(home: Settings) -> None:
    first = some(LEAST)
    again = [replace(entry, body='{"p":"another"}') for entry in first]
    with open_store(home) as store:
        store.forecasts.append(first)
        said = store.forecasts.append([*again, *some(LEAST, start=LEAST)])
        assert said == [entry.body for entry in some(2 * LEAST)]
        assert count_of(home) == 2
        assert store.forecasts.verify().checked == 2 * LEAST


def test_a_bundle_that_an_undone_writing_left_is_used_again(home: Settings) -> None:
    """A key of another table clashed, or a restored copy had lost its rows: the same forecasts make the same bundle."""
    with open_store(home) as store:
        store.forecasts.append(some(LEAST))
    tell(home, "DELETE FROM forecasts")
    with open_store(home) as store:
        store.forecasts.append(some(LEAST))
        assert store.forecasts.verify().checked == LEAST
    assert count_of(home) == 1


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("DELETE FROM bundles WHERE digest = {second}", MOST),
        ("UPDATE bundles SET bodies = features WHERE digest = {second}", MOST),
        ("UPDATE bundles SET features = '' WHERE digest = {second}", MOST),
        ("UPDATE bundles SET bodies = (SELECT bodies FROM bundles WHERE digest = {first}) WHERE digest = {second}", MOST),
        ("UPDATE forecasts SET body = (SELECT body FROM forecasts WHERE forecast_id = 'f1') WHERE forecast_id = 'f5'", 5),
        ("UPDATE forecasts SET body = '{{}}' WHERE forecast_id = 'f5'", 5),
    ],
    ids=["gone", "no bodies", "no rows", "those of another", "another's place", "words instead"],
)  # fmt: skip
def test_verify_names_the_first_forecast_that_is_not_what_was_stored(
    home: Settings, tampering: str, named: int
) -> None:
    with open_store(home) as store:
        store.forecasts.append(some(2 * MOST))
        first, second = digests(store, "f0"), digests(store, f"f{MOST}")
    tell(home, tampering.format(first=f"'{first}'", second=f"'{second}'"))
    with open_store(home) as store:
        verdict = store.forecasts.verify()
        assert (verdict.ok, verdict.first_broken) == (False, f"f{named}")


@pytest.mark.parametrize(
    "content", ["''", "'%%'", "'AAAA'", "'KLUv/SAAAQAA'"], ids=["none", "no base64", "no zstd", "another"]
)
def test_a_spoilt_bundle_is_said_in_one_line_and_the_others_are_read(home: Settings, content: str) -> None:
    with open_store(home) as store:
        store.forecasts.append(some(MOST + LEAST))
        digest = digests(store, "f0")
    tell(home, f"UPDATE bundles SET bodies = {content}, features = {content} WHERE digest = '{digest}'")
    with open_store(home) as store:
        for ask in (store.forecasts.get, store.forecasts.features):
            with pytest.raises(StoreTrouble, match="is gone or was changed") as refusal:
                ask("f3")
            assert "\n" not in refusal.value.detail
        assert store.forecasts.get(f"f{MOST}") == some(1, start=MOST)[0].body


def test_what_breaks_first_is_named_though_something_later_is_broken_too(home: Settings) -> None:
    with open_store(home) as store:
        store.forecasts.append(some(2 * MOST))
        second = digests(store, f"f{MOST}")
    tell(
        home,
        f"DELETE FROM bundles WHERE digest = '{second}'",
        f"UPDATE forecasts SET rule = 'another' WHERE forecast_id = 'f{2 * MOST - 1}'",
    )
    with open_store(home) as store:
        verdict = store.forecasts.verify()
        assert (verdict.checked, verdict.first_broken) == (MOST, f"f{MOST}")


def test_a_bundle_that_was_forged_whole_is_not_read(home: Settings) -> None:
    with open_store(home) as store:
        store.forecasts.append(some(LEAST))
        digest = digests(store, "f0")
        (_, (forged,)) = bundled([replace(entry, body='{"p":"forged"}') for entry in some(LEAST)])
    tell(home, f"UPDATE bundles SET bodies = '{forged[2]}' WHERE digest = '{digest}'")
    with open_store(home) as store:
        for ask in (store.forecasts.get, store.forecasts.features):
            with pytest.raises(StoreTrouble, match="was changed"):
                ask("f3")
        with pytest.raises(StoreTrouble, match="was changed"):
            store.forecasts.append(some(LEAST))
        assert store.forecasts.verify().first_broken == "f0"


@pytest.mark.parametrize(
    "place", ["20", "9" * 5000, "-1", "", "٣"], ids=["beyond", "far beyond", "before", "none", "other digits"]
)
def test_a_place_that_is_none_is_said_in_one_line(home: Settings, place: str) -> None:
    with open_store(home) as store:
        store.forecasts.append(some(LEAST))
    tell(home, f"UPDATE forecasts SET body = substr(body, 1, 72) || '{place}' WHERE forecast_id = 'f3'")
    with open_store(home) as store:
        with pytest.raises(StoreTrouble, match="no place in a bundle"):
            store.forecasts.get("f3")
        assert store.forecasts.verify().first_broken == "f3"


@pytest.mark.parametrize("body", ['{"a":"x\0y"}', "bundle:0123/4"], ids=["NUL", "a place"])
@pytest.mark.parametrize("count", [1, LEAST])
def test_a_body_that_would_be_read_as_something_else_is_refused(home: Settings, body: str, count: int) -> None:
    entries = some(count)
    with open_store(home) as store:
        with pytest.raises(BadInput, match="JSON"):
            store.forecasts.append([*entries[1:], replace(entries[0], body=body)])
        assert store.forecasts.counts() == {}


@given(st.integers(LEAST, 5 * MOST))
def test_bundles_of_one_call_are_of_about_one_size(count: int) -> None:
    kept, rows = bundled(some(1) * count)
    places = [int(body.rpartition("/")[2]) for _, body in kept]
    sizes = [place + 1 for place, after in zip(places, [*places[1:], 0], strict=True) if after == 0]
    assert (sum(sizes), len(sizes)) == (count, len(rows))
    assert max(sizes) <= MOST
    assert max(sizes) - min(sizes) <= 1


def digests(store: Store, forecast_id: str) -> str:
    """Of the bundle that a forecast is in."""
    with reading(store._engine) as connection:
        body = connection.execute(select(forecasts.c.body).where(forecasts.c.forecast_id == forecast_id)).scalar_one()
    return str(body).removeprefix("bundle:").partition("/")[0]
