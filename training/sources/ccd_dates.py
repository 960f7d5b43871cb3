"""Dates of the ETH/PRIO dataset, of which parts may be missing."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from training.reading import cells
from training.reading.cells import Cells
from truce.clock import DAY
from truce.codebook import NEWS_LAG
from truce.errors import BadInput

_MIDDLE = 15


class Coded(NamedTuple):
    """A date as far as it is given. ``after``: the day before which a date known to its month cannot lie.

    ``what`` is the columns' common name.
    """

    year: int | None
    month: int | None
    day: int | None
    after: date | None = None
    what: str = "date"

    @property
    def precision(self) -> str:
        """``day`` or ``month``."""
        return "month" if self.day is None else "day"

    def day_of(self) -> date:
        """The day that the date stands for: of a month its 15th, or ``after`` when that lies later in it.

        Raises:
            BadInput: there is no such day, or not even a month.
        """
        try:
            day = date(self.year or 0, self.month or 0, self.day or _MIDDLE)
        except ValueError:
            raise BadInput(f"{self.what} {self} is no day of the calendar") from None
        late = (
            self.day is None and self.after is not None and (self.after.year, self.after.month) == (day.year, day.month)
        )
        return max(day, self.after) if late and self.after is not None else day

    def __str__(self) -> str:
        """The parts that are given: 1994-02-03, 1994-02, 1994 or none."""
        widths = ((self.year, 4), (self.month, 2), (self.day, 2))
        return "-".join(f"{part:0{width}d}" for part, width in widths if part is not None) or "none"


def coded(row: Cells, what: str, *, after: date | None = None) -> Coded:
    """The date of a row: ``what`` is cf_dec, cf_effect or end. A part below a missing one is missing, too.

    Raises:
        BadInput: a part is no number.
    """
    year = _part(row, f"{what}_yr")
    month = None if year is None else _part(row, f"{what}_month")
    day = None if month is None else _part(row, f"{what}_day")
    return Coded(year, month, day, after, what)


def month_known(month: Coded) -> date:
    """The day by which the world knew of what is dated to its month: the news lag after the month's last day."""
    first = month.day_of().replace(day=1)
    following = (first + 31 * DAY).replace(day=1)
    return following - DAY + NEWS_LAG


def _part(row: Cells, column: str) -> int | None:
    written = (cells.text(row, column) or "").removesuffix(".0")
    try:
        value = int(written or 0)
    except ValueError:
        raise BadInput(f"{column} is {written!r}, not a number") from None
    return value if value > 0 else None
