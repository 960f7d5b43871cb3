from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import date
from importlib.resources import files

import numpy as np
import pytest

from models.event_coder import FORMAT, HEADS, NOTHING, CodedText, EventCoder, Text, event_of
from truce.clock import end_of
from truce.errors import BadInput
from truce.identity import natural_id
from truce.vocabulary import EventType, Modality, Topic

DAY = date(2021, 5, 4)
REPORTS = [
    Text("A car bomb kills at least twenty-three people in Baghdad.", DAY),
    Text("Operation Silent Dune", DAY),
    Text("Both sides sign a ceasefire.", DAY, "Syrian civil war"),
    Text("Astronomers describe a new comet.", DAY, "Science"),
    Text("Hamas fires rockets at Israel.", date(2014, 7, 8)),
    Text("The assembly passes a bill on fisheries.", DAY),
    Text("The general threatens to bomb the bridge.", DAY),
    Text("", DAY),
]


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


def test_of_a_bare_heading_nothing_is_coded_even_if_the_same_words_with_a_full_stop_tell_of_an_attack(
    coder: EventCoder,
) -> None:
    text = "Rebels attack a convoy in Syria"
    assert coder.code(text, DAY, "Syrian civil war") == NOTHING
    assert coder.code(f"{text}.", DAY, "Syrian civil war").type is EventType.ASSAULT


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
        ("A bomb explodes in northern Syria.", None, None),
    ],
)
def test_actor_and_target_are_named_as_the_chronicle_names_them(
    coder: EventCoder, text: str, actor: str | None, target: str | None
) -> None:
    coded = coder.code(text, DAY)
    assert (coded.actor, coded.target) == (actor, target)


def test_a_party_is_named_by_its_short_name(coder: EventCoder) -> None:
    assert coder.code("The ELN kidnaps two engineers in Colombia.", DAY).actor == "ELN"


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("Iranian officers are killed in an attack in Syria.", ("SYR", "IRN")),
        ("Clashes break out in Papua New Guinea.", ("PNG",)),
        ("Police clash with crowds in New Mexico.", ("USA",)),
        ("Boko Haram attacks a village.", ("NGA",)),
        ("Shells fall on Aleppo.", ("SYR",)),
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
        ("Iraq's parliament votes to expel U.S. troops from Iraq.", Topic.TROOP_WITHDRAWAL),
        ("The assembly passes a bill on fisheries.", Topic.OTHER),
    ],
)
def test_a_vote_has_a_topic(coder: EventCoder, text: str, topic: Topic) -> None:
    coded = coder.code(text, DAY)
    assert (coded.type, coded.topic) == (EventType.LEGISLATURE_VOTE, topic)


def test_only_a_vote_has_a_topic(coder: EventCoder) -> None:
    for coded in coder.code_all(REPORTS):
        assert (coded.topic is None) == (coded.type is not EventType.LEGISLATURE_VOTE)


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("The general threatens to bomb the bridge.", Modality.THREATENED),
        ("The envoy urges both sides to stop.", Modality.HYPOTHETICAL),
        ("A cabinet reshuffle is expected next week.", Modality.HYPOTHETICAL),
        ("The rebels attack the bridge.", Modality.ACTUAL),
    ],
)
def test_modality_says_whether_it_happened(coder: EventCoder, text: str, modality: Modality) -> None:
    assert coder.code(text, DAY).modality is modality


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Both sides sign a ceasefire.", "start"),
        ("Shells fall on the town in violation of the truce.", "violation"),
        ("The parties extend the truce by a week.", "extend"),
        ("The mediator proposes a ceasefire.", "talks"),
        ("The rebels attack the bridge.", None),
    ],
)
def test_the_role_in_a_truce_is_named(coder: EventCoder, text: str, role: str | None) -> None:
    assert coder.code(text, DAY).truce == role


def test_many_texts_are_coded_in_order_each_as_if_it_were_alone(coder: EventCoder) -> None:
    texts = [Text(f"{text} ({at})", day, category) for at in range(80) for text, day, category in REPORTS]
    assert coder.code_all(iter(texts)) == [coder.code(*text) for text in texts]


