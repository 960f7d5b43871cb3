"""The workshop's part of ``trucecast demo``: from an empty home to a champion, on the embedded Chronicle alone."""

from __future__ import annotations

from datetime import date

from training import jobs
from training.intake import import_source
from truce.chronicle import reader
from truce.errors import Refused
from truce.settings import Settings
from truce.terminal import say, show

OBSERVED_TO = date(2023, 12, 31)
"""The last day to which the Chronicle follows its truces."""


def run(settings: Settings) -> None:
    """Import the Chronicle, judge and fit every family, and promote the best if the rule allows it."""
    for source, path, observed_to in (
        ("truces", reader.truces_path(), OBSERVED_TO),
        ("events", reader.events_path(), None),
    ):
        report = import_source(settings, source, [str(path)], observed_to)
        rows = report["rows"]
        show(
            f"Chronicle {source}: {rows['read']} rows read, {rows['rejected']} rejected, {rows['accepted']} in the store"
        )
    jobs.train(settings, [], OBSERVED_TO.isoformat(), "chronicle-1").show()
    try:
        jobs.promote(settings, None, force=False, why=None)
    except Refused as refusal:
        say(refusal.detail)
    champion = next(row for row in jobs.published(settings) if "champion" in row["aliases"])
    show(f"Champion: {champion['family']}, by the promotion rule (training/promotion.py)")
