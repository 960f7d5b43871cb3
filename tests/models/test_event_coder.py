from __future__ import annotations

import time
from datetime import date

import pytest

from models.event_coder import NOTHING, CodedText, EventCoder
from truce.vocabulary import EventType, Modality, Topic

DAY = date(2021, 5, 4)


@pytest.fixture(scope="module")
def coder() -> EventCoder:
    return EventCoder.load()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Rebels ambush a convoy near the lake, killing two drivers.", "assault"),
        ("Fighter jets carry out an airstrike on a depot outside Hodeidah.", "assault"),
        ("The two governments sign a ceasefire agreement at the border post.", "agree"),
        ("Delegates of both sides hold peace talks in Muscat.", "consult"),
        ("The king apologises for the conduct of his guards.", "support"),
        ("The junta releases forty political prisoners.", "concede"),
        ("Peru extradites a fugitive minister to Ecuador.", "cooperate"),
        ("Norway pledges twelve million in humanitarian aid for Yemen.", "aid"),
        ("The last foreign troops withdraw from the valley.", "retreat"),
        ("The bishop calls for an end to the siege.", "request"),
        ("Iran accuses Israel of sabotage at a power plant.", "accuse"),
        ("The minister rejects the mediator's plan.", "reject"),
        ("The militia threatens to resume attacks unless the bases are emptied.", "threaten"),
        ("Thousands of students march through Tunis against the new fees.", "protest"),
        ("Canada imposes sanctions on four generals.", "sanction"),
        ("Poland deploys troops along its eastern border.", "mobilize"),
        ("Police arrest an opposition lawyer at the airport.", "coerce"),
        ("The finance minister resigns over a forged diploma.", "cabinet_change"),
        ("The parliament passes a bill on land reform.", "legislature_vote"),
        ("Voters go to the polls in Malawi.", "election"),
        ("Ana Torres is sworn in as president.", "leader_change"),
        ("Soldiers stage a coup in the capital.", "coup"),
        ("A ferry capsizes on the river, and many passengers drown.", "none"),
        ("The champions win the football tournament on penalties.", "none"),
        ("Astronomers describe a new comet.", "none"),
    ],
)
def test_each_kind_of_event_is_told_apart(coder: EventCoder, text: str, kind: str) -> None:
    assert coder.code(text, DAY).type == kind


@pytest.mark.parametrize("text", ["Operation Silent Dune", "2031 Northland border clashes", ""])
def test_a_heading_is_no_event(coder: EventCoder, text: str) -> None:
    assert coder.code(text, DAY) == NOTHING


def test_a_bullet_under_a_sports_heading_is_no_event(coder: EventCoder) -> None:
    assert coder.code("The visitors attack from the first minute. (Desk)", DAY, "Sports") == NOTHING


def test_what_is_no_event_has_no_other_field() -> None:
    assert CodedText(EventType.NONE) == NOTHING


def test_the_main_clause_goes_before_its_background(coder: EventCoder) -> None:
    coded = coder.code(
        "The prime minister meets the envoy of Qatar after a roadside bomb killed six soldiers. (Desk)", DAY
    )
    assert coded.type is EventType.CONSULT


def test_an_opening_clause_is_background_too(coder: EventCoder) -> None:
    coded = coder.code("After weeks of shelling in the hills, both armies agree to a truce. (Desk)", DAY)
    assert coded.type is EventType.AGREE
    assert coded.truce == "start"


@pytest.mark.parametrize(
    ("text", "deaths"),
    [
        ("A car bomb kills at least twenty-three people in Baghdad.", 23),
        ("Twelve soldiers are killed in clashes near the border.", 12),
        ("An ambush leaves 7 policemen dead.", 7),
        ("Gunmen attack a camp, killing three guards and two cooks.", 5),
        ("The death toll from the mosque bombing rises to 41.", 41),
        ("Gunmen attack a camp and wound 30 people.", None),
        ("Shelling goes on; a monitor says 250,000 people have died in the war.", None),
        ("The army shells a village, killing dozens.", None),
        ("1,204 civilians are killed in the bombing of the port.", 1204),
    ],
)
def test_deaths_are_the_number_stated_for_the_event(coder: EventCoder, text: str, deaths: int | None) -> None:
    assert coder.code(text, DAY).deaths == deaths


