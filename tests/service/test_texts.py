from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from models.event_coder import EventCoder, Text
from models.same_event import Reports, report_of
from service.app import create_app
from service.routes.texts import MAX_TEXTS
from tests.examples import a_truce
from tests.service.conftest import NOON, Hands
from truce.identity import reference_of
from truce.settings import Settings
from truce.store import Store
from truce.store.events import Wanted

TRUCE = "irq-2015-05-own"
THREAT = {
    "text": "Kataib Hezbollah threatens to resume attacks on U.S. forces in Iraq.",
    "date": "2015-06-14",
    "id": "note-17",
}
COMET = {"text": "Astronomers describe a new comet.", "date": "2015-06-14"}
BOMBING = {
    "text": "A suicide bombing at the Sadriya market in Sadr City, Baghdad, Iraq, kills 12 people and injures 40.",
    "date": "2015-06-13",
}
AGAIN = {
    "text": "A suicide bombing at the Sadriya market in Sadr City, Baghdad, Iraq, leaves 12 people dead and injures 40.",
    "date": "2015-06-14",
}
AGREED = {"text": "The government of Yemen and the Houthis agree on a two-month ceasefire.", "date": "2015-06-12"}
FIELDS = [
    "n", "id", "type", "secondary", "topic", "modality", "iso3", "actor", "target", "actor_sector", "deaths", "truce", "links", "coder",
    "refused",
]  # fmt: skip
KEEP = {"store": "true"}


@pytest.fixture(autouse=True)
def in_iraq(store: Store) -> None:
    """A truce in force on the day of the texts, and one that had ended."""
    fields: dict[str, Any] = {
        "iso3": ("IRQ",),
        "side_a": ("Government of United States",),
        "side_b": ("Kataib Hezbollah",),
        "observed_to": None,
    }
    truces = [
        a_truce(TRUCE, effective_date=date(2015, 5, 1), **fields),
        a_truce("irq-2015-02-ended", effective_date=date(2015, 2, 1), end_date=date(2015, 6, 13), **fields),
        a_truce("irq-2015-06-later", effective_date=date(2015, 6, 15), **fields),
    ]
    store.truces.put(truces, known_at=NOON, source="truces", written_by="cli")


