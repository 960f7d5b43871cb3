from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from training.intake import import_source
from training.reading.records import SourceResult
from training.sources import reign
from truce.clock import end_of
from truce.errors import WrongFile
from truce.settings import Settings
from truce.vocabulary import Event, EventType, Modality

TODAY = date(2024, 6, 15)
LEADERS = "stateabb,ccode,leadid,leader,sdate,smonth,syear,emonth,eyear\n"
ELECTIONS = "ccode,electionnumber,country,elec_year,elec_month,elec_day,sequence,event,elecnum,type\n"
IRAQ = ["IRQ,645,x-1,Alder,1,2,1990,5,1995", "IRQ,645,x-2,Birch,7,5,1995,3,2001", "IRQ,645,x-3,Cedar,16,3,2001,,"]


def leaders(folder: Path, *rows: str, name: str = "leaders.csv", today: date = TODAY) -> SourceResult[Event]:
    (folder / name).write_text(LEADERS + "\n".join(rows) + "\n")
    return reign.read([folder / name], today=today)


def elections(folder: Path, *rows: str, name: str = "elections.csv") -> SourceResult[Event]:
    (folder / name).write_text(ELECTIONS + "\n".join(rows) + "\n")
    return reign.read([folder / name], today=TODAY)


def an_election(event: str, day: str = "16", number: str = "645001", sequence: int = 1) -> str:
    return f'645,1,Iraq,2005,2,{day},{sequence},"{event}",{number},L'


def test_every_leader_after_the_first_of_a_country_is_a_change_on_his_first_day(tmp_path: Path) -> None:
    result = leaders(tmp_path, *reversed(IRAQ), "SYR,652,y-1,Elm,1,1,2000,,")
    assert (result.rows.read, result.rows.accepted) == (4, 4)
    assert sorted(str(e.occurred_on) for e in result.records) == ["1995-05-07", "2001-03-16"]
    assert result.records[0] == Event(
        event_id="reign:x-3",
        type=EventType.LEADER_CHANGE,
        modality=Modality.ACTUAL,
        occurred_on=date(2001, 3, 16),
        known_at=end_of(date(2001, 3, 16)),
        source="reign",
        actor="Government of Iraq",
        iso3=("IRQ",),
        source_ref="x-3",
        ids=("gw:645",),
    )


def test_no_name_of_a_leader_goes_into_an_event(tmp_path: Path) -> None:
    assert "Cedar" not in repr(leaders(tmp_path, *IRAQ).records)


def test_a_leader_who_follows_himself_is_no_change(tmp_path: Path) -> None:
    result = leaders(tmp_path, *IRAQ, "IRQ,645,x-4,Cedar,1,1,2003,,")
    assert (result.rows.accepted, len(result.records)) == (4, 2)


def test_terms_that_share_an_id_are_numbered_and_the_same_row_twice_is_a_duplicate(tmp_path: Path) -> None:
    again = "IRQ,645,x-2,Birch,1,1,2003,,"
    result = leaders(tmp_path, *IRAQ, again, again)
    assert (result.rows.duplicate, result.rows.rejected) == (1, 0)
    assert [e.event_id for e in result.records] == ["reign:x-2", "reign:x-3", "reign:x-2:2"]


@pytest.mark.parametrize(
    ("event", "modality"),
    [
        ("Vote, As Scheduled", Modality.ACTUAL),
        ("Vote, As scheduled ", Modality.ACTUAL),
        ("Vote, Early", Modality.ACTUAL),
        ("Anulled", Modality.ACTUAL),
        ("Announced", Modality.HYPOTHETICAL),
        ("Delay Announced", Modality.HYPOTHETICAL),
    ],
)
def test_a_vote_happened_and_an_announced_one_is_hypothetical(tmp_path: Path, event: str, modality: Modality) -> None:
    (told,) = elections(tmp_path, an_election(event)).records
    assert told == Event(
        event_id="reign:645001:1",
        type=EventType.ELECTION,
        modality=modality,
        occurred_on=date(2005, 2, 16),
        known_at=end_of(date(2005, 2, 16)),
        source="reign",
        iso3=("IRQ",),
        source_ref="645001",
        ids=("gw:645",),
    )


def test_a_day_left_open_spans_its_month_and_is_known_at_the_end_of_it(tmp_path: Path) -> None:
    (told,) = elections(tmp_path, an_election("Announced", day=" ")).records
    assert (told.began_on, told.occurred_on) == (date(2005, 2, 1), date(2005, 2, 28))
    assert told.known_at == end_of(date(2005, 2, 28))


@pytest.mark.parametrize(
    "event",
    ["Announcement Assumed", "Deadline Met", "Deadline, Not Met", "Upcoming, Scheduled", "Upcoming, Deadline", "Voided ",
     "Voided by Regime Change", "Regime Failure"],
)  # fmt: skip
def test_what_nobody_could_have_seen_on_its_day_is_accepted_and_no_event(tmp_path: Path, event: str) -> None:
    result = elections(tmp_path, an_election(event))
    assert (result.rows.accepted, result.records) == (1, [])


