from __future__ import annotations

from pathlib import Path

import pytest

from models.event_coder import EventCoder
from training import coder, judge_coder
from training.labels import reader
from truce.errors import WrongFile

SHARED = coder.PAGE.parents[2] / "shared" / "data"
FEED = SHARED / "current_events" / "current_events_2002_2023.jsonl.gz"
GOLD = SHARED / "gold" / "gold.csv"
with_feed = pytest.mark.skipif(not (FEED.exists() and GOLD.exists()), reason="the feed and the gold set are not here")


@pytest.fixture(scope="module")
def cases() -> list[judge_coder.Case]:
    return judge_coder.cases(EventCoder.load(), coder.CASES)


def test_there_are_enough_cases_of_polarity_and_modality_and_enough_by_an_outsider(
    cases: list[judge_coder.Case],
) -> None:
    assert len(cases) >= 120
    assert len({case.text for case in cases}) == len(cases)
    assert sum(case.author == "outsider" for case in cases) >= 40


def test_no_case_was_learnt_from(cases: list[judge_coder.Case]) -> None:
    taught = {one.text.text for one in reader.sentences()}
    assert not taught & {case.text for case in cases}


def test_most_cases_are_read_as_they_are_meant(cases: list[judge_coder.Case]) -> None:
    assert sum(case.right for case in cases) > 0.85 * len(cases)


@pytest.mark.slow
@with_feed
def test_the_page_of_error_rates_is_what_the_carried_coder_gives() -> None:
    assert coder.page(FEED, GOLD) == coder.PAGE.read_text(encoding="utf-8")


@with_feed
def test_the_labels_belong_to_the_lines_of_the_feed_and_none_is_of_gold_s_test_part() -> None:
    texts = reader.bullets(FEED)
    own = reader.own(texts)
    facts = reader.facts(texts)
    untouched = {one.text.text for one in reader.gold(GOLD, texts) if one.part == "test"}
    assert len(untouched) == 170
    assert not untouched & {one.text.text for one in (*own, *facts)}
    assert not {one.text.text for one in own} & {one.text.text for one in facts}
    assert {one.part for one in facts} == {"test"}


@with_feed
def test_each_kind_that_the_project_began_with_has_its_own_labels_half_of_them_for_the_test() -> None:
    own = reader.own(reader.bullets(FEED))
    for sample in ("cabinet", "vote", "statement"):
        parts = [one.part for one in own if one.sample == sample]
        assert len(parts) >= 60
        assert 0.4 < parts.count("test") / len(parts) < 0.6


def test_another_file_is_refused_as_feed_and_as_gold(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(WrongFile):
        reader.bullets(wrong)
    with pytest.raises(WrongFile):
        reader.gold(wrong, [])


def test_a_feed_of_another_edition_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text('{"date": "2020-01-01", "category": "", "text": "One line only."}\n', encoding="utf-8")
    with pytest.raises(WrongFile, match="another edition"):
        reader.own(reader.bullets(other))
