"""The page in a real browser: it loads, draws, is walked through by keyboard, and asks no other host for anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.service.web.world import IRAQ, Server, scored_board
from truce.settings import Settings
from truce.store import open_store

DAY = "2023-04-28"
VIEWS = {
    "list": "#/?as_of=2023-12-30",
    "truce": f"#/truce/{IRAQ}?as_of={DAY}",
    "scoreboard": "#/scoreboard",
    "models": "#/models",
}
DRAWN = {"list": 1, "truce": 3, "scoreboard": 0, "models": 1}
PHONE = {"width": 360, "height": 740}


@dataclass
class Visit:
    """A page that is open, with what it complained of and whom it asked."""

    page: Page
    server: Server
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def go(self, address: str) -> Page:
        self.page.goto(f"{self.server.url}/{address}")
        self.page.wait_for_selector("main h1")
        return self.page

    def drawn(self, charts: int) -> None:
        """Wait for so many charts. By locators: the page's policy forbids what waits for a function."""
        expect(self.page.locator(".plot[data-drawn] svg")).to_have_count(charts, timeout=20_000)

    def view(self, name: str) -> Page:
        """A view with all that it loads."""
        self.go(VIEWS[name])
        if name == "list":
            self.page.wait_for_selector("td strong", timeout=20_000)
        if name == "scoreboard":
            self.page.wait_for_selector(".chart .notice")
        self.drawn(DRAWN[name])
        return self.page