def post(client: TestClient, body: Any, headers: dict[str, str] | None = None, **query: str) -> dict[str, Any]:
    answer = client.post("/v1/texts", json=body, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def listed(client: TestClient) -> list[dict[str, Any]]:
    """The events that are there beside the one of the fixtures."""
    found: list[dict[str, Any]] = client.get("/v1/events").json()["events"]
    return [event for event in found if event["event_id"] != "e1"]


def test_one_text_is_answered_with_every_field_in_order(client: TestClient) -> None:
    said = post(client, THREAT)
    version = EventCoder.load().version
    assert (list(said), said["coder"], said["stored"]) == (["coder", "texts", "stored"], version, None)
    (told,) = said["texts"]
    assert list(told) == FIELDS
    assert (told["n"], told["id"], told["coder"], told["refused"]) == (0, "note-17", version, None)
    assert (told["type"], told["modality"], told["iso3"][0]) == ("threaten", "threatened", "IRQ")
    assert (told["actor"], told["target"]) == ("Kataib Hezbollah", "Government of United States")


def test_an_array_is_answered_in_its_order_and_what_tells_of_nothing_is_in_it(client: TestClient) -> None:
    told = post(client, [COMET, THREAT, BOMBING, COMET])["texts"]
    assert [(one["n"], one["type"]) for one in told] == [(0, "none"), (1, "threaten"), (2, "assault"), (3, "none")]
    assert [list(one) for one in told] == [FIELDS] * 4
    assert [one["id"] for one in told] == [None, "note-17", None, None]
    nothing = {name: told[0][name] for name in FIELDS if name not in ("n", "id", "type", "coder")}
    assert nothing == {**dict.fromkeys(nothing), "iso3": [], "links": []}


def test_a_text_is_coded_alike_alone_and_among_others(client: TestClient) -> None:
    texts = [BOMBING, COMET, THREAT]
    together = post(client, texts)["texts"]
    alone = [post(client, text)["texts"][0] for text in texts]
    assert [{**one, "n": 0} for one in together] == alone


def test_the_links_name_the_truce_in_force_with_its_scope_reason_and_weight(client: TestClient) -> None:
    threat, bombing, comet = (one["links"] for one in post(client, [THREAT, AGAIN, COMET])["texts"])
    (link,) = threat
    assert (link["truce_id"], link["scope"], link["weight"]) == (TRUCE, "sides", 1.0)
    assert link["why"] == "Kataib Hezbollah and Government of United States stand on opposite sides of the truce"
    assert [(one["truce_id"], one["scope"]) for one in bombing] == [(TRUCE, "country")]
    assert comet == []


def test_which_truces_are_in_force_goes_by_the_text_s_own_date(client: TestClient) -> None:
    days = {
        "2015-01-15": set(),
        "2015-03-01": {"irq-2015-02-ended"},
        "2015-06-13": {"irq-2015-02-ended", TRUCE},
        "2015-06-15": {TRUCE, "irq-2015-06-later"},
    }
    told = post(client, [{**THREAT, "date": day} for day in days])["texts"]
    assert [{link["truce_id"] for link in one["links"]} for one in told] == list(days.values())


def test_without_store_nothing_is_kept(client: TestClient, key: dict[str, str], store: Store) -> None:
    before = store.stamp()
    for query in ({}, {"store": "false"}):
        assert post(client, [THREAT, BOMBING], key, **query)["stored"] is None
    assert store.stamp() == before
    assert listed(client) == []


def test_with_store_the_event_is_kept_under_the_coder_s_name_and_found_again(
    client: TestClient, key: dict[str, str]
) -> None:
    said = post(client, [COMET, THREAT], key, **KEEP)
    told, (event,) = said["texts"][1], listed(client)
    assert said["stored"] == {"new": 1, "changed": 0, "unchanged": 0, "merged": 0, "event_ids": [event["event_id"]]}
    assert event["source"] == f"texts/{EventCoder.load().version}"
    assert event["source_ref"] == reference_of(date(2015, 6, 14), THREAT["text"])
    assert (event["occurred_on"], event["known_at"]) == ("2015-06-14", "2015-06-14")
    for name in ("type", "secondary", "topic", "modality", "iso3", "actor", "target", "deaths"):
        assert event[name] == told[name]


def test_what_a_text_means_for_a_truce_is_kept_with_its_event(client: TestClient, key: dict[str, str]) -> None:
    said = post(client, [AGREED, BOMBING], key, **KEEP)
    assert [one["truce"] for one in said["texts"]] == ["start", None]
    assert {event["type"]: event["truce_role"] for event in listed(client)} == {"agree": "start", "assault": None}


def test_a_text_without_a_date_is_of_today_and_known_now(client: TestClient, key: dict[str, str]) -> None:
    post(client, {"text": THREAT["text"]}, key, **KEEP)
    (event,) = listed(client)
    assert (event["occurred_on"], event["known_at"]) == ("2015-06-15", "2015-06-15T12:00:30Z")


def test_to_keep_what_was_told_takes_a_key_for_events(client: TestClient, store: Store) -> None:
    other = {"Authorization": f"Bearer {store.keys.create(['models:admin'])[1]}"}
    wrong = {"Authorization": "Bearer tc_x_y"}
    for headers, status, code in (
        ({}, 401, "missing_key"),
        (wrong, 401, "bad_key"),
        (other, 403, "missing_scope"),
    ):
        answer = client.post("/v1/texts", json=THREAT, params=KEEP, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    assert listed(client) == []


def test_where_reading_is_closed_texts_are_coded_for_who_has_a_key(
    home: Settings, hands: Hands, store: Store, key: dict[str, str]
) -> None:
    closed = Settings(home.home, home.database_url, public_read=False)
    with TestClient(create_app(closed, clock=hands)) as client:
        assert client.post("/v1/texts", json=THREAT).status_code == 401
        assert client.post("/v1/texts", json=THREAT, headers=key).status_code == 200


@pytest.mark.parametrize("text", [THREAT, {"text": THREAT["text"]}], ids=["with a date", "without a date"])
def test_sending_it_again_changes_nothing(
    client: TestClient, key: dict[str, str], hands: Hands, text: dict[str, str]
) -> None:
    first = post(client, text, key, **KEEP)["stored"]
    before = listed(client)
    hands.on(hours=2)
    again = post(client, [text], key, **KEEP)["stored"]
    assert again == {**first, "new": 0, "unchanged": 1}
    assert listed(client) == before


def test_reports_of_one_event_a_day_apart_are_kept_once(client: TestClient, key: dict[str, str]) -> None:
    coder = EventCoder.load()
    texts = [Text(sent["text"], date.fromisoformat(sent["date"])) for sent in (BOMBING, AGAIN)]
    reports = Reports(coder.heads["same"])
    told = [report_of(coder, *pair) for pair in zip(texts, coder.code_all(texts), strict=True)]
    assert [reports.first_of(report, place) for place, report in enumerate(told)] == [0, 0], "the coder says so"

    said = post(client, [AGAIN, COMET, BOMBING], key, **KEEP)
    (event,) = listed(client)
    assert said["stored"] == {"new": 1, "changed": 0, "unchanged": 0, "merged": 1, "event_ids": [event["event_id"]]}
    assert event["occurred_on"] == "2015-06-13", "the first report stands, in whatever order they come"
    again = post(client, [BOMBING, AGAIN], key, **KEEP)["stored"]
    assert (again["new"], again["unchanged"], again["merged"]) == (0, 1, 1)
    assert listed(client) == [event]


@pytest.mark.parametrize("text", [THREAT, BOMBING], ids=["a threat", "a bombing"])
def test_the_same_text_twice_in_one_array_is_one_event(
    client: TestClient, key: dict[str, str], text: dict[str, str]
) -> None:
    stored = post(client, [text, text], key, **KEEP)["stored"]
    assert [event["event_id"] for event in listed(client)] == stored["event_ids"]
    assert (stored["new"], stored["merged"]) == (1, 1)


REFUSED = [
    pytest.param("Rebels attack. " * 7000, "too_long", id="100 kB"),
    pytest.param("word " * 20_000, "too_long", id="100 kB of one word"),
    pytest.param("Attack!", "too_short", id="one word"),
    pytest.param("\x01\x02\x07\x08\x1b\x7f" * 20, "no_text", id="control characters"),
    pytest.param("Rebels attack\x00 a bridge in Iraq.", "no_text", id="a null character"),
    pytest.param("\ufffd\ufffdPK\ufffd\ufffd\ufffd" * 20, "no_text", id="replacement characters"),
    pytest.param(" \n\t ", "no_text", id="spaces"),
    pytest.param("12 + 30 = 42; 2015-06-14 12:00", "no_text", id="numbers"),
    pytest.param(
        "\u0412\u043e\u043e\u0440\u0443\u0436\u0451\u043d\u043d\u044b\u0435 \u043b\u044e\u0434\u0438 \u043d\u0430\u043f\u0430\u043b\u0438 "
        "\u043d\u0430 \u0430\u0440\u043c\u0435\u0439\u0441\u043a\u0438\u0439 \u043f\u043e\u0441\u0442 \u0438 \u0443\u0431\u0438\u043b\u0438 "
        "\u0434\u0435\u0432\u044f\u0442\u044c \u0441\u043e\u043b\u0434\u0430\u0442.",
        "not_english",
        id="Russian",
    ),
    pytest.param(
        "Los rebeldes atacaron un puesto militar en el norte del pa\u00eds y mataron a nueve soldados.",
        "not_english",
        id="Spanish",
    ),
    pytest.param(
        "Bewaffnete Rebellen haben gestern einen Posten der Armee angegriffen und neun Soldaten get\u00f6tet.",
        "not_english",
        id="German",
    ),
    pytest.param(
        "\u0647\u0627\u062c\u0645 \u0645\u0633\u0644\u062d\u0648\u0646 \u0645\u0648\u0642\u0639\u0627 \u0644\u0644\u062c\u064a\u0634 "
        "\u0641\u064a \u0634\u0645\u0627\u0644 \u0627\u0644\u0628\u0644\u0627\u062f \u0648\u0642\u062a\u0644\u0648\u0627 "
        "\u062a\u0633\u0639\u0629 \u062c\u0646\u0648\u062f.",
        "not_english",
        id="Arabic",
    ),
]


def refusal(client: TestClient, body: Any, key: dict[str, str]) -> dict[str, Any]:
    """The problem that answers a text to be kept, after which nothing must be kept."""
    answer = client.post("/v1/texts", json=body, params=KEEP, headers=key)
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert (said["status"], said["instance"]) == (422, "/v1/texts")
    assert said["detail"]
    assert listed(client) == []
    return said


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_no_english_report_is_refused_with_its_own_code(
    client: TestClient, key: dict[str, str], text: str, code: str
) -> None:
    assert refusal(client, {"text": text, "date": "2015-06-14"}, key)["code"] == code


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2015-06-16", "date_in_future"),
        ("2099-01-01", "date_in_future"),
        ("2015-02-29", "bad_date"),
        ("15 June 2015", "bad_date"),
        ("2015-06-14T10:00:00Z", "bad_date"),
        ("0215-06-14", "bad_date"),
        ("", "bad_date"),
    ],
)
def test_a_date_to_come_or_no_date_is_refused(client: TestClient, key: dict[str, str], day: str, code: str) -> None:
    assert refusal(client, {**THREAT, "date": day}, key)["code"] == code


