"""Whom to thank for what: the citation that each source of truces and events asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

CITATIONS: Mapping[str, str] = MappingProxyType({
    "codebook": "Truce Chronicle 2002-2023 (trucecast)",
    "current-events": 'Coded facts of news bullets: contributors to the Wikipedia portal "Current events", CC BY-SA 4.0',
    "ccd": "ETH/PRIO Civil Conflict Ceasefire Dataset: Clayton et al. 2022, doi:10.1177/00220027221129195",
    "ucdp-ged": "UCDP Georeferenced Event Dataset, CC BY 4.0: Sundberg and Melander 2013; Davies et al.",
    "ucdp-pad": "UCDP Peace Agreement Dataset, CC BY 4.0: Högbladh 2022; Davies et al.",
    "pax": "PA-X Peace Agreements Database (non-commercial): Bell and Badanjak 2019",
    "acled": "ACLED: Raleigh, Kishi and Linke 2023, acleddata.com",
    "gdelt": "The GDELT Project, gdeltproject.org",
    "icews": "ICEWS Coded Event Data: Boschee et al., Harvard Dataverse (research use)",
    "polecat": "POLECAT: Halterman et al. 2023, Harvard Dataverse",
    "reign": "REIGN: Bell 2016, One Earth Future",
})  # fmt: skip
"""Source -> how it wants to be cited. An event's source may carry a version after a slash."""

NOT_PASSED_ON = frozenset({"ccd", "pax", "acled", "icews", "reign"})
"""Sources whose terms do not let us, or may not let us, hand their rows on: they are imported, and never given out raw."""


def passed_on(source: str) -> bool:
    """Whether the rows of a source, or the truces of a register, may be handed on as they are."""
    return source.partition("/")[0] not in NOT_PASSED_ON


def withheld(source: str) -> str:
    """What stands in the place of what is not handed on."""
    name = source.partition("/")[0]
    return f"{name} rows are not passed on: get them from {name} (docs/data/{name}.md)"


def citations(sources: Iterable[str]) -> list[str]:
    """The citations of the sources that ask for one, in the order above, each once."""
    named = {source.partition("/")[0] for source in sources}
    return [citation for source, citation in CITATIONS.items() if source in named]
