from __future__ import annotations

from datetime import date

import numpy as np

from tests.training.conftest import OBSERVED_TO, small_world
from training.backtest import refitted
from training.folds import rolling
from training.panel import build
from training.recipes import POOL, TERMS, WEIGHTS
from truce.columns import EventColumns
from truce.history import History


def test_a_pool_judged_beside_its_members_says_what_it_says_alone() -> None:
    panel = build(History.whole(small_world(), EventColumns.of([])), OBSERVED_TO)
    folds = list(rolling(panel, date(2009, 1, 1), date(2009, 12, 31), 182))
    members = {name: TERMS for name in WEIGHTS if name != "aalen-johansen"}
    alone = refitted(panel, folds, {POOL: TERMS}, workers=1)[POOL]
    beside = refitted(panel, folds, {**members, POOL: TERMS}, workers=1)[POOL]
    other = refitted(panel, folds, {**dict.fromkeys(members, TERMS[:2]), POOL: TERMS}, workers=1)[POOL]
    np.testing.assert_allclose(beside.p, alone.p, atol=1e-12)
    np.testing.assert_allclose(other.p, alone.p, atol=1e-12)
