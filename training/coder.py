"""Fit the event coder, or write down how often it is right.

``python -m training.coder fit --feed FEED --gold GOLD``: the labels of this project and the training part of gold become
models/event_coder.npz; the same feed and labels give the same bytes.
``python -m training.coder judge --feed FEED --gold GOLD``: docs/event-coding.md, from bullets that took no part in that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.event_coder import EventCoder
from training import coder_report
from training.fitting import event_coder
from training.labels import reader

VERSION = "coder-4"
_ROOT = Path(__file__).resolve().parents[1]
ARTIFACT = _ROOT / "models" / "event_coder.npz"
PAGE = _ROOT / "docs" / "event-coding.md"
CASES = _ROOT / "tests" / "models" / "modality_cases.csv"


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what is asked, and say where it was written."""
    parser = argparse.ArgumentParser(prog="python -m training.coder", description=__doc__)
    parser.add_argument("what", choices=("fit", "judge"))
    parser.add_argument("--feed", type=Path, required=True, help="news bullets, JSON lines {date, category, text}")
    parser.add_argument("--gold", type=Path, required=True, help="the gold set")
    parser.add_argument("--out", type=Path, help="where to write (default: the artifact, or the page)")
    asked = parser.parse_args(arguments)
    out = asked.out or (ARTIFACT if asked.what == "fit" else PAGE)
    if asked.what == "fit":
        out.write_bytes(fitted(asked.feed, asked.gold))
    else:
        out.write_text(page(asked.feed, asked.gold), encoding="utf-8")
    sys.stdout.write(f"{out}: {out.stat().st_size} bytes\n")


def fitted(feed: Path, gold: Path) -> bytes:
    """The artifact, fitted on all that may be trained on. Raises WrongFile when a file is another one."""
    texts = reader.bullets(feed)
    labelled = [
        one for one in (*reader.own(texts), *reader.gold(gold, texts), *reader.sentences()) if one.part == "train"
    ]
    pairs = [pair for pair in reader.pairs(texts) if pair.part == "train"]
    return event_coder.fit(VERSION, texts, labelled, pairs).dump()


def page(feed: Path, gold: Path) -> str:
    """The page of error rates of the carried coder. Raises WrongFile when a file is another one."""
    texts = reader.bullets(feed)
    own, facts, pairs = reader.own(texts), reader.facts(texts), reader.pairs(texts)
    return coder_report.page(EventCoder.load(), own, facts, reader.gold(gold, texts), pairs, CASES)


if __name__ == "__main__":
    main()