@pytest.fixture
def visit(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh visit; whatever it did, it never complained and never asked another host."""
    options: dict[str, Any] = getattr(request, "param", {"viewport": {"width": 1100, "height": 900}})
    page = browser.new_page(**options)
    page.set_default_timeout(10_000)
    visit = Visit(page, server)
    page.on("console", lambda said: visit.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda asked: visit.asked.append(asked.url))
    yield visit
    page.close()
    assert visit.complaints == []
    assert [url for url in visit.asked if not url.startswith((server.url, "data:"))] == []


DESK_BY_DAY: dict[str, Any] = {"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"}
PHONE_BY_NIGHT: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "color_scheme": "dark"}
_SMALL_CONTROLS = """
[...document.querySelectorAll('button, input:not([type=range]), select')].filter(e => e.offsetParent && e.offsetHeight < 44)
.map(e => e.outerHTML)"""


@pytest.mark.parametrize("visit", [DESK_BY_DAY, PHONE_BY_NIGHT], ids=["desk-light", "phone-dark"], indirect=True)
@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_clean_to_axe_and_fits_in_light_on_a_desk_and_in_dark_on_a_phone(visit: Visit, name: str) -> None:
    page = visit.view(name)
    expect(page.locator("nav a[aria-current]")).to_have_count(0 if name == "truce" else 1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(_SMALL_CONTROLS) == [], "a finger finds every control"
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    paper, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (_brightness(paper) > _brightness(ink)) == (
        page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")
    )


def _brightness(colour: str) -> int:
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


def test_the_list_ranks_filters_and_shows_who_has_no_forecast_and_why(visit: Visit) -> None:
    page = visit.view("list")
    shares = [float(re.sub(r"[^0-9.]", "", text)) for text in page.locator("td strong").all_inner_texts()]
    assert shares == sorted(shares, reverse=True)
    assert len(shares) > 8
    cell = page.locator(".list tbody tr").first.inner_text()
    assert re.search(r"\d+ of 100", cell)
    assert re.search(r"%\s+to\s+\d", cell), "the interval"
    assert re.search(r"tested|thin|untested", cell)
    expect(page.locator(".aid")).to_contain_text("By truce age alone")
    expect(page.locator(".refused")).to_contain_text("unknown_fate")
    page.select_option("#country", "IRQ")
    assert set(page.locator(".list tbody tr td:nth-child(2)").all_inner_texts()) == {"Iraq"}
    expect(page.locator("#said")).to_contain_text("truces with a forecast")
    page.fill("#party", "sadr")
    expect(page.locator(".list tbody tr")).to_have_count(1)
    with open_store(visit.server.settings) as store:
        assert not list(store.forecasts.find()), "looking is not issuing"


def test_anyone_can_stand_in_april_2023_by_keyboard_alone(visit: Visit) -> None:
    page = visit.go("#/?as_of=2023-04-28")
    page.wait_for_selector("td strong", timeout=20_000)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("#party").focus()
    page.keyboard.type("militia lull")
    expect(page.locator(".list tbody tr")).to_have_count(1)
    _tab_to(page, "document.activeElement.matches('.list tbody a')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".big")
    expect(page.locator("h1")).to_contain_text("Iraqi militia lull")
    before = page.locator(".aid").inner_text()
    assert "As of 2023-04-28" in before
    _tab_to(page, "document.activeElement.id === 'stand'")
    with page.expect_response(re.compile("as_of=2023-04-29")):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".aid")).to_contain_text("As of 2023-04-29")
    assert page.locator("#stand").get_attribute("aria-valuetext") == "2023-04-29, day 185 of the truce"
    assert page.evaluate("document.activeElement.id") == "stand", "the focus stays"
    assert page.url.endswith(f"#/truce/{IRAQ}?as_of=2023-04-29")
    expect(page.locator("#said")).to_contain_text("As of 2023-04-29")
    _supposes_an_attack(page)
    _asks_what_changed(page)


def _tab_to(page: Page, there: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(there):
            return
    raise AssertionError(f"no way by keyboard to {there}")


def _supposes_an_attack(page: Page) -> None:
    _tab_to(page, "document.activeElement.id === 'kind'")
    page.keyboard.type("an attack")
    expect(page.locator("#actor")).to_be_visible()
    _tab_to(page, "document.activeElement.textContent === 'Add and ask'")
    page.keyboard.press("Enter")
    table = page.get_by_role("region", name="With and without")
    expect(table).to_contain_text("points")
    expect(table).to_contain_text("by age alone")
    expect(page.locator("main")).to_contain_text("truces of training that had such events")
    expect(page.locator("#said")).to_contain_text("instead of")


def _asks_what_changed(page: Page) -> None:
    page.locator("#since").focus()
    _tab_to(page, "document.activeElement.textContent === 'Show what changed'")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Parts of the change")).to_contain_text("age")
    expect(page.locator("section .aid").last).to_contain_text("Reliability: t")


def test_a_truce_shows_curves_course_and_events_that_tell_what_who_and_source(visit: Visit) -> None:
    page = visit.view("truce")
    curve, course, drivers = page.locator(".plot").all()
    assert curve.locator("svg .mark-area path").count() == 1, "the interval"
    assert curve.locator("svg .mark-line path").count() == 2, "forecast and truce age alone"
    assert course.locator("svg .mark-line path").count() == 2
    marks = course.locator("svg .mark-symbol.role-mark path")
    assert marks.count() > 10
    assert drivers.locator("svg .mark-rect.role-mark path").count() > 1
    marks.last.hover()
    told = page.locator("#vg-tooltip-element.visible").inner_text()
    assert all(word in told for word in ("what", "who", "source"))
    rows = page.locator("section:has(h2:text-is('Risk over time')) details tbody tr")
    assert rows.count() > marks.count(), "the same figures and events as a table"
    expect(page.locator(".stand label").first).to_contain_text("2022-10-27 to 2023-10-16")


def test_the_map_shows_the_countries_of_the_list(visit: Visit) -> None:
    page = visit.view("list")
    shapes = page.locator(".plot svg .mark-shape.role-mark")
    expect(shapes).to_have_count(2)
    at_risk = shapes.nth(1).locator("path").count()
    told = page.locator("figure details tbody tr").count()
    assert shapes.nth(0).locator("path").count() > 150, "the world"
    assert told - 3 <= at_risk <= told, "all but the smallest countries have a shape"


def test_what_was_not_known_then_is_kept_apart(visit: Visit) -> None:
    page = visit.view("truce")
    hindsight = page.locator("details", has_text="What was not known")
    assert hindsight.get_attribute("open") is None
    hindsight.locator("summary").click()
    expect(hindsight).to_contain_text("broke down on 2023-10-17, 172 days later")


def test_a_refusal_is_shown_with_its_reason(visit: Visit) -> None:
    page = visit.go("#/truce/irq-2012-01-aah")
    expect(page.locator(".notice").first).to_contain_text("unknown_fate")
    page.goto(f"{visit.server.url}/#/truce/nowhere")
    expect(page.locator(".notice").first).to_contain_text("unknown_truce")
    visit.complaints[:] = [said for said in visit.complaints if "404" not in said]  # the browser's own line for it


def test_silent_sources_are_said_and_the_way_out_is_shown(visit: Visit) -> None:
    detail = "no source of events has reported for twice its cadence"

    def silent(route: Route) -> None:
        body = json.loads(route.fetch().text())
        refused = [{**row, "code": "stale", "detail": detail} for row in body["truces"]]
        route.fulfill(
            json={**body, "pending": False, "truces": [], "refused": refused, "sources": [{"last_known_at": DAY}]}
        )

    visit.page.route("**/web/truces", silent)
    page = visit.go("#/")
    expect(page.locator(".notice")).to_contain_text(detail)
    page.get_by_role("link", name=f"Show the list as of {DAY}").click()
    page.wait_for_selector("td strong", timeout=20_000)
    expect(page.locator("main")).to_contain_text(f"As of {DAY}")


def test_the_scoreboard_draws_reliability_with_counts_and_skill_with_intervals(visit: Visit, tmp_path: Path) -> None:
    board = scored_board(Settings.from_environment(tmp_path, {"TRUCECAST_STALE": "ignore"}))
    visit.page.route("**/web/scoreboard", lambda asked: asked.fulfill(json=board))
    page = visit.go(VIEWS["scoreboard"])
    visit.drawn(2)
    reliability, skill = page.locator(".plot").all()
    assert reliability.locator("svg .mark-symbol.role-mark path").count() >= 5
    counted = reliability.locator("svg .mark-text.role-mark text").all_text_contents()
    assert sum(map(int, counted)) == 27, "how many broke at each point"
    assert skill.locator("svg .mark-rule.role-mark line").count() == 2, "an interval, and the line of no skill"
    expect(page.get_by_role("region", name="From issued to scored")).to_contain_text("60")
    worst = page.get_by_role("region", name="worst").locator("tbody tr").first
    expect(worst).to_contain_text("broke")
    expect(worst.get_by_role("link")).to_have_attribute(
        "href", re.compile(r"#/truce/ccc-2015-06-n\d+\?as_of=2015-06-15")
    )


def test_a_closed_service_asks_for_a_key_and_takes_it(visit: Visit) -> None:
    def closed(route: Route) -> None:
        if route.request.headers.get("authorization") == "Bearer tc_right":
            route.continue_()
        else:
            route.fulfill(status=401, json={"code": "denied", "detail": "a key is needed"})

    visit.page.route("**/web/models", closed)
    page = visit.go(VIEWS["models"])
    expect(page.locator(".notice")).to_contain_text("a key is needed")
    page.get_by_label("Key for reading").fill("tc_right")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Models")
    visit.drawn(1)
    visit.complaints[:] = [said for said in visit.complaints if "401" not in said]  # the browser's own line for it


def test_the_models_view_links_to_mlflow(visit: Visit) -> None:
    page = visit.view("models")
    assert page.locator(".plot svg .mark-symbol.role-mark path").count() > 10
    expect(page.get_by_role("link", name="the experiments in MLflow")).to_have_attribute(
        "href", "http://127.0.0.1:5000/#/experiments"
    )
