from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models import reference
from models.artifact import loads
from service.entries import entries, horizon_of
from service.grounds import Behind
from service.occasions import Occasion
from service.rows import Rows
from service.shelf import Shelved
from tests.examples import a_truce
from truce.columns import EventColumns
from truce.errors import NoModel
from truce.features import NAMES, FeatureTable
from truce.identity import canonical
from truce.liveness import widened
from truce.store.seals import Entry
from truce.tallies import Tallies
from truce.vocabulary import Truce

NOON = datetime(2024, 6, 15, 12, 0, tzinfo=UTC)
DAYS = (7, 30)
SHELVED = Shelved(loads(reference.text()), None, "digest", NOON)
CHANCE = st.floats(-1e-12, 1) | st.sampled_from([0.0, -0.0, 1.0, 1e-5, 1e-17])


@given(
    numbers=arrays(np.float64, (2, 4), elements=CHANCE), sure=st.booleans(), driven=st.booleans(), spread=st.booleans()
)
def test_a_body_is_the_canonical_json_of_what_it_says(
    *, numbers: np.ndarray, sure: bool, driven: bool, spread: bool
) -> None:
    when = Occasion(NOON, NOON, "replay", DAYS, [{"name": "a/1", "stale": None}], ["Whom to thank"], sure, driven)
    interval = [0.1, 1e-7] if spread else None
    why = Behind([interval] * 2, [{"feature": "x", "log_odds": 0.5}], {"class": "thin", "n": 1, "breaks": 0})
    truce = a_truce()
    (made,) = entries(SHELVED, _row(truce, when), numbers[None, :, :3], numbers[None, :, 3], [why])
    said = json.loads(made.body)
    assert canonical(said) == made.body
    horizons = [horizon_of(day, row[:3], float(row[3]), interval) for day, row in zip(DAYS, numbers, strict=True)]
    assert said["horizons"] == [horizon if sure else widened(horizon) for horizon in horizons]
    assert said["drivers"] == (why.drivers if driven else None)
    told = {
        "age_days": 40,
        "archived": True,
        "truce_id": truce.truce_id,
        "forecast_id": made.forecast_id,
        "rule": made.rule,
    }
    assert {name: said[name] for name in told} == told
    assert (said["sources"], said["attribution"], said["reliability"]) == (
        when.sources,
        when.attribution,
        why.reliability,
    )


def test_an_id_goes_by_the_question_and_by_what_was_seen() -> None:
    ids = {
        _made(truce_id=truce_id, days=days, driven=driven, value=value).forecast_id
        for truce_id in ("aaa-2015-01-one", "aaa-2015-01-two")
        for days in (DAYS, (7, 90))
        for driven in (True, False)
        for value in (0.0, 1.0)
    }
    assert len(ids) == 16
    assert _made().forecast_id == _made().forecast_id


@pytest.mark.parametrize("place", ["chance", "age alone", "interval"])
def test_what_is_no_number_is_never_archived(place: str) -> None:
    numbers = np.full((1, 2, 4), 0.1)
    numbers[0, 1, {"chance": 0, "age alone": 3}.get(place, 0)] = 0.1 if place == "interval" else np.nan
    why = Behind([None, [0.1, np.inf] if place == "interval" else None], [], {"class": "thin", "n": 1, "breaks": 0})
    when = Occasion(NOON, NOON, "replay", DAYS, [], [])
    with pytest.raises(NoModel, match="no number"):
        entries(SHELVED, _row(a_truce(), when), numbers[:, :, :3], numbers[:, :, 3], [why])


def _made(
    truce_id: str = "aaa-2015-01-one", days: tuple[int, ...] = DAYS, *, driven: bool = True, value: float = 0.0
) -> Entry:
    why = Behind([None] * 2, [], {"class": "thin", "n": 1, "breaks": 0})
    when = Occasion(NOON, NOON, "replay", days, [], [], sure=True, drivers=driven)
    (made,) = entries(SHELVED, _row(a_truce(truce_id), when, value), np.zeros((1, 2, 3)), np.zeros((1, 2)), [why])
    return made


def _row(truce: Truce, when: Occasion, value: float = 0.0) -> Rows:
    values = np.full((1, len(NAMES)), value)
    table = FeatureTable(NAMES, values, np.array([40]), np.array(["t"]), np.zeros(1, "datetime64[s]"), "fs-1")
    return Rows([truce], table, [Tallies(EventColumns.of([]))], [when])
