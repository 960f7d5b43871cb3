from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.service.web.world import Server, furnished, serving

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service over a part of the Chronicle, on 31 December 2023."""
    with serving(furnished(tmp_path_factory.mktemp("page"))) as running:
        yield running


def chromium() -> str | None:
    """The path of this machine's Chromium, if it has one."""
    return os.environ.get("TRUCECAST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine."""
    found = chromium()
    if found is None:
        pytest.skip("no Chromium on this machine: install one, or set TRUCECAST_CHROMIUM to its path")
    with sync_playwright() as driver:
        # Chromium's sandbox needs rights that a container seldom has; it opens nothing but our own page here.
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()
