"""Which candidates are the dead: every way of adding some of them up is weighed, and the likeliest total is said.

What speaks for a way is what speaks for each candidate in it, and for each two of them together: "a guard and two drivers" are
added up, "ten people, two of them guards" and "ten killed and two wounded" are not. Ways with one total support each other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.text.deaths import ENDS, Candidate, Sort, features, hue, parts
from models.text.linear import Floats, softmax
from models.text.reading import Reading
from models.text.wording import stem
from truce.vocabulary import EventType

MOST = 7
"""So many candidates of a text are weighed."""
_SUMMANDS = 4
_PART = frozenset({"including", "include", "among", "whom", "comprising"})
_NEAR = 4
_FAR = 25
_STEP = 3
_CERTAIN = 2.0
"""What numbers prove weighs more than what words suggest, for the same penalty."""
_DEADLY = re.compile(
    r"kill|dead|\bdie|dying|death|murder|slain|execut|behead|assassin|massacr|bod(?:y|ies)\b|fatal|toll|casualt|lynch|hang(?:s|ed)\b|"
    r"gunned|corpse|neutrali|\bli(?:fe|ves)\b|perish|martyr|shoot|shot|remains|grave|suicide|victim|slaughter|stab|\bloss",
    re.IGNORECASE,
)


def speaks_of_killing(reading: Reading) -> bool:
    """Whether anything in a text speaks of the dead; where nothing does, its numbers count others."""
    return _DEADLY.search(reading.bullet.told) is not None


def kept(rivals: Sequence[Candidate]) -> list[Candidate]:
    """The ``MOST`` candidates that look most like the dead, in order."""
    if len(rivals) <= MOST:
        return list(rivals)
    order = sorted(range(len(rivals)), key=lambda place: -_look(rivals[place]))
    return [rivals[place] for place in sorted(order[:MOST])]


def _look(candidate: Candidate) -> float:
    killing = sum("kill" in sign for sign in candidate.signs)
    return 2.0 * killing + (candidate.sort is Sort.NUMBER) - 0.5 * ("rest" in candidate.signs)


def rows(rivals: Sequence[Candidate], reading: Reading, kind: EventType) -> list[dict[str, float]]:
    """What speaks for each candidate, and then for each two of them: n + n (n - 1) / 2 rows, as ``ways`` counts them."""
    alone = [features(one, order, rivals, reading, kind) for order, one in enumerate(rivals)]
    return alone + [together(a, b, rivals, reading) for a, b in itertools.combinations(rivals, 2)]


def together(a: Candidate, b: Candidate, rivals: Sequence[Candidate], reading: Reading) -> dict[str, float]:
    """What speaks for two candidates, ``a`` before ``b``, being added up, or against it."""
    between = reading.tokens[a.last : b.first]
    words = [token.lower for token in between]
    gap, last = _gap(a, b, reading), words[-1] if words else ""
    sorts = f"{a.sort}+{b.sort}"
    size = "same" if a.value == b.value else "more" if a.value > b.value else "less"
    near = "far" if any(a.last <= c.first and c.last <= b.first for c in rivals) else "next"
    seen = [
        gap,
        sorts,
        f"{gap} {sorts}",
        f"{gap} {size}",
        f"{near} {gap}",
        f"{near} {gap} {size} {sorts}",
        f"{size} {sorts}",
    ]
    seen += [f"{gap} then {last}", f"{near} {gap} then {last} {sorts}", f"{gap} {min(len(words) // _STEP, _NEAR)}"]
    seen.append(f"signs {_signs(a, b)} {gap}")
    if len(words) <= _NEAR:
        seen.append("=" + " ".join(stem(word) for word in words))
    if len(words) <= _FAR:
        seen += [f"w:{stem(word)}" for word in set(words) if word.isalpha()]
    if Sort.NUMBER not in (a.sort, b.sort) and _head(a, reading) == _head(b, reading):
        seen.append("one head")
    if a.value == b.value > 1 and a.sort is b.sort is Sort.NUMBER:
        seen.append(f"again {gap}")
    row = dict.fromkeys((f"&{name}" for name in seen), 1.0)
    if b in parts(a, rivals, reading.tokens):
        row |= dict.fromkeys(("&whole", f"&whole {sorts}", f"&whole before {last}"), _CERTAIN)
    return row


def _gap(a: Candidate, b: Candidate, reading: Reading) -> str:
    """What stands between two candidates: a sentence's end, a word for a part, killing, harm, a mere list."""
    between = reading.tokens[a.last : b.first]
    words = {token.lower for token in between}
    if words & ENDS:
        return "sentence"
    if words & _PART:
        return "part"
    return next((found for token in between if (found := hue(token))), "list" if words & {"and", ","} else "none")


def _signs(a: Candidate, b: Candidate) -> str:
    """Whether each of them, and one sign of both, speaks of killing."""
    ours, theirs = ({sign for sign in c.signs if "kill" in sign or "toll" in sign} for c in (a, b))
    return f"{bool(ours & theirs)} {bool(ours)} {bool(theirs)}"


def _head(candidate: Candidate, reading: Reading) -> str:
    return reading.tokens[candidate.last - 1].lower


@cache
def ways(candidates: int) -> tuple[tuple[tuple[int, ...], ...], Floats]:
    """The sets of at most four of so many candidates, and which rows of ``rows`` each of them adds up (ways x rows)."""
    chosen = tuple(s for size in range(_SUMMANDS + 1) for s in itertools.combinations(range(candidates), size))
    pairs = list(itertools.combinations(range(candidates), 2))
    added = [
        [float(one in way) for one in range(candidates)] + [float(a in way and b in way) for a, b in pairs]
        for way in chosen
    ]
    return chosen, np.array(added, dtype=np.float32)


def totals(rivals: Sequence[Candidate]) -> NDArray[np.int64]:
    """What each way adds up to."""
    return np.array([sum(rivals[place].value for place in way) for way in ways(len(rivals))[0]], dtype=np.int64)


def died(rivals: Sequence[Candidate], scores: Floats, least: float) -> int | None:
    """The likeliest total; None when the chance that anyone is counted is below ``least``. ``scores``: of ``rows``, shape (rows,)."""
    if not rivals:
        return None
    chances = softmax(ways(len(rivals))[1] @ scores)
    counts, place = np.unique(totals(rivals), return_inverse=True)
    by_count = np.bincount(place, weights=chances)
    if 1.0 - by_count[0] < least:
        return None
    return int(counts[1:][np.argmax(by_count[1:])])
