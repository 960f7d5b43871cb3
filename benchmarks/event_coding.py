"""How long 140,000 bullets take to be coded on two processes and how much memory that needs, beside a plain bag of words.

The peer is scikit-learn's TfidfVectorizer and logistic regression: it tells the type alone, where the coder also reads
countries, parties, deaths, modality and the role in a truce. Both are timed in one run over the same texts.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from models.event_coder import EventCoder, Text
from training.labels import reader
from training.sources import current_events

BULLETS = 140_000
_TAUGHT = 4000
_MIB = 1024
_WHO = ("Rebels", "Israeli forces", "The President of Chad", "Gunmen", "Lawmakers in Peru", "The Taliban", "Protesters")
_DOES = (
    "attack a convoy, killing {n} people,",
    "reject a proposal to send troops",
    "sign a ceasefire with the government",
    "arrest {n} suspects",
    "threaten to end the truce unless prisoners are released",
    "accuse the army of shelling villages",
    "win the final by {n} points",
)
_WHERE = ("in northern Mali", "near Kirkuk, Iraq", "in Bogotá", "outside Hodeidah", "in Goma", "in Islamabad, Pakistan")
_MORE = ("after weeks of fighting", "amid talks in Oman", "a day after a roadside bomb wounded two", "officials say")


def made(count: int) -> list[Text]:
    """Bullets of our own making: who does what to whom and where, with a background, as long as the feed's are."""
    rng = random.Random(0)

    def bullet() -> str:
        act = rng.choice(_DOES).format(n=rng.randint(2, 60))
        return f"{rng.choice(_WHO)} {act} {rng.choice(_WHERE)} {rng.choice(_MORE)}. (Desk)"

    return [Text(bullet(), date(2020, 1, 1)) for _ in range(count)]


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peak() -> tuple[float, float]:
    """The largest resident size so far in MiB: of this process, and of the largest of its children."""
    mine, children = (
        resource.getrusage(who).ru_maxrss / _MIB for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return mine, children


def main(arguments: Sequence[str] | None = None) -> None:
    """Run both and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.event_coding", description=__doc__)
    parser.add_argument("--feed", type=Path, help="real bullets (default: bullets of our own making)")
    asked = parser.parse_args(arguments)
    texts = (reader.bullets(asked.feed) if asked.feed else made(BULLETS))[:BULLETS]
    ours = timed(lambda: current_events.coded(texts))
    mine, child = peak()
    coder = EventCoder.load()
    taught = texts[:_TAUGHT]
    peer = make_pipeline(TfidfVectorizer(ngram_range=(1, 3), min_df=2), LogisticRegression(max_iter=200))
    peer.fit([text.text for text in taught], [one.type.value for one in coder.code_all(taught)])
    theirs = timed(lambda: peer.predict([text.text for text in texts]))
    source = asked.feed.name if asked.feed else "made for this benchmark"
    sys.stdout.write(
        f"{len(texts)} bullets ({source})\n"
        f"{coder.version}: {ours:.1f} s wall on {current_events.processes(len(texts))} processes, {len(texts) / ours:.0f} bullets/s; "
        f"peak {mine:.0f} MiB in the first process, {child:.0f} MiB in the largest other, at most {mine + 2 * child:.0f} MiB together\n"
        f"peer (TfidfVectorizer + LogisticRegression, type alone, one process): {theirs:.1f} s, {len(texts) / theirs:.0f} bullets/s\n"
        f"ratio of wall time, ours / peer: {ours / theirs:.2f}\n"
    )


if __name__ == "__main__":
    main()
