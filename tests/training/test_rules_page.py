"""The page of rules is what its command prints, and the join of ceasefires and deaths is where the field's own counts put it."""

from __future__ import annotations

from pathlib import Path

import pytest

from training import resolution, rules_page
from truce.chronicle import reader
from truce.settings import Settings


@pytest.fixture(scope="module")
def settled(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return rules_page.settle(tmp_path_factory.mktemp("home"), shared_data)


@pytest.mark.slow
def test_the_page_begins_with_what_the_command_prints(settled: Settings) -> None:
    page = rules_page.PAGE.read_text(encoding="utf-8")
    assert page.startswith(rules_page.rates(settled))


@pytest.mark.slow
def test_ceasefires_that_join_a_dyad_of_the_slices_break_as_often_as_expected(settled: Settings) -> None:
    """Expected: 310 to 375 of them, by how the dates of slice and dyad bound the join; about a third, a half, two thirds, four fifths."""
    found = resolution.resolved(settled, "ged-5d-1", reader.OBSERVED_TO.isoformat(), "ccd")
    summary = found.as_json()["summary"]
    assert summary["decided"] == 376, "368 by their effective date, 8 by the day of their declaration"
    assert found.first_deaths is not None
    shares = {share.days: round(share.share or 0, 3) for share in found.first_deaths}
    assert shares == {7: 0.319, 30: 0.484, 90: 0.67, 365: 0.782}
