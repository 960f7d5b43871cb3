"""What the page and the description show is executed: every block, every example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from tests.examples import a_truce, an_event
from tests.service.conftest import Hands, publish
from truce.clock import end_of
from truce.settings import Settings
from truce.store import SCOPES, open_store

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCKS = re.findall(r"```http\n(GET|POST|PATCH) (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
WHERE = {"TRUCECAST_HOME", "TRUCECAST_DATABASE_URL", "TRUCECAST_MLFLOW_URL"}
"""Where things are kept is told by docs/operations.md."""
IRAQ = "irq-2022-10-resistance-lull"


@pytest.fixture
def iraq(tmp_path: Path) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """The truce that the page speaks of, on the last day of 2023, with a feed that is alive; and headers that may do everything."""
    home = Settings.from_environment(tmp_path, {})
    now = Hands(datetime(2023, 12, 31, 12, tzinfo=UTC))
    with open_store(home, now) as store:
        fields: dict[str, Any] = {
            "iso3": ("IRQ",), "side_a": ("Government of United States",), "side_b": ("Kataib Hezbollah",), "observed_to": None,
            "effective_date": date(2022, 10, 28),
        }  # fmt: skip
        store.truces.put([a_truce(IRAQ, **fields)], known_at=now(), source="truces", written_by="test")
        news = an_event(
            "news", source="current-events", occurred_on=date(2023, 12, 30), known_at=end_of(date(2023, 12, 30))
        )
        store.events.put([news], written_by="test")
        publish(store, "1")
        headers = {"Authorization": f"Bearer {store.keys.create(SCOPES)[1]}"}
    with TestClient(create_app(home, clock=now)) as client:
        yield client, headers


def test_every_block_of_the_page_is_answered(iraq: tuple[TestClient, dict[str, str]]) -> None:
    client, headers = iraq
    assert len(BLOCKS) > 12
    for method, path, body in BLOCKS:
        answer = client.request(method, path, headers=headers, **({"json": json.loads(body)} if body.strip() else {}))
        assert answer.is_success, (method, path, answer.text)
        assert "refused" not in answer.text or answer.json().get("refused") == [], answer.text


def test_the_page_names_every_setting_and_every_setting_is_one() -> None:
    named = set(re.findall(r"^\| `(TRUCECAST_\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    code = (PAGE.parents[1] / "truce" / "settings.py").read_text(encoding="utf-8")
    assert set(re.findall(r'"(TRUCECAST_\w+)"', code)) - WHERE == named


def test_every_example_of_the_description_is_answered(iraq: tuple[TestClient, dict[str, str]]) -> None:
    client, headers = iraq
    description = client.get("/openapi.json").json()
    asked = 0
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            query = {
                parameter["name"]: parameter["schema"]["examples"][0]
                for parameter in operation.get("parameters", [])
                if parameter["in"] == "query" and "examples" in parameter["schema"]
            }
            for body in _examples(description, operation):
                filled = path.replace("{truce_id}", IRAQ).replace("{event_id}", "news")
                sent = {"json": body} if body is not None else {}
                answer = client.request(method.upper(), filled, headers=headers, params=query, **sent)
                assert answer.is_success or "{" in filled, (answer.text, method, filled, body)
                asked += 1
    assert asked >= 20


def _examples(description: dict[str, Any], operation: dict[str, Any]) -> Iterator[Any]:
    """The bodies that an operation shows; None for one that takes none."""
    if "requestBody" not in operation:
        yield None
        return
    media = operation["requestBody"]["content"]["application/json"]
    if "example" in media:
        yield media["example"]
    yield from (shown["value"] for shown in media.get("examples", {}).values())
    kinds = media["schema"].get("anyOf", [media["schema"]])
    for kind in (description["components"]["schemas"][k["$ref"].rpartition("/")[2]] for k in kinds if "$ref" in k):
        yield from kind.get("examples", [])


def test_operations_have_names_of_their_own(iraq: tuple[TestClient, dict[str, str]]) -> None:
    paths = iraq[0].get("/openapi.json").json()["paths"].values()
    names = [operation["operationId"] for path in paths for operation in path.values()]
    assert len(set(names)) == len(names)


def test_the_description_asks_no_other_host_for_anything(iraq: tuple[TestClient, dict[str, str]]) -> None:
    client, _ = iraq
    page = client.get("/docs").text
    wanted = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(wanted) >= 3
    for path in wanted:
        assert path.startswith("/"), path
        assert client.get(path).status_code == 200, path
    assert "://" not in page
    assert client.get("/redoc").status_code == 404
