"""What no regression can tell from a table, each refused with a code of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from tests.fitting.test_table import FAMILIES, LATE, estimates
from training.fitting.table import fit
from training.reading.spells import Spells
from truce.errors import Refused


def without_events_where(table: Spells) -> Spells:
    return replace(table, event=table.event & (table.x[:, 0] == 0))


def refusals() -> Iterator[tuple[str, str, Spells, str]]:
    none = replace(LATE, event=np.zeros(150, bool))
    flat = replace(LATE, x=np.column_stack((np.full(150, 0.1), LATE.x[:, 1])))
    twins = replace(LATE, x=np.column_stack((LATE.x[:, 1], 3 - 2 * LATE.x[:, 1])))
    few = replace(LATE, event=np.arange(150) == np.argmax(LATE.event))
    alone = replace(LATE, groups=np.zeros(150, np.int64))
    for family in FAMILIES:
        yield family, "no_events", none, "none of 150 rows"
        yield family, "constant_feature", flat, "a never varies"
        yield family, "collinear", twins, "a, b are collinear"
        yield family, "too_few_events", few, "1 events are fewer than 2 features"
        yield family, "too_few_groups", alone, "one group"
        yield family, "separation", without_events_where(LATE), "separation: a parts"
    told = (np.arange(150) % 3 == 0).astype(float)
    yield (
        "logistic",
        "separation",
        replace(LATE, event=told == 1, x=np.column_stack((told, LATE.x[:, 1]))),
        "separation: a parts",
    )
    yield "logistic", "no_contrast", replace(LATE, event=np.ones(150, bool)), "all 150 rows"
    together = replace(LATE, start=np.zeros(150), stop=np.full(150, 9.0), event=np.ones(150, bool))
    yield "weibull", "no_convergence", together, "share one time"
    # The feature parts those before day 60 from those after: no two at risk together differ in it.
    era = (np.arange(150) % 2 * 1000).astype(float)
    apart = replace(LATE, start=era, stop=era + LATE.stop, x=np.column_stack((era, LATE.x[:, 1])))
    yield "cox", "no_information", apart, "do not tell a apart"


@pytest.mark.parametrize(("family", "code", "table", "says"), list(refusals()))
def test_what_cannot_be_told_from_the_rows_is_refused_with_a_code(
    family: str, code: str, table: Spells, says: str
) -> None:
    with pytest.raises(Refused, match=says) as refusal:
        fit(table, family)
    assert refusal.value.code == code
    assert "\n" not in refusal.value.detail


def test_a_feature_that_parts_events_but_for_one_row_is_still_fitted() -> None:
    table = without_events_where(LATE)
    one_more = table.event.copy()
    one_more[np.argmax(LATE.event & (LATE.x[:, 0] == 1))] = True
    for family in FAMILIES:
        found = fit(replace(table, event=one_more), family)
        assert -8 < estimates(found)["a"] < -2
