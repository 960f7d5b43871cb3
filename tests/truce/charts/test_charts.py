from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import vl_convert

from truce.charts import chart as look
from truce.charts import drawing, forecasts, lifetimes, scores, world
from truce.charts.chart import Chart
from truce.charts.scores import Calibrated
from truce.chronicle.reader import truces_path
from truce.errors import Refused, WrongFile
from truce.registers import countries

FORECAST: dict[str, Any] = {
    "truce_id": "irq-2022",
    "as_of": "2023-04-28",
    "model": {"family": "cox", "version": "5"},
    "horizons": [
        {"days": d, "p_breakdown": p, "interval": [p / 2, p * 1.5], "p_baseline": p * 0.8}
        for d, p in ((7, 0.05), (30, 0.12), (365, 0.6))
    ],
}
POINTS = [
    {"as_of": "2023-01-01", "p_breakdown": 0.1, "p_baseline": 0.08},
    {"as_of": "2023-01-08T12:00Z", "p_breakdown": 0.2, "p_baseline": None},
]
EVENTS: list[dict[str, Any]] = [
    {"occurred_on": "2023-01-03", "type": "cabinet_change", "actor": "Iraq", "target": None, "source": "desk"},
    {"occurred_on": "2023-01-04", "type": "threaten"},
]
DRIVERS = [{"feature": "record_dyad", "value": 1.0, "log_odds": 0.4}, {"feature": "timed", "value": 0, "log_odds": -0.6}]  # fmt: skip
PANEL = Calibrated(30, 2000, 150, 80, {"cox": [(0.01, 0.02, 1000), (0.1, 0.13, 1000)], "truce age alone": [(0.02, 0.02, 1000)]})  # fmt: skip
SKILL: dict[str, dict[str, dict[str, Any]]] = {
    "cox": {
        "7": {"skill": 0.04, "skill_ci": [0.01, 0.08], "breaks": 320},
        "30": {"skill": 0.05, "skill_ci": None, "breaks": 318},
    }
}
GAINS: dict[str, dict[str, dict[str, Any]]] = {
    "attacks": {"7": {"gain": 0.01, "ci": [-0.01, 0.02]}},
    "talks": {"7": {"gain": None, "ci": None}},
}
FOREST = [
    {"part": "log hazard ratio a standard deviation", "name": "record_dyad", "estimate": 0.2, "lo": 0.1, "hi": 0.3},
    {"part": "log hazard ratio a standard deviation", "name": "timed", "estimate": -0.4},
]
CELL = {
    "cell": "0 to 7 days old",
    "class": "tested",
    "n": 50,
    "breaks": 25,
    "rows": 90,
    "mean_forecast": 0.4,
    "share_broken": 0.5,
    "horizon": 90,
}
LIVES = [{"days": d, "holds": 1 - d / 100, "broke": d / 200, "expired": d / 400, "superseded": d / 400} for d in range(50)]  # fmt: skip

MADE: dict[str, Callable[[], Chart]] = {
    "incidence": lambda: forecasts.incidence(FORECAST),
    "risk": lambda: forecasts.risk_over_time("irq-2022", 30, POINTS, EVENTS),
    "drivers": lambda: forecasts.drivers("irq-2022", DRIVERS),
    "survival": lambda: lifetimes.survival(LIVES, of="50 truces"),
    "reliability": lambda: scores.reliability([PANEL, replace(PANEL, days=90)]),
    "skill": lambda: scores.skill(SKILL, over="all origins"),
    "ablation": lambda: scores.ablation("cox", GAINS),
    "kinds": lambda: scores.kinds_of_case("cox", [CELL, {**CELL, "class": "thin", "share_broken": 0.0}]),
    "coefficients": lambda: scores.coefficients("cox", FOREST),
}


@pytest.mark.parametrize("name", MADE)
def test_a_chart_is_plain_json_with_its_data_inside_its_words_and_its_figures(name: str) -> None:
    made = MADE[name]()
    text = json.dumps(made.as_json(), allow_nan=False)
    assert '"url"' not in text
    assert made.title
    assert re.search(r"\d", made.description)
    assert made.rows
    assert all(len(row) == len(made.columns) for row in made.rows)
    assert made.spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")


@pytest.mark.parametrize("name", MADE)
def test_a_picture_stands_by_itself_and_says_in_words_what_it_shows(name: str) -> None:
    made = MADE[name]()
    picture = drawing.svg(made)
    root = ET.fromstring(picture)
    assert root.get("role") == "img"
    assert made.description in str(root.get("aria-label"))
    assert [child.text for child in root if child.tag.endswith("desc")] == [made.description]
    assert "currentColor" not in picture
    assert root.findall("{http://www.w3.org/2000/svg}rect")[0].get("fill") == drawing.PAPER
    assert not re.search(r"(?:href|src)\s*=\s*[\"']https?:", picture)
    assert len(root.findall(".//{http://www.w3.org/2000/svg}path")) > 1


def test_a_chart_in_a_page_takes_the_ink_of_the_page_and_keeps_its_names_to_itself() -> None:
    page = "".join(drawing.figure(MADE["incidence"](), key) for key in ("one", "two"))
    assert "currentColor" in page
    assert "<details>" in page
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert {name.partition("-")[0] for name in names} == {"one", "two"}


def test_a_forecast_without_interval_or_baseline_is_drawn_without_them() -> None:
    bare = {**FORECAST, "horizons": [{**h, "interval": None, "p_baseline": None} for h in FORECAST["horizons"]]}
    made = forecasts.incidence(bare)
    assert [row[2:] for row in made.rows] == [("-", "-")] * 3
    assert '"lo": 0' not in json.dumps(made.spec)
    ET.fromstring(drawing.svg(made))


