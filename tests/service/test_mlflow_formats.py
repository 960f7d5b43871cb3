"""`/invocations` beyond JSON, `/ping`, `/health` and `/version`."""

from __future__ import annotations

import io
from importlib.metadata import version

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from service.mlflow_formats import COLUMNS, EXAMPLE
from tests.service.test_api import feature_rows


def test_csv_and_parquet_are_answered_as_json_is(client: TestClient) -> None:
    frame = pd.DataFrame(feature_rows())[list(COLUMNS)]
    held = io.BytesIO()
    frame.astype({"days_to_scheduled_end": float}).to_parquet(held, index=False)
    wanted = client.post("/invocations", json={"dataframe_records": feature_rows()}).json()
    for kind, body in (
        ("text/csv; charset=utf-8", frame.to_csv(index=False).encode()),
        ("application/vnd.apache.parquet", held.getvalue()),
    ):
        assert client.post("/invocations", content=body, headers={"Content-Type": kind}).json() == wanted


def test_the_example_is_answered(client: TestClient) -> None:
    assert client.post("/invocations", json=EXAMPLE).status_code == 200


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("text/plain", b"x", 415, "wrong_media"),
        ("text/csv", b"", 422, "bad_csv"),
        ("text/csv", b"age_days\nmany\n", 422, "bad_csv"),
        ("text/csv", b"\xff", 422, "bad_csv"),
        ("application/vnd.apache.parquet", b"PAR1 and no more", 422, "bad_parquet"),
        ("application/json", b'{"inputs": 1, "instances": 2}', 422, "bad_format"),
        ("application/json", b"[]", 422, "bad_format"),
    ],
)
def test_what_is_no_table_is_said_to_be_none(
    client: TestClient, kind: str, body: bytes, status: int, code: str
) -> None:
    answer = client.post("/invocations", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_ping_health_and_version_speak_as_mlflow_does(client: TestClient) -> None:
    assert [(a.status_code, a.text) for a in (client.get("/ping"), client.get("/health"))] == [(200, "\n")] * 2
    assert client.get("/version").text == version("mlflow")
