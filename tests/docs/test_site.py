"""The docs as a site: whole, without a warning, and asking nobody else for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service import api_reference

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
_ASKED = re.compile(
    r"""<(?:script|img|iframe|source|link(?![^>]*rel="?canonical))[^>]*?\s(?:src|href)="?((?:https?:)?//[^\s">]+)"""
)
_FROM_STYLE = re.compile(r"""(?:url\(|@import\s+)["']?((?:https?:)?//[^\s"')]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: any warning is the end."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [BIN / "mkdocs", "build", "--strict", "--site-dir", folder], cwd=ROOT, capture_output=True, text=True,
        check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_is_built_with_every_page_of_the_docs(site: Path) -> None:
    pages = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")]
    built = {"index" if page.stem == "README" else page.stem: page for page in pages}
    assert len(pages) > 40
    assert [p for stem, p in built.items() if not (site / p.parent / f"{stem}.html").is_file()] == []


def test_no_page_of_the_site_asks_another_host(site: Path) -> None:
    asked = [
        (page.name, host)
        for page in [*site.rglob("*.html"), *site.rglob("*.css")]
        for host in (_ASKED if page.suffix == ".html" else _FROM_STYLE).findall(page.read_text(encoding="utf-8"))
    ]
    assert asked == []
    # What the theme's script would fetch from elsewhere only for a diagram or a repository's stars.
    assert not any('class="mermaid"' in page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
    assert "repo_url" not in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_what_asks_another_host_is_found() -> None:
    assert _ASKED.findall('<link rel="stylesheet" href="https://fonts.example/css">') == ["https://fonts.example/css"]
    assert _ASKED.findall("<script src=//cdn.example/a.js></script>") == ["//cdn.example/a.js"]
    assert _ASKED.findall('<a href="https://example.org">') == []
    assert _FROM_STYLE.findall("src:url(https://fonts.example/a.woff2)") == ["https://fonts.example/a.woff2"]


def test_the_reference_of_the_api_is_what_the_service_describes() -> None:
    written = api_reference.PAGE.read_text(encoding="utf-8")
    assert written == api_reference.page(api_reference.described()), "`make api-reference` writes it anew"
