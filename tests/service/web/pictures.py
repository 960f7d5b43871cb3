"""Pictures of the page for the docs: `python -m tests.service.web.pictures --url http://127.0.0.1:8000`, over a demo home that is served."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.service.web.conftest import chromium
from tests.service.web.world import scored_board
from truce.settings import Settings
from truce.terminal import show

_IRAQ = "#/truce/irq-2022-10-resistance-lull?as_of=2023-04-28"
FOLDER = Path(__file__).resolve().parents[3] / "docs" / "pictures"
VIEWS = {
    "list": ("#/?as_of=2023-12-31", 1000, 1150, "light", ".plot[data-drawn]"),
    "truce": (_IRAQ, 1000, 1350, "light", "section:nth-of-type(3) .plot[data-drawn]"),
    "course": (_IRAQ, 1000, 1250, "light", "section:nth-of-type(3) .plot[data-drawn]"),
    "truce-phone": (_IRAQ, 390, 844, "dark", ".plot[data-drawn]"),
    "scoreboard": ("#/scoreboard", 1000, 1300, "light", ".chart:nth-of-type(2) .plot[data-drawn]"),
    "models": ("#/models", 1000, 900, "light", ".plot[data-drawn]"),
}
"""Name -> address, width and height in points, colours, and what must be there before the picture is taken."""


def main() -> None:
    """Take one picture a view."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where a demo home is served")
    url = parser.parse_args().url
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made_up:
        # No forecast of a demo home is old enough to be scored, so that picture is of a made-up one, and its caption says so.
        board = scored_board(Settings.from_environment(Path(made_up), {"TRUCECAST_STALE": "ignore"}))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, (address, width, height, colours, there) in VIEWS.items():
            dark = colours == "dark"
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            page.route("**/web/scoreboard", lambda asked: asked.fulfill(json=board))
            page.goto(f"{url}/{address}")
            page.wait_for_selector(there, state="attached")
            page.wait_for_load_state("networkidle")
            if name == "course":
                page.get_by_role("heading", name="Risk over time").evaluate(
                    "one => one.scrollIntoView({behavior: 'instant'})"
                )
            file = FOLDER / f"page-{name}.png"
            page.screenshot(path=file)
            page.close()
            show(f"{file.name}: {file.stat().st_size // 1000} kB")
        browser.close()


if __name__ == "__main__":
    main()
