"""The numbers and the single persons of a text: who may be counted, whatever befell them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from models.text.tokens import Token
from models.text.wording import NUMBERS

MOST = 5000
"""A larger number is the toll of a war."""

Count = tuple[int, int, int]
"""How many, and the tokens that say so: the first, and the one behind the last."""

_LONGEST_NUMBER = 9
"""Digits: what is longer counts no people, and Python refuses to read the longest."""

_LARGE = {"hundred": 100, "thousand": 1000, "dozen": 12}
_SINGULAR = frozenset({"a", "an", "another", "one"})
_TWO = frozenset({"both"})
_COUPLES = frozenset({"couple", "duo"})
_KNOWN = frozenset({"the", "his", "her", "their", "its"})
_PRONOUNS = frozenset({"he", "she", "him", "her", "himself", "herself"})
_PEOPLE = (
    "activist actor actress aide ambassador american assailant attacker baby bishop bodyguard bomber boy "
    "briton brother bystander cadet cameraman canadian candidate captain chief child citizen civilian "
    "cleric colonel commandant commander commando companion conscript contractor correspondent councillor "
    "councilman daughter demonstrator deputy detainee detective diplomat doctor driver editor employee "
    "engineer executive extremist farmer father fighter frenchman friend fugitive gendarme general german "
    "girl governor guard guerrilla gunman hostage husband imam infant infiltrator insurgent interpreter "
    "israeli italian jihadist journalist judge lawmaker lawyer leader legislator lieutenant man marine "
    "mayor member migrant militant militiaman minister monk mother musician nun nurse officer official "
    "operative palestinian paramedic paramilitary passenger passerby peacekeeper perpetrator person "
    "photographer pilot policeman policewoman politician president priest prince prisoner prosecutor "
    "protester protestor publisher rabbi rebel refugee reporter resident ringleader sailor senator "
    "separatist sergeant serviceman servicewoman settler sheikh shooter singer sister smuggler sniper "
    "soldier son spokesman spy student suspect teacher teenager terrorist toddler tourist trooper victim "
    "villager warlord wife woman worker youth"
)
_PERSON = frozenset(_PEOPLE.split())
_UP_TO = 8
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT = 3
_NEAR = 4
_OVER = frozenset({"over", "more", "than", "up", "to", "as", "many", "about", "around", "nearly"})
_SPAN = frozenset({"to", "or", "-", "\u2013"})
_PERIODS = "year years month months week weeks day days hour hours minute minutes"
_UNITS = frozenset({"%", "percent", "km", "million", "billion", *_PERIODS.split()})
_AGES = frozenset({"year", "day", "hour", "month", "week"})
_AFTER_AN_AGE = _AGES | {"or", "to", "and"}
_CALENDAR = "january february march april may june july august september october november december"
_MONTHS = frozenset(_CALENDAR.split())


def numbers(tokens: Sequence[Token]) -> list[Count]:
    """Every number that may count people; of a span ("four to six", "between 4 and 6") the lower end."""
    found: list[Count] = []
    at = 0
    while at < len(tokens):
        value, last = _number(tokens, at)
        if value is not None and _counts(tokens, value, at, last) and not _is_upper_end(tokens, found[-1:], value, at):
            found.append((value, at, last))
        at = max(last, at + 1)
    return found


def ones(tokens: Sequence[Token], taken: AbstractSet[int]) -> list[Count]:
    """Where "a soldier" or "another Palestinian man" stands, from article to person. A couple, or both pilots, are two."""
    return [
        (2 if token.lower in _TWO or tokens[last - 1].lower in _COUPLES else 1, at, last)
        for at, token in enumerate(tokens)
        if token.lower in _SINGULAR | _TWO and at not in taken and (last := _person(tokens, at))
    ]


def known(tokens: Sequence[Token], taken: AbstractSet[int]) -> list[Count]:
    """Where one who is known already stands: "the gunman", "her driver", "himself"."""
    found = []
    for at, token in enumerate(tokens):
        if at in taken:
            continue
        last = _person(tokens, at) if token.lower in _KNOWN else 0
        if last or token.lower in _PRONOUNS:
            found.append((1, at, last or at + 1))
    return found


def _person(tokens: Sequence[Token], at: int) -> int:
    """Behind the word for a person that an article at ``at`` belongs to; 0 when there is none."""
    words = tokens[at + 1 : at + 1 + _UP_TO]
    singular = tokens[at].lower not in _TWO
    people = [_is_person(word.lower, singular=singular) for word in words]
    person = next((k for k, found in enumerate(people) if found and not any(people[k + 1 : k + 2])), None)
    if person is None or not all(word.text[0].isalnum() or word.text == "-" for word in words[:person]):
        return 0
    return at + 2 + person


def _is_person(word: str, *, singular: bool) -> bool:
    return (word in _PERSON or word in _COUPLES) if singular else word.endswith("s") and word[:-1] in _PERSON


def _counts(tokens: Sequence[Token], value: int, first: int, last: int) -> bool:
    return value <= MOST and not _is_no_count(tokens, first, last)


def _is_upper_end(tokens: Sequence[Token], earlier: Sequence[Count], value: int, at: int) -> bool:
    """Whether a number ends the span that the one before it begins."""
    if not earlier:
        return False
    lower = earlier[0]
    between = [token.lower for token in tokens[lower[2] : at]]
    links = [word for word in between if word not in _OVER or word == "to"]
    if value <= lower[0] or len(links) != 1 or len(between) > _NEAR:
        return False
    opened = lower[1] > 0 and tokens[lower[1] - 1].lower in {"between", "from"}
    return links[0] in _SPAN or (opened and links[0] == "and")


def _number(tokens: Sequence[Token], at: int) -> tuple[int | None, int]:
    """The number that begins at a token, and where it ends."""
    token = tokens[at]
    if token.text[0].isdigit():
        plain = token.text.replace(",", "")
        return (int(plain) if plain.isdecimal() and len(plain) <= _LONGEST_NUMBER else None), at + 1
    value, last = NUMBERS.get(token.lower), at + 1
    if value is None:
        if token.lower in _SINGULAR and last < len(tokens) and tokens[last].lower in _LARGE:
            return _LARGE[tokens[last].lower], last + 1
        return None, last
    while last < len(tokens):
        word = tokens[last].lower
        if word == "-" and last + 1 < len(tokens) and tokens[last + 1].lower in NUMBERS:
            value, last = value + NUMBERS[tokens[last + 1].lower], last + 2
        elif word in _LARGE:
            value, last = value * _LARGE[word], last + 1
        else:
            break
    return value, last


def _is_no_count(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Money, ages, percentages and ordinals."""
    before = tokens[first - 1].text if first else ""
    after = tokens[last].lower if last < len(tokens) else ""
    return (
        before in {"$", "\u20ac", "\u00a3"}
        or after in _UNITS
        or _is_an_age(tokens, first, last)
        or _is_of_a_name_or_date(tokens, first, last)
    )


