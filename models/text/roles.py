"""Who acts on whom: what speaks for a phrase being the actor, or the target, of what is told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.text.phrases import Phrase
from models.text.reading import Reading
from models.text.wording import stem
from truce.vocabulary import EventType

_BY = re.compile(
    r"\bby (?:the |suspected |alleged |an? |members of (?:the )?|fighters from (?:the )?)*$", re.IGNORECASE
)
_SUFFERS = re.compile(
    r"^[^.,;]{0,60}?\b(?:is|are|was|were|has been|have been) (?:\w+ )?(?:killed|attacked|wounded|injured|hit|struck|kidnapped|bombed|ambushed|"
    r"abducted|arrested|detained|sentenced|charged|convicted|released|freed|shot|found|executed|assassinated|sworn|appointed|elected|"
    r"named|banned|expelled|accused|ordered|held|jailed|sacked|dismissed|removed|ousted|indicted|extradited|evacuated)\b"
)
_LEAD_ORDER = 5


def features(phrase: Phrase, order: int, reading: Reading, kind: EventType) -> dict[str, float]:
    """What can be said of a phrase.

    Args:
        phrase: one of the phrases of ``reading``.
        order: its place among them, 0 for the first.
        reading: the text.
        kind: what is told.
    """
    told = reading.bullet.told
    before = [stem(token.lower) for token in reading.tokens[max(0, phrase.first - 2) : phrase.first]]
    after = [stem(token.lower) for token in reading.tokens[phrase.last : phrase.last + 2]]
    seen = [
        f"order:{min(order, _LEAD_ORDER)}",
        "main" if reading.in_main(phrase.start) else "first" if reading.in_first(phrase.start) else "rest",
    ]
    seen += [f"has:{name}" for name in phrase.kinds] + [f"role:{role}" for role in phrase.roles]
    seen += [
        "party" if phrase.party else "country" if phrase.iso3 else "other",
        "roleless" if not phrase.roles else "roles",
    ]
    seen += [f"before:{word}" for word in before[-1:]] + [f"before2:{' '.join(before)}"]
    seen += [f"after:{word}" for word in after[:1]] + [f"after2:{' '.join(after)}"]
    if _BY.search(told[max(0, phrase.start - 40) : phrase.start]):
        seen.append("by")
    if _SUFFERS.match(told[phrase.end :]):
        seen.append("suffers")
    if phrase.start <= reading.bullet.main[0] + 1:
        seen.append("opens")
    return dict.fromkeys(
        [
            *seen,
            *(f"{kind}:{name}" for name in seen[:2]),
            *(f"{kind}:{name}" for name in ("by", "suffers", "opens") if name in seen),
        ],
        1.0,
    )


def described(phrase: Phrase) -> dict[str, float]:
    """What tells the sector of a phrase: its words, the names in it, and the roles it speaks of."""
    words = [stem(word) for word in re.findall(r"\w+", phrase.text.lower())]
    return dict.fromkeys(
        [
            *(f"w:{word}" for word in words),
            *(f"role:{role}" for role in phrase.roles),
            *(f"has:{k}" for k in phrase.kinds),
        ],
        1.0,
    )


def short(phrase: Phrase) -> str:
    """The name of an actor that is no party of the table, as the text has it, without a leading article."""
    return re.sub(r"^(?:the|a|an) ", "", phrase.text, flags=re.IGNORECASE)


def best(chances: Sequence[float], least: float, taken: int | None = None) -> int | None:
    """The place of the greatest chance that is at least ``least`` and not ``taken``; None when there is none."""
    order = sorted((place for place in range(len(chances)) if place != taken), key=lambda place: -chances[place])
    return order[0] if order and chances[order[0]] >= least else None