def test_an_event_says_on_hover_what_happened_who_did_it_and_who_says_so() -> None:
    spec = json.dumps(MADE["risk"]().spec)
    for said in ("cabinet change", "Iraq", "desk", "not said"):
        assert said in spec
    tips = [tip["field"] for layer in MADE["risk"]().spec["layer"] for tip in layer["encoding"]["tooltip"]]
    assert {"day", "what", "who", "source"} <= set(tips)


def test_the_interval_of_a_risk_is_drawn_where_there_is_one() -> None:
    with_it = [{**point, "interval": [0.05, 0.3]} for point in POINTS[:1]]
    band = forecasts.risk_over_time("irq-2022", 30, [*with_it, *POINTS[1:]], EVENTS).spec["layer"][0]
    assert [(row["day"], row["lo"], row["hi"]) for row in band["data"]["values"]] == [("2023-01-01", 0.05, 0.3)]


def test_a_course_without_events_is_drawn_without_marks() -> None:
    assert len(forecasts.risk_over_time("irq-2022", 30, POINTS, []).spec["layer"]) == 2


def test_the_map_knows_a_shape_for_every_country_where_a_truce_was_and_shapes_are() -> None:
    web = Path(__file__).resolve().parents[3] / "service" / "web" / "vendor" / "countries-110m.json"
    shapes = {s["properties"]["name"] for s in json.loads(web.read_text())["objects"]["countries"]["geometries"]}
    with truces_path().open(encoding="utf-8") as lines:
        places = {iso3 for row in csv.DictReader(lines) for iso3 in row["iso3"].split(";")}
    names = {country.iso3: country.name for country in reversed(countries())}
    assert set(world.SHAPE_NAMES.values()) <= shapes
    without = {iso3 for iso3 in places if world.SHAPE_NAMES.get(iso3, names.get(iso3)) not in shapes}
    assert without <= {"BHR", "COM", "FSM", "MDV", "MLT", "SGP"}, "too small for this map"
    row = {"iso3": "COD", "country": "Congo-Kinshasa", "truce": "One", "p": 0.1}
    drawn = world.riskiest([row, {**row, "iso3": "MLI", "country": "Mali", "p": 0.2}], 30, "2023-12-31", "/shapes.json")
    assert [cells[0] for cells in drawn.rows] == ["Mali", "Congo-Kinshasa"]
    assert "Mali's: One, 20.0 %" in drawn.description
    assert '"shape": "Dem. Rep. Congo"' in json.dumps(drawn.spec)
    with pytest.raises(Refused):
        world.riskiest([], 30, "2023-12-31", "/shapes.json")


def test_kinds_of_case_without_a_backtest_are_refused() -> None:
    with pytest.raises(Refused, match="without the record"):
        scores.kinds_of_case("cox", [])


def test_a_reliability_curve_on_fewer_than_twenty_breaks_is_refused() -> None:
    with pytest.raises(Refused, match="19 rows broke within 30 days"):
        scores.reliability([replace(PANEL, positives=19)])
    assert scores.reliability([replace(PANEL, positives=20)]).rows


def test_a_reliability_curve_says_how_many_rows_and_breaks_stand_behind_each_point() -> None:
    assert scores.reliability([PANEL]).rows[1] == ("30", "cox", "10.0 %", "13.0 %", "1000", "130")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: scores.reliability([]),
        lambda: scores.skill({"cox": {"7": {**SKILL["cox"]["7"], "skill": None}}}, over="none"),
        lambda: scores.ablation("cox", {"talks": GAINS["talks"]}),
        lambda: scores.coefficients("aalen-johansen", []),
        lambda: forecasts.drivers("irq-2022", None),
        lambda: forecasts.risk_over_time("irq-2022", 30, [], EVENTS),
    ],
    ids=["reliability", "skill", "ablation", "coefficients", "drivers", "risk"],
)
def test_a_chart_of_nothing_is_refused(ask: Callable[[], Chart]) -> None:
    with pytest.raises(Refused):
        ask()


def test_the_table_of_a_forest_lists_what_the_picture_leaves_out() -> None:
    made = scores.coefficients("cox", FOREST, most=1)
    assert "record dyad" not in json.dumps(made.spec["layer"])
    assert [row[0] for row in made.rows] == ["record dyad", "timed"]


@pytest.mark.parametrize("ending", ["svg", "png", "PNG"])
def test_a_picture_is_saved_by_its_ending(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"chart.{ending}"
    drawing.save(MADE["skill"](), file)
    start = {"svg": b"<svg ", "png": b"\x89PNG"}[ending.lower()]
    assert file.read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["chart.pdf", "chart"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongFile, match=r"\.svg or \.png"):
        drawing.save(MADE["skill"](), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_the_engine_draws_the_version_of_vega_lite_that_charts_are_checked_against() -> None:
    assert re.match(r"v(\d+\.\d+)", alt.SCHEMA_VERSION)
    assert alt.SCHEMA_VERSION[1:].rpartition(".")[0] in vl_convert.get_vegalite_versions()


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("paper", ["#ffffff", "#121212"], ids=["light", "dark"])
@pytest.mark.parametrize("colour", look.SEVERAL)
def test_every_colour_stands_out_on_light_and_on_dark(colour: str, paper: str) -> None:
    one, two = sorted((luminance(colour), luminance(paper)))
    assert (two + 0.05) / (one + 0.05) >= 3, "WCAG 2.2, 1.4.11"


def test_a_rare_chance_is_not_called_none() -> None:
    assert [look.percent(p) for p in (0.0, 0.0001, 0.25)] == ["0.0 %", "< 0.1 %", "25.0 %"]