def _is_an_age(tokens: Sequence[Token], first: int, last: int) -> bool:
    """A 14-year-old, a 13- or 14-year-old, aged six and eight."""
    after = [token.lower for token in tokens[last : last + 2]]
    before = [token.lower for token in tokens[max(0, first - 3) : first]]
    hyphened = after[:1] == ["-"] and not _AFTER_AN_AGE.isdisjoint(after[1:])
    return hyphened or before[-1:] == ["aged"] or (before[:1] == ["aged"] and before[2:] in (["and"], ["to"], [","]))


def _is_of_a_name_or_date(tokens: Sequence[Token], first: int, last: int) -> bool:
    """B-265, October 5, the 5th of May, 2004."""
    before = tokens[first - 1] if first else None
    after = tokens[last].lower if last < len(tokens) else ""
    if not tokens[first].text[0].isdigit():
        return False
    return (
        bool(_YEAR.fullmatch(tokens[first].text))
        or after in _MONTHS | {"th", "st", "nd", "rd"}
        or (
            before is not None
            and (
                before.lower in _MONTHS - {"may"}
                or before.text == "May"
                or (before.text == "-" and first > 1 and _is_glued(tokens[first - 2 : first + 1]))
            )
        )
    )


def _is_glued(tokens: Sequence[Token]) -> bool:
    """B-265, Su-34: a name, a hyphen and a number without room between them."""
    name, hyphen, number = tokens
    called = name.text.isupper() or (name.text.istitle() and len(name.text) <= _SHORT)
    return called and name.end == hyphen.start and hyphen.end == number.start
