"""What was said and what came of it, a row a forecast and horizon: for whoever wants to score the service himself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from service import exchange
from service.scoreboard import claims, judged
from truce.clock import write_moment
from truce.store import Store
from truce.verification import matures_at

COLUMNS = (
    "forecast_id", "truce_id", "as_of", "rule", "horizon", "p_breakdown", "p_baseline", "matures_at", "outcome", "declared_from",
    "declared_outcome",
)  # fmt: skip


def csv_lines(store: Store, now: datetime) -> Iterator[str]:
    """Every issued forecast that counts on the scoreboard, oldest first, as lines of CSV.

    ``outcome`` is broke, held, void or open (nobody watched to the end) as known now, and empty before the horizon has passed;
    ``declared_outcome`` is it as known at ``declared_from``, and empty before that.
    """
    return exchange.csv_lines(COLUMNS, _rows(store, now))


def _rows(store: Store, now: datetime) -> Iterator[exchange.Row]:
    claimed = claims(store)
    came = {(one.claim.forecast_id, one.claim.days): one for one in judged(store, claimed, now)}
    for claim in claimed:
        one = came.get((claim.forecast_id, claim.days))
        yield (
            claim.forecast_id, claim.truce_id, write_moment(claim.as_of), claim.rule, claim.days, claim.p, claim.baseline,
            write_moment(matures_at(claim.as_of, claim.days)), one and one.latest.value, write_moment(claim.declared_from),
            one and one.declared and one.declared.value,
        )  # fmt: skip
