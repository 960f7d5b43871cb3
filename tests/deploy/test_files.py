"""The Dockerfile and compose.yaml keep to what docs/deploy.md says of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import COMPOSE, DOCKERFILE, ROOT, compose, dockerfile, last

BIN = Path(sys.executable).parent
HADOLINT = ROOT / ".venv" / "dockerfile" / "bin" / "hadolint"
_PIN = re.compile(r"^([a-z0-9.-]+==\S+)", re.MULTILINE)


def test_the_compose_file_is_one_by_the_schema_of_its_specification() -> None:
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.skipif(
    not HADOLINT.exists(), reason="the linter has an environment of its own: `make .venv/dockerfile/ready`"
)
def test_the_linter_has_nothing_to_say_of_the_dockerfile() -> None:
    done = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_made_of_the_pinned_base_and_hashed_wheels_of_the_lock() -> None:
    assert {order.rest.split()[0] for order in dockerfile() if order.word == "FROM"} == {"python:3.11-slim"}
    installs = [order.rest for order in dockerfile() if order.word == "RUN" and "pip install" in order.rest]
    assert all("--require-hashes" in told or "--no-index" in told for told in installs)
    image, whole = (
        set(_PIN.findall((ROOT / name).read_text("utf-8"))) for name in ("requirements-image.lock", "requirements.lock")
    )
    assert len(image) > 50
    assert image <= whole, "`make lock` writes both"
    assert not any(pin.startswith(("pytest==", "mkdocs==", "mypy==")) for pin in image)


def test_the_container_is_nobody_special_and_says_how_it_is() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER").rest.strip())
    assert "/livez" in last("HEALTHCHECK").rest
    written = [order.word for order in dockerfile()]
    assert written.index("USER") > max(k for k, word in enumerate(written) if word in ("RUN", "COPY"))


def test_only_what_the_image_needs_reaches_it_and_no_secret_does() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {name for o in dockerfile() if o.word == "COPY" and "--from" not in o.rest for name in o.rest.split()[:-1]}
    assert copied == kept
    assert [name for name in copied if not (ROOT / name).exists()] == []
    secret = re.compile(r"password|secret|token|_key", re.IGNORECASE)
    assert not any(secret.search(order.rest) for order in dockerfile() if order.word in ("ENV", "ARG", "COPY"))


def test_no_password_stands_in_the_compose_file() -> None:
    for name, service in compose()["services"].items():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable or "URL" in variable:
                assert "${TRUCECAST_DB_PASSWORD" in value, (name, variable)


def test_the_ports_are_open_to_this_machine_alone() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
