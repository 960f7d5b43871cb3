"""What a legislature votes on: the wordings that speak for troops, force and peace."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.text.reading import Reading

_FORCES = r"(?:troops|forces|soldiers|military|army|peacekeepers?|contingents?|bases|servicem[ae]n|marines|combat)"
_SIGNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "forces": rf"\b{_FORCES}\b",
        "leave": rf"\b(?:withdr\w+|pull(?:s|ed|ing|out)?|expel\w*|expulsion|leav\w+|remov\w+|end\w*|bring\w* home) .{{0,60}}\b{_FORCES}",
        "forces leave": rf"\b{_FORCES}\b.{{0,60}}\b(?:withdr\w+|pull ?out|leave|come home|out of|presence)",
        "timetable": r"\b(?:timetables?|deadlines?|date) .{0,40}\bwithdraw",
        "send": rf"\b(?:send\w*|deploy\w*|dispatch\w*|station\w*|contribut\w+|increas\w+) .{{0,60}}\b{_FORCES}",
        "deployment": r"\bdeployments?\b",
        "mission": r"\b(?:mission|operation|intervention|peacekeeping force|mandate|peacekeeping)\b",
        "authorises": r"\b(?:authori[sz]\w+|extend\w*|renew\w*|prolong\w*|approv\w+|back\w*|support\w*|allow\w*) .{0,80}"
        r"\b(?:force|missions?|operations?|interventions?|mandates?|strikes?|deployments?|troops|peacekeep\w+|no-fly zone)",
        "war": r"\b(?:war powers|use of force|declar\w+ (?:of )?war|no-fly zone|military action|air ?strikes?|invasion)\b",
        "funds": r"\b(?:fund\w*|billion|budget|spending|appropriat\w+)\b",
        "peace": r"\b(?:cease-?fire|truce|armistice|peace (?:deal|agreement|accord|treaty|plan|process)|"
        r"cessation of hostilities|reconciliation)\b",
        "against": r"\b(?:reject\w*|defeat\w*|votes? down|fail\w*|veto\w*|block\w*|against)\b",
        "abroad": r"\b(?:Iraq|Afghanistan|Syria|Libya|Mali|Somalia|Yemen|Kosovo|Lebanon|Darfur|Congo|foreign|abroad|overseas|"
        r"UNIFIL|ISAF|NATO)\b",
    }.items()
}


def features(worded: Mapping[str, float], reading: Reading) -> dict[str, float]:
    """What tells the topic: the wording, its signs in the first sentence, and each two of them together."""
    first = reading.bullet.told[: reading.bullet.first_end]
    seen = [name for name, pattern in _SIGNS.items() if pattern.search(first)]
    pairs = [f"{one} + {other}" for k, one in enumerate(seen) for other in seen[k + 1 :]]
    return {**worded, **dict.fromkeys((f"topic {name}" for name in (*seen, *pairs)), 1.0)}