def test_a_date_that_was_to_come_is_taken_when_it_has_come(
    client: TestClient, key: dict[str, str], hands: Hands
) -> None:
    tomorrow = {**THREAT, "date": "2015-06-16"}
    assert refusal(client, tomorrow, key)["code"] == "date_in_future"
    hands.on(hours=12)
    assert post(client, tomorrow, key, **KEEP)["stored"]["new"] == 1


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"text": "Attack!"}, "too_short"),
        ({"text": "Los rebeldes atacaron un puesto militar en el norte y mataron a nueve soldados."}, "not_english"),
        ({**THREAT, "date": "2015-06-16"}, "date_in_future"),
    ],
    ids=["too short", "not English", "in the future"],
)
@pytest.mark.parametrize("place", [0, 2])
def test_one_bad_text_of_many_is_named_by_its_index_and_nothing_is_kept(
    client: TestClient, key: dict[str, str], bad: dict[str, str], code: str, place: int
) -> None:
    texts = [THREAT, BOMBING]
    texts.insert(place, bad)
    said = refusal(client, texts, key)
    assert said["code"] == code
    assert f"text {place}:" in said["detail"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({**THREAT, "mood": "dark"}, "mood"),
        ([THREAT, {**THREAT, "mood": "dark"}], "1.mood"),
        ({"date": "2015-06-14"}, "text"),
        ({"text": 5}, "text"),
        ({"text": ["Rebels attack a bridge."]}, "text"),
        ({"text": None}, "text"),
        ({**THREAT, "date": 20150614}, "date"),
        ({**THREAT, "id": {"n": 17}}, "id"),
        ({**THREAT, "id": "x" * 121}, "id"),
        ({**THREAT, "category": 3}, "category"),
        (THREAT["text"], "body"),
        (17, "body"),
        (None, "body"),
    ],
)
def test_an_unknown_field_or_another_type_is_refused_by_its_name(
    client: TestClient, key: dict[str, str], body: Any, named: str
) -> None:
    said = refusal(client, body, key)
    assert said["code"] == "invalid_request"
    assert named in said["detail"]


@pytest.mark.parametrize("count", [0, MAX_TEXTS + 1])
def test_no_text_or_too_many_are_refused(client: TestClient, key: dict[str, str], count: int) -> None:
    said = refusal(client, [THREAT] * count, key)
    assert said["code"] == "bad_rows"
    assert str(MAX_TEXTS) in said["detail"]


def test_a_revoked_key_keeps_nothing_more(client: TestClient, key: dict[str, str], store: Store) -> None:
    before = len(store.events.load(Wanted()))
    post(client, [THREAT, BOMBING], key, **KEEP)
    assert len(store.events.load(Wanted())) == before + 2
    store.keys.revoke(key["Authorization"].split("_")[1])
    answer = client.post("/v1/texts", json=AGAIN, params=KEEP, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (401, "revoked_key")
    assert len(store.events.load(Wanted())) == before + 2