def test_both_lists_are_read_together_and_told_apart_by_their_headers(tmp_path: Path) -> None:
    leaders(tmp_path, *IRAQ, name="one.csv")
    elections(tmp_path, an_election("Vote, Early"), name="two.csv")
    result = reign.read([tmp_path], today=TODAY)
    assert Counter(e.type for e in result.records) == {EventType.LEADER_CHANGE: 2, EventType.ELECTION: 1}
    (tmp_path / "three.csv").write_text("ccode,regime\n645,x\n")
    with pytest.raises(WrongFile, match="neither REIGN's list of leaders nor its list of elections"):
        reign.read([tmp_path])


def test_the_name_of_a_file_tells_its_release_and_nothing_later_is_in_it(tmp_path: Path) -> None:
    assert leaders(tmp_path, *IRAQ).released is None
    result = leaders(tmp_path, *IRAQ, "IRQ,645,x-4,Dogwood,1,4,2021,,", name="leaderlist_3_21.csv")
    assert result.released == end_of(date(2021, 3, 31))
    assert "2021-04-01 is after 2021-03-31" in result.rejects[0].reason
    cut_off = leaders(tmp_path, *IRAQ, name="leaderlist_3_21.csv", today=date(2021, 3, 10))
    assert cut_off.released == end_of(date(2021, 3, 10))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (an_election("Rumoured"), "event is 'Rumoured'"),
        (an_election("Vote, Early", day="31"), "[2005, 2, 31], no day of the calendar"),
        ("645,1,Iraq,2005,,,1,Announced,645001,L", "elec_month is missing"),
        ("999,1,Nowhere,2005,2,3,1,Announced,999001,L", "ccode 999 is no country of the registers"),
        (",1,Nowhere,2005,2,3,1,Announced,999001,L", "ccode is missing"),
        ("645,1,Iraq,2025,2,3,1,Announced,645001,L", "2025-02-03 is after 2024-06-15"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_its_reason(tmp_path: Path, row: str, says: str) -> None:
    result = elections(tmp_path, row)
    assert result.records == []
    assert says in result.rejects[0].reason


def test_a_start_without_a_day_is_rejected(tmp_path: Path) -> None:
    assert leaders(tmp_path, "IRQ,645,x-1,Alder,,2,1990,5,1995").rejects[0].reason == "sdate is missing"


def test_a_second_import_adds_nothing(tmp_path: Path) -> None:
    leaders(tmp_path, *IRAQ)
    home = Settings.from_environment(tmp_path / "home", {})
    first, second = (import_source(home, "reign", [str(tmp_path / "leaders.csv")], None) for _ in range(2))
    assert first["records"] == {"new": 2, "changed": 0, "unchanged": 0}
    assert second["records"] == {"new": 0, "changed": 0, "unchanged": 2}


def test_a_change_of_day_in_a_later_release_is_a_correction_from_that_release_on(tmp_path: Path) -> None:
    home = Settings.from_environment(tmp_path / "home", {})
    leaders(tmp_path, *IRAQ, name="leaderlist_3_21.csv")
    leaders(tmp_path, *IRAQ[:2], IRAQ[2].replace("16,3", "18,3"), name="leaderlist_8_21.csv")
    for name in ("leaderlist_3_21.csv", "leaderlist_8_21.csv"):
        report = import_source(home, "reign", [str(tmp_path / name)], None)
    assert report["records"] == {"new": 0, "changed": 1, "unchanged": 1}


def test_every_row_of_the_lists_of_march_2021_is_accounted_for(shared_data: Path) -> None:
    """The list of leaders: 2,524 rows, one not UTF-8; 200 first leaders and one who follows himself are no changes.

    The list of elections: 4,351 rows; two announcements after the release and one 31 November are rejected; 617 rows tell of
    nothing seen on their day (158 announcements assumed, 218 deadlines met or not, 140 upcoming, 101 voided).
    """
    politics = shared_data / "politics"
    changes = reign.read([politics / "leaderlist_3_21.csv"], today=TODAY)
    votes = reign.read([politics / "electionlist_3_21.csv"], today=TODAY)
    assert changes.rows.as_dict() == {"read": 2524, "duplicate": 0, "rejected": 1, "merged": 0, "accepted": 2523}
    assert len(changes.records) == 2523 - 200 - 1
    assert votes.rows.as_dict() == {"read": 4351, "duplicate": 0, "rejected": 3, "merged": 0, "accepted": 4348}
    assert len(votes.records) == 4348 - 617
    assert Counter((e.modality.value, e.began_on is not None) for e in votes.records) == {
        ("actual", False): 2641, ("actual", True): 166, ("hypothetical", False): 478, ("hypothetical", True): 446,
    }  # fmt: skip


def test_numbers_of_the_correlates_of_war_lead_to_the_right_countries(shared_data: Path) -> None:
    events = reign.read([shared_data / "politics"], today=TODAY).records
    since = [e for e in events if e.occurred_on >= date(1995, 1, 1)]
    assert {e.iso3[0] for e in since if e.event_id.startswith("reign:679")} == {"YEM"}
    assert {e.iso3[0] for e in since if e.event_id.startswith("reign:970")} == {"NRU"}
    assert {e.iso3[0] for e in since if e.event_id.startswith("reign:946")} == {"KIR"}
    assert {e.ids for e in since if e.iso3 == ("SRB",)} == {("gw:345",), ("gw:340",)}
    assert {e.iso3[0] for e in since if e.event_id.startswith("reign:255")} == {"DEU"}
