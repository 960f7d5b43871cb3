"""How to add a feed, a feature and a family: each is added to a copy of the project as its page says, and used there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tutorials import pages

ROOT = Path(__file__).resolve().parents[2]
_COPIED = ("truce", "models", "training", "service", "tests", "docs", "trucecast.py", "pyproject.toml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, which comes before the installed one."""
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def follow(page: str, project: Path) -> None:
    alone = {"PYTHONPATH": str(project), "GIT_CEILING_DIRECTORIES": str(project.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    pages.run(pages.DOCS / "extending" / page, project, alone)


def test_the_copy_is_what_runs(project: Path) -> None:
    page = project / "page.md"
    page.write_text(
        "```sh\npython -c 'import truce, training; print(truce.__file__, training.__file__)'\n```\n"
        f"```text\n{project}/truce/__init__.py {project}/training/__init__.py\n```\n",
        encoding="utf-8",
    )
    pages.run(page, project, {"PYTHONPATH": str(project)})


def test_a_feed_is_added(project: Path) -> None:
    follow("feed.md", project)


@pytest.mark.slow
def test_a_feature_is_added(project: Path) -> None:
    follow("feature.md", project)


@pytest.mark.slow
def test_a_family_is_added(project: Path) -> None:
    follow("family.md", project)
