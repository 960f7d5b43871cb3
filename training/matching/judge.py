"""How well the rule finds the matches that the Chronicle's coders wrote down: precision and recall, by threshold.

``python -m training.matching.judge CCD_FILE`` prints the table of docs/decisions/0009. The ids that the Chronicle took from
the dataset (number, cited numbers, UCDP dyads) are held out, predicted from all else, and then looked up.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from training.matching import pairs
from training.matching.pairs import Matching, match
from training.sources import ccd, truces
from truce.chronicle.reader import OBSERVED_TO, truces_path
from truce.terminal import show, show_table
from truce.vocabulary import Truce

HALVES = (
    ("all", date.min, date.max),
    ("to 2012", date.min, date(2012, 12, 31)),
    ("2013 on", date(2013, 1, 1), date.max),
)
COLUMNS = ("starts", "coded", "matched", "right", "precision", "recall", "doubtful", "right of these")


@dataclass(frozen=True, slots=True)
class Judged:
    """Matches that the rule took as sure or laid before a person; ``right`` of them are the coders', who have ``coded``."""

    matched: int
    right: int
    doubtful: int
    doubtful_right: int
    coded: int

    @property
    def precision(self) -> float:
        """Of the matches taken as sure, the share that is right. A truce that the coders tied to none counts as wrong."""
        return self.right / self.matched if self.matched else 1.0

    @property
    def recall(self) -> float:
        """Of the coders' matches, the share that was taken as sure."""
        return self.right / self.coded if self.coded else 1.0


def judge(chronicle: Sequence[Truce], register: Sequence[Truce], *, since: date, until: date) -> Judged:
    """Compare the rule with the coders, for the register's truces that began from ``since`` to ``until``."""
    window = [truce for truce in register if since <= truce.effective_date <= until]
    blind = [_held_out(truce) for truce in (*chronicle, *window)]
    return judged(match(blind, {}), chronicle, window)


def judged(found: Matching, chronicle: Sequence[Truce], window: Sequence[Truce]) -> Judged:
    """Count what was found against the numbers in the Chronicle's column ``ccd``."""
    coders = {truce.ccd: truce.truce_id for truce in chronicle if truce.ccd}
    truth = {truce.truce_id: coders[truce.ccd] for truce in window if truce.ccd in coders}
    return Judged(
        matched=len(found.matches),
        right=sum(truth.get(one.truce_id) == one.same_as for one in found.matches),
        doubtful=len(found.doubtful),
        doubtful_right=sum(truth.get(one.truce_id) == one.same_as for one in found.doubtful),
        coded=len(truth),
    )


def table(chronicle: Sequence[Truce], register: Sequence[Truce]) -> list[tuple[str | int, ...]]:
    """Rows of ``COLUMNS`` for all starts and for those of either half of the Chronicle."""
    rows: list[tuple[str | int, ...]] = []
    for name, since, until in HALVES:
        told = judge(chronicle, register, since=since, until=until)
        shares = (f"{told.precision:.3f}", f"{told.recall:.3f}")
        rows.append((name, told.coded, told.matched, told.right, *shares, told.doubtful, told.doubtful_right))
    return rows


def _held_out(truce: Truce) -> Truce:
    return replace(truce, ccd=None, ids=(), ucdp_dyad=(), evidence_start=(), evidence_end=())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table for a file of the dataset and the embedded Chronicle."""
    parser = argparse.ArgumentParser(prog="python -m training.matching.judge")
    parser.add_argument("ccd", type=Path, help="the file of the ETH/PRIO dataset")
    register = ccd.read([parser.parse_args(arguments).ccd]).records
    chronicle = truces.read([truces_path()], observed_to=OBSERVED_TO).records
    title = f"near-1: matched from {pairs.MATCHED}, doubtful from {pairs.DOUBTFUL}"
    show_table(title, COLUMNS, table(chronicle, register))
    show("Held out: the Chronicle's ids of the dataset and its UCDP dyads, which were taken from there.")


if __name__ == "__main__":
    main()
