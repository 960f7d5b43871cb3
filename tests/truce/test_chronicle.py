from __future__ import annotations

from truce.chronicle import reader
from truce.vocabulary import EventType, Modality


def test_every_file_of_the_chronicle_is_there() -> None:
    for path in (reader.truces_path(), reader.events_path(), reader.alternative_ends_path()):
        assert path.stat().st_size > 0


def test_the_case_events_are_tied_to_the_case_and_no_two_are_one() -> None:
    events = reader.case_events()
    assert len(events) == len({event.event_id for event in events}) == 17
    assert {event.truce_id for event in events} == {reader.CASE_TRUCE}
    assert {event.source for event in events} == {reader.CASE_SOURCE}


def test_a_case_event_keeps_its_id_and_has_a_summary() -> None:
    ids = [event.event_id for event in reader.case_events()]
    assert ids == [event.event_id for event in reader.case_events()]
    assert set(reader.case_summaries()) == set(ids)


def test_the_expected_reshuffle_is_no_fact() -> None:
    (expected,) = [e for e in reader.case_events() if e.modality is Modality.HYPOTHETICAL]
    assert expected.type is EventType.CABINET_CHANGE