def test_no_texts_are_coded_as_nothing(coder: EventCoder) -> None:
    assert coder.code_all([]) == []


def test_where_a_text_is_known_to_be_political_none_is_no_answer(coder: EventCoder) -> None:
    assert all(coded.type is not EventType.NONE for coded in coder.code_all(REPORTS, political=True))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_text"),
        ("Attack!", "too_short"),
        ("word " * 3000, "too_long"),
        (
            "\u0412\u043e\u0439\u0441\u043a\u0430 \u0432\u0437\u044f\u043b\u0438 \u0433\u043e\u0440\u043e\u0434",
            "not_english",
        ),
        (
            "Les soldats attaquent une petite ville dans le nord du pays apr\u00e8s la rupture des pourparlers.",
            "not_english",
        ),
        ("Soldaten greifen eine kleine Stadt an, nachdem die Verhandlungen gestern abgebrochen wurden.", "not_english"),
    ],
)
def test_what_is_no_english_report_is_refused(coder: EventCoder, text: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        coder.check(text)
    assert refused.value.code == code


@pytest.mark.parametrize("text", [text for text, _, _ in REPORTS if text])
def test_an_english_report_is_not_refused(coder: EventCoder, text: str) -> None:
    coder.check(text)


def test_an_event_says_what_was_coded_and_is_named_by_it(coder: EventCoder) -> None:
    coded = coder.code("Hamas fires rockets at Israel.", DAY)
    event = event_of(coded, DAY, end_of(DAY), "news/coder", "reference")
    assert (event.type, event.actor, event.target, event.iso3) == (coded.type, coded.actor, coded.target, coded.iso3)
    assert (event.occurred_on, event.known_at, event.source, event.source_ref) == (
        DAY,
        end_of(DAY),
        "news/coder",
        "reference",
    )
    assert event.event_id == natural_id(event) != ""


def test_a_coder_is_written_as_the_same_bytes_every_time(coder: EventCoder) -> None:
    assert coder.dump() == coder.dump()


def test_the_carried_coder_is_written_as_it_was_read(coder: EventCoder) -> None:
    assert EventCoder.parse(coder.dump()).dump() == coder.dump()


def test_a_coder_that_is_written_and_read_codes_alike(coder: EventCoder) -> None:
    read = EventCoder.parse(coder.dump())
    assert (read.version, read.thresholds, tuple(read.heads)) == (coder.version, coder.thresholds, HEADS)
    assert read.lexicon == coder.lexicon
    assert read.code_all(REPORTS) == coder.code_all(REPORTS)


@pytest.mark.parametrize("number", [FORMAT - 1, FORMAT + 1])
def test_an_artifact_of_another_format_is_refused(coder: EventCoder, number: int) -> None:
    with np.load(io.BytesIO(coder.dump()), allow_pickle=False) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    about = json.loads(held["about"].tobytes()) | {"format": number}
    out = io.BytesIO()
    np.savez(out, **{**held, "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)})
    with pytest.raises(BadInput) as refused:
        EventCoder.parse(out.getvalue())
    assert refused.value.code == "bad_format"


def test_the_artifact_is_plain_arrays_that_need_no_pickle() -> None:
    blob = (files("models") / "event_coder.npz").read_bytes()
    with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
        kinds = {arrays[name].dtype.kind for name in arrays.files}
    assert kinds <= {"u", "f"}


def test_coding_needs_no_fitting_library() -> None:
    program = (
        "import sys, datetime\n"
        "from models.event_coder import EventCoder\n"
        "coded = EventCoder.load().code('The rebels attack the bridge.', datetime.date(2021, 5, 4))\n"
        "assert coded.type == 'assault', coded\n"
        "assert not {'sklearn', 'scipy', 'pandas', 'mlflow'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("digits", [10, 4400])
def test_a_number_of_endless_digits_counts_nobody_and_stops_nothing(coder: EventCoder, digits: int) -> None:
    coded = coder.code(f"Gunmen kill {'9' * digits} people in the city of Mosul, Iraq.", date(2020, 1, 1))
    assert (coded.type, coded.deaths) == (EventType.ASSAULT, None)
