"""The model that ships with the project, so that a bare machine can forecast before anything was trained on it.

``reference.json`` is numbers of ours, written by ``python -m training.reference``; what it saw is told in docs/reference-model.md.
"""

from __future__ import annotations

from pathlib import Path

from truce.identity import digest

FILE = Path(__file__).with_name("reference.json")


def text() -> str:
    """The model's JSON, as it was published."""
    return FILE.read_text(encoding="utf-8")


def version_of(body: str) -> str:
    """A version that no other numbers can have: MLflow counts 1, 2, 3, and a later release brings another reference."""
    return f"reference-{digest(body)[:8]}"
