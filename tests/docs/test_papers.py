"""The papers that go with the project: the citation, the licence, and what leads to them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def test_the_citation_is_one_by_its_schema_and_of_this_version() -> None:
    file = ROOT / "CITATION.cff"
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.citation-file-format", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    cited, project = YAML(typ="safe").load(file), tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (cited["title"], cited["version"], cited["license"]) == (
        project["name"],
        project["version"],
        project["license"],
    )
    assert [one["name"] for one in cited["authors"]] == [one["name"] for one in project["authors"]]
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")


def test_every_page_that_the_readme_names_is_there() -> None:
    told = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"(?:docs|truce|tests|models|training|service)/[\w./-]*\w(?:/|\.\w+)", told))
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []
