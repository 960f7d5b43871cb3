from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.bullet import MAX_CHARACTERS, check_readable, sentences, take_apart
from truce.errors import BadInput


def main_clause(text: str) -> str:
    bullet = take_apart(text)
    begin, end = bullet.main
    return bullet.told[begin:end]


def refusal(text: str) -> str | None:
    try:
        check_readable(text)
    except BadInput as refused:
        return refused.code
    return None


def test_a_text_has_a_heading_before_a_colon_a_story_and_sources() -> None:
    bullet = take_apart("Syrian civil war: Fighters shell the town of Homs, killing four. (BBC)")
    assert bullet.topic == "Syrian civil war"
    assert bullet.told == "Fighters shell the town of Homs, killing four"
    assert bullet.sources == ("BBC",)


@pytest.mark.parametrize("text", ["At 10:30 a bomb explodes in Kabul.", "Fighters shell the town. Note: it is empty."])
def test_a_colon_in_a_time_or_a_later_sentence_makes_no_heading(text: str) -> None:
    bullet = take_apart(text)
    assert (bullet.topic, bullet.told) == ("", text)


@pytest.mark.parametrize(
    ("tail", "sources"),
    [
        ("", ()),
        (" (BBC)", ("BBC",)),
        (" [AP]", ("AP",)),
        (" (BBC) (Reuters)", ("BBC", "Reuters")),
        (" (BBC), (Reuters).", ("BBC", "Reuters")),
        (" (BBC, Reuters)", ("BBC", "Reuters")),
        (" (Reuters via Al Jazeera)", ("Reuters", "Al Jazeera")),
        (" (The Times of Israel) ", ("The Times of Israel",)),
    ],
)
def test_the_sources_are_the_brackets_at_the_end(tail: str, sources: tuple[str, ...]) -> None:
    assert take_apart(f"Fighters shell the town.{tail}").sources == sources


def test_a_bracket_within_the_text_is_no_source() -> None:
    bullet = take_apart("Fighters (of the north) shell the town. (BBC)")
    assert bullet.sources == ("BBC",)
    assert "(of the north)" in bullet.told


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("After weeks of talks, the two armies agree to a truce.", "the two armies agree to a truce."),
        ("Following a raid, police arrest a lawyer.", "police arrest a lawyer."),
        ("According to the ministry, the bridge is closed.", "the bridge is closed."),
        ("In northern Iraq, gunmen raid a bank.", "gunmen raid a bank."),
        ("In Iraq, gunmen raid a bank.", "gunmen raid a bank."),
        ("Gunmen raid a bank.", "Gunmen raid a bank."),
    ],
)
def test_an_opening_circumstance_is_not_the_main_clause(text: str, main: str) -> None:
    assert main_clause(text) == main


def test_an_opening_that_outlasts_its_sentence_is_none() -> None:
    assert main_clause("After talks the army leaves. Later, it returns.") == "After talks the army leaves."


@pytest.mark.parametrize(
    "background",
    [
        "after a soldier was shot",
        "following a raid",
        "amid heavy fighting",
        "in response to a raid",
        "accused of treason",
        "who fled the war",
        "ahead of a vote",
        "as part of a deal",
        "as fighting continues",
    ],
)
def test_background_ends_the_main_clause(background: str) -> None:
    assert main_clause(f"Rebels attack a convoy near the lake {background}.") == "Rebels attack a convoy near the lake"


def test_a_background_word_near_the_start_belongs_to_the_subject() -> None:
    assert main_clause("Troops who fled the war return.") == "Troops who fled the war return."


def test_the_main_clause_lies_in_the_first_sentence() -> None:
    bullet = take_apart("Rebels attack a convoy. The army flees after a fight.")
    assert bullet.told[: bullet.first_end] == main_clause(bullet.told) == "Rebels attack a convoy."


@pytest.mark.parametrize(
    "sentence",
    [
        "The U.S. Army strikes a base.",
        "The late Gen. Smith leaves the capital.",
        "Sen. Jones and Gov. Miles meet Lt. Col. Brown.",
        "Dr. Hassan treats Mr. Ali and Mrs. Ali at St. Mary.",
        "The party of John F. Kennedy wins.",
        "The court hears Doe vs. The State.",
        "Fighters storm Hill No. 5 and hold it.",
        "It costs 3.5 million in all.",
    ],
)
def test_an_abbreviation_ends_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} Two people die.") == [sentence, "Two people die."]
    assert take_apart(f"{sentence} Two people die.").first_end == len(sentence)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What? Yes! Fine.", ["What?", "Yes!", "Fine."]),
        ("Oil rises by 5%. It falls again.", ["Oil rises by 5%.", "It falls again."]),
        ('He says "stop". Then he leaves.', ['He says "stop".', "Then he leaves."]),
        ("One dies. 30 are hurt.", ["One dies.", "30 are hurt."]),
        ("He arrives... and leaves.", ["He arrives... and leaves."]),
        ("", []),
    ],
)
def test_a_sentence_ends_at_a_sign_before_a_capital_a_number_or_a_quotation(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_full_stop_within_the_quotation_marks_ends_a_sentence_too() -> None:
    assert sentences('He says "stop." Then he leaves.') == ['He says "stop."', "Then he leaves."]


@pytest.mark.parametrize("text", ["Operation Silent Dune", "2031 Northland border clashes", ""])
def test_a_bare_title_is_a_heading(text: str) -> None:
    assert take_apart(text).heading


@pytest.mark.parametrize(
    "text",
    [
        "Rebels attack a bridge.",
        "Is it war?",
        "Operation Silent Dune (BBC)",
        'He says "stop"',
        "Rebels attack " + "one more bridge and " * 5,
    ],
)
def test_what_ends_as_a_sentence_has_a_source_or_is_long_is_no_heading(text: str) -> None:
    assert not take_apart(text).heading


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_text"),
        (" \n\t ", "no_text"),
        ("....", "no_text"),
        ("12 34 56 and", "no_text"),
        ("an attack\x00 near the lake", "no_text"),
        ("an attack\ufffd near the lake", "no_text"),
        ("Attack!", "too_short"),
        ("a" * (MAX_CHARACTERS + 1), "too_long"),
        (" " * (MAX_CHARACTERS + 1), "too_long"),
        ("\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \u043a\u0430\u043a", "not_english"),
        ("\u4f60\u597d \u4e16\u754c", "not_english"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code_of_its_own(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Rebels attack.",
        ("word " * MAX_CHARACTERS)[:MAX_CHARACTERS],
        "Bogot\u00e1 y Medell\u00edn",
        "Gunmen kill \u0410\u043b\u0438 near the lake.",
    ],
)
def test_a_report_in_latin_letters_is_read(text: str) -> None:
    assert refusal(text) is None


TEXTS = st.text() | st.lists(
    st.sampled_from(
        ["After", "talks", ", ", " who", ". ", "Two", " (BBC)", ": ", "the", " ", "U.S.", "[AP]", '"', "in", "Iraq"]
    ),
    max_size=25,
).map("".join)


@given(TEXTS)
def test_the_main_clause_lies_within_the_first_sentence_of_any_text(text: str) -> None:
    bullet = take_apart(text)
    begin, end = bullet.main
    assert 0 <= begin <= end <= bullet.first_end <= len(bullet.told)


@given(TEXTS)
def test_the_parts_of_any_text_are_parts_of_it(text: str) -> None:
    bullet = take_apart(text)
    assert bullet.told in text
    assert bullet.topic in text
    assert all(source and source in text for source in bullet.sources)


@given(TEXTS)
def test_sentences_hold_all_of_a_text_but_spaces(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
