"""The track record against a plain reading of its definition, one truce at a time, with lifelines for the expected breaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import NelsonAalenFitter

from tests.examples import a_truce
from truce.clock import end_of, start_of
from truce.record import (
    COLUMNS,
    DYAD_PRIOR,
    HALF_LIFE_DAYS,
    PRIOR,
    YEAR_DAYS,
    Ledger,
    dyads,
    stamp,
    track_record,
)
from truce.vocabulary import UNSETTLED, Outcome, Truce

FIRST = date(2015, 1, 1)


@st.composite
def registers(draw: st.DrawFn) -> list[Truce]:
    truces = []
    for k in range(draw(st.integers(2, 9))):
        begins = FIRST + timedelta(days=draw(st.integers(0, 6)))
        outcome = draw(
            st.sampled_from([Outcome.ONGOING, Outcome.BROKE, Outcome.BROKE, Outcome.EXPIRED, Outcome.UNKNOWN])
        )
        over = outcome not in (Outcome.ONGOING, Outcome.UNKNOWN)
        truces.append(
            a_truce(
                f"aaa-2015-01-t{k}",
                effective_date=begins,
                outcome=outcome,
                end_date=begins + timedelta(days=draw(st.integers(0, 5))) if over else None,
                observed_to=None if over else begins + timedelta(days=draw(st.integers(0, 20))),
                side_a=("Government of A",),
                side_b=(draw(st.sampled_from(["B", "C"])),),
                conflict=draw(st.sampled_from(["one", "two"])),
                iso3=tuple(draw(st.sampled_from([("AAA",), ("BBB",), ("AAA", "BBB")]))),
            )
        )
    return truces


@settings(deadline=None, max_examples=15)
@given(truces=registers(), ages=st.lists(st.integers(0, 12), min_size=1, max_size=3))
def test_the_record_is_what_its_definition_says(truces: list[Truce], ages: list[int]) -> None:
    asked = [
        (k, datetime(2015, 1, 1, 12, tzinfo=UTC) + timedelta(days=age)) for age in ages for k in range(len(truces))
    ]
    places, moments = np.array([k for k, _ in asked]), stamp([moment for _, moment in asked])
    found = track_record(Ledger.of(truces), places, moments)
    assert found == pytest.approx(np.array([plainly(truces, k, moment) for k, moment in asked]), abs=1e-12)


@settings(deadline=None, max_examples=15)
@given(truces=registers(), ages=st.lists(st.integers(0, 12), min_size=2, max_size=40))
def test_a_row_is_the_same_to_the_last_bit_whatever_is_asked_with_it(truces: list[Truce], ages: list[int]) -> None:
    ledger, places = Ledger.of(truces), np.arange(len(ages)) % len(truces)
    moments = stamp([datetime(2015, 1, 1, 12, tzinfo=UTC) + timedelta(days=age) for age in ages])
    together = track_record(ledger, places, moments)
    alone = [track_record(ledger, places[[k]], moments[[k]])[0] for k in range(len(ages))]
    assert together.tobytes() == np.array(alone).tobytes()


def plainly(truces: Sequence[Truce], own: int, moment: datetime) -> list[float]:
    """The record's columns of one truce at one moment."""
    lives = [life(truce, moment) for truce in truces]
    there = [one for one in lives if one is not None]
    fitter = NelsonAalenFitter(nelson_aalen_smoothing=False)
    if there:
        fitter.fit([exposure for exposure, _, _ in there], [broke for _, broke, _ in there])

    def oe(kin: list[int], half_life: float) -> tuple[float, float]:
        observed = expected = 0.0
        for k in kin:
            one = lives[k]
            if one is not None:
                exposure, broke, gone = one
                weight = 0.5 ** (gone / half_life)
                observed += weight * broke
                expected += weight * float(fitter.cumulative_hazard_at_times(exposure).iloc[0])
        return observed, expected

    def ratio(kin: list[int], half_life: float = math.inf) -> float:
        observed, expected = oe(kin, half_life)
        return (observed + PRIOR) / (expected + PRIOR)

    others = [k for k in range(len(truces)) if k != own]
    dyad = [k for k in others if dyads(truces[k]) & dyads(truces[own])]
    conflict = [k for k in others if truces[k].conflict == truces[own].conflict]
    country = [k for k in others if set(truces[k].iso3) & set(truces[own].iso3)]
    observed, expected = oe(dyad, math.inf)
    columns = {
        "record_dyad": ratio(dyad),
        "record_conflict": ratio(conflict),
        "record_conflict_recent": ratio(conflict, HALF_LIFE_DAYS),
        "record_country_recent": ratio(country, HALF_LIFE_DAYS),
        "record_dyad_pooled": (observed + DYAD_PRIOR * ratio(conflict)) / (expected + DYAD_PRIOR),
        "record_dyad_year": ratio(dyad, YEAR_DAYS),
        "record_conflict_year": ratio(conflict, YEAR_DAYS),
    }
    return [math.log(columns[name]) for name in COLUMNS]


def life(truce: Truce, moment: datetime) -> tuple[float, bool, float] | None:
    """Exposure in days, whether it broke, and days since; None where it counts for nobody."""
    begins = start_of(truce.effective_date)
    if truce.outcome in UNSETTLED or max(truce.start_known_at or begins, begins) > moment:
        return None
    day = timedelta(days=1)
    if truce.end_date is not None:
        ended = end_of(truce.end_date)
        if max(ended, truce.end_known_at or ended) <= moment:
            return (ended - begins) / day, truce.outcome is Outcome.BROKE, (moment - ended) / day
        return (moment - begins) / day, False, 0.0
    watched = max(end_of(truce.observed_to), begins) if truce.observed_to else moment
    return (min(watched, moment) - begins) / day, False, 0.0