def test_victims_of_an_accident_are_not_counted(coder: EventCoder) -> None:
    assert coder.code("A bus crash kills nine people in Peru. (Desk)", DAY) == NOTHING


@pytest.mark.parametrize(
    ("text", "actor", "target"),
    [
        ("Hamas fires rockets at Israel.", "Hamas", "Government of Israel"),
        ("Two Turkish soldiers are killed by PKK fighters.", "PKK", "Government of Turkey"),
        ("Kata'ib Sayyid al-Shuhada threatens U.S. forces.", "Kataib Sayyid al-Shuhada", "Government of United States"),
        ("The Taliban attack an Afghan army base in Helmand.", "Taliban", "Government of Afghanistan"),
        ("Sudan's army shells positions of the Rapid Support Forces.", "Government of Sudan", "Rapid Support Forces"),
        ("The President of Chad dismisses his generals.", "Government of Chad", None),
        ("An Israeli patrol is attacked near Gaza.", None, None),
        ("A bomb explodes in northern Syria.", None, None),
    ],
)
def test_actor_and_target_are_named_as_the_chronicle_names_them(
    coder: EventCoder, text: str, actor: str | None, target: str | None
) -> None:
    coded = coder.code(text, DAY)
    assert (coded.actor, coded.target) == (actor, target)


def test_short_names_count_only_where_their_country_is_named(coder: EventCoder) -> None:
    assert coder.code("The ELN kidnaps two engineers in Colombia.", DAY).actor == "ELN"
    assert coder.code("The ELN kidnaps two engineers.", DAY).actor is None


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("Iranian officers are killed in an attack in Syria.", ("SYR", "IRN")),
        ("South Korea and North Korea exchange fire.", ("KOR", "PRK")),
        ("Clashes break out in Papua New Guinea.", ("PNG",)),
        ("Police clash with crowds in New Mexico.", ("USA",)),
        ("Boko Haram attacks a village.", ("NGA",)),
        ("Shells fall on Aleppo.", ("SYR",)),
        ("Clashes between Chad, Niger, Mali and Benin break out.", ("TCD", "NER", "MLI")),
    ],
)
def test_countries_are_found_by_name_demonym_place_and_party(
    coder: EventCoder, text: str, iso3: tuple[str, ...]
) -> None:
    assert coder.code(text, DAY).iso3 == iso3


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Iraq's parliament votes to expel foreign troops from the country.", Topic.TROOP_WITHDRAWAL),
        ("The Senate ratifies the peace agreement with the guerrillas.", Topic.PEACE_DEAL),
        ("The Knesset votes to authorise the use of force.", Topic.USE_OF_FORCE),
        ("The assembly passes a bill on fisheries.", Topic.OTHER),
    ],
)
def test_a_vote_has_a_topic(coder: EventCoder, text: str, topic: Topic) -> None:
    coded = coder.code(text, DAY)
    assert (coded.type, coded.topic) == (EventType.LEGISLATURE_VOTE, topic)


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("The general threatens to bomb the bridge.", Modality.THREATENED),
        ("The envoy urges both sides to stop.", Modality.HYPOTHETICAL),
        ("A cabinet reshuffle is expected next week.", Modality.HYPOTHETICAL),
        ("The coalition agrees to leave the base by 2024.", Modality.HYPOTHETICAL),
        ("Mourners mark the anniversary of the massacre.", Modality.HISTORICAL),
        ("The rebels attack the bridge.", Modality.ACTUAL),
    ],
)
def test_modality_says_whether_it_happened(coder: EventCoder, text: str, modality: Modality) -> None:
    assert coder.code(text, DAY).modality is modality


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Both sides sign a ceasefire.", "start"),
        ("The rebels call off the ceasefire.", "break"),
        ("Shells fall on the town in violation of the truce.", "violation"),
        ("The parties extend the truce by a week.", "extend"),
        ("The mediator proposes a ceasefire.", "talks"),
        ("The rebels attack the bridge.", None),
    ],
)
def test_the_role_in_a_truce_is_named(coder: EventCoder, text: str, role: str | None) -> None:
    assert coder.code(text, DAY).truce == role


def test_ten_thousand_bullets_take_less_than_thirteen_seconds(coder: EventCoder) -> None:
    text = "Government forces shell a town in the north of Yemen, killing nine people, after talks in Oman broke down."
    started = time.process_time()
    for _ in range(1000):
        coder.code(text, DAY)
    assert time.process_time() - started < 1.3
