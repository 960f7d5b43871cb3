"""A few names and ordinary words, so that a reading of a sentence can be followed by hand."""

from __future__ import annotations

from models.text.names import Gazetteer, Kind, Name, lands
from models.text.phrases import Phrase, phrases
from models.text.reading import Reader, Reading

COUNTRIES = {
    "SYR": {"names": ["Syria"], "people": ["Syrian", "Syrians"], "places": ["Homs"]},
    "TUR": {"names": ["Turkey"], "people": ["Turkish"], "places": ["Ankara"]},
    "IRQ": {"names": ["Iraq"], "people": ["Iraqi"]},
}
STATES = {"SYR": "Government of Syria", "TUR": "Government of Turkey", "IRQ": "Government of Iraq"}
ORDINARY = (
    "the rebels attack attacks a an town in near after of on and meet meets talks with army gunmen two shell shells "
    "killing kill kills he his envoy soldiers troops die arrests says"
)
WORDS = frozenset(ORDINARY.split())
NAMES = Gazetteer(
    [
        Name(Kind.CUE, "Aleppo", "SYR", share=0.75),
        Name(Kind.GROUP, "Hamas", "PSE", "Hamas"),
        Name(Kind.BODY, "UN", "", "United Nations"),
        *lands(COUNTRIES),
        Name(Kind.NOTHING, "Turkey Creek"),
    ]
)
READER = Reader(NAMES, WORDS)


def read(text: str, category: str = "") -> Reading:
    return READER.read(text, category)


def phrases_of(text: str) -> list[Phrase]:
    return phrases(read(text), STATES, WORDS)
