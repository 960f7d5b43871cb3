"""The Dockerfile and compose.yaml as a machine without a Docker engine can read them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE, COMPOSE = ROOT / "Dockerfile", ROOT / "compose.yaml"


@dataclass(frozen=True, slots=True)
class Order:
    """One instruction of the Dockerfile, its lines joined."""

    word: str
    rest: str

    @property
    def listed(self) -> list[str]:
        """What stands in brackets, for an instruction that is a list."""
        words: list[str] = json.loads(self.rest[self.rest.index("[") :])
        return words


def dockerfile() -> list[Order]:
    """Every instruction, in order."""
    lines = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", lines)
    return [Order(*line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def last(word: str) -> Order:
    """The instruction that counts: the last of its kind."""
    return [order for order in dockerfile() if order.word == word][-1]


def compose() -> dict[str, Any]:
    """compose.yaml, its anchors followed."""
    found: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
    return found


def command(service: str) -> list[str]:
    """What a service of our image executes: the image's entry point, and the words of the service or else of the image."""
    told: list[str] = compose()["services"][service].get("command") or last("CMD").listed
    return [*last("ENTRYPOINT").listed, *told]


def health_check(service: str) -> list[str]:
    """What says whether a service of our image is well: its own words, or else the image's."""
    own = compose()["services"][service].get("healthcheck")
    return own["test"][1:] if own else last("HEALTHCHECK").listed
