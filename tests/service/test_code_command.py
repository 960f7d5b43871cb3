from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.event_coder import EventCoder
from service.coding import BATCH
from service.desk import code_lines
from tests.examples import a_truce
from tests.service.conftest import NOON
from truce.clock import Clock
from truce.errors import WrongFile
from truce.settings import Settings
from truce.store import Store

FIELDS = {
    "n", "id", "type", "secondary", "topic", "modality", "iso3", "actor", "target", "actor_sector", "deaths", "truce", "links", "coder",
    "refused",
}  # fmt: skip
THREAT = "Kataib Hezbollah threatens to resume attacks on U.S. forces in Iraq."
BOMBING = "A roadside bomb kills four soldiers in northern Mali."
COMET = "Astronomers describe a new comet."
NOISE = bytes(range(256)) * 8

Run = Callable[..., list[dict[str, Any]]]


def as_line(text: object, **fields: object) -> str:
    return json.dumps({"text": text, **fields})


@pytest.fixture
def coded(home: Settings, tmp_path: Path, noon: Clock, capsys: pytest.CaptureFixture[str]) -> Run:
    """What the command prints of these lines; at least one of them must be coded, unless told otherwise."""

    def run(*lines: str, some: bool = True) -> list[dict[str, Any]]:
        path = tmp_path / "texts.txt"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        assert code_lines(home, str(path), clock=noon) is some
        *answers, end = capsys.readouterr().out.split("\n")
        assert end == ""
        return [json.loads(line) for line in answers]

    return run


def installed(home: Path, path: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command: list[str | Path] = [Path(sys.executable).parent / "trucecast", "--home", home, "code", path]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)


def test_every_line_has_one_answer_in_order_be_it_json_or_a_bare_text(coded: Run) -> None:
    found = coded(
        as_line(THREAT, id="first"),
        COMET,
        BOMBING,
        as_line(COMET, id="fourth", date="2023-04-28", category="Science"),
        "Attack!",
        as_line(BOMBING),
    )
    assert [one["n"] for one in found] == [1, 2, 3, 4, 5, 6]
    assert [one["id"] for one in found] == ["first", None, None, "fourth", None, None]
    assert [one["type"] for one in found] == ["threaten", "none", "assault", "none", None, "assault"]
    assert all(one.keys() == FIELDS for one in found)
    assert {one["coder"] for one in found} == {EventCoder.load().version}


def test_a_bare_text_and_its_json_line_say_the_same(coded: Run) -> None:
    bare, line = coded(BOMBING, as_line(BOMBING))
    assert {**bare, "n": 2} == line
    assert (bare["actor"], bare["iso3"], bare["deaths"], bare["refused"]) == (None, ["MLI"], 4, None)


def test_more_lines_than_one_batch_stay_in_order(coded: Run) -> None:
    kinds = {BOMBING: "assault", "Attack!": None, COMET: "none"}
    lines = list(kinds) * (BATCH // 2)
    found = coded(*lines)
    assert len(lines) > BATCH
    assert [one["n"] for one in found] == list(range(1, len(lines) + 1))
    assert [one["type"] for one in found] == [kinds[line] for line in lines]


def test_an_id_of_a_refused_line_is_kept(coded: Run) -> None:
    refused, good = coded(as_line("Attack!", id="r-1"), as_line(BOMBING, id="g-2"))
    assert (refused["n"], refused["id"], good["n"], good["id"]) == (1, "r-1", 2, "g-2")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Attack!", "too_short"),
        ("word " * 20_000, "too_long"),
        ("\x01\x02\x07\x08" * 10, "no_text"),
        ("Los rebeldes atacaron un puesto militar en el norte y mataron a nueve soldados.", "not_english"),
        (as_line(BOMBING, date="2024-06-16"), "date_in_future"),
        (as_line(BOMBING, date="2024-02-30"), "bad_date"),
        (as_line(BOMBING, date=20240614), "bad_text"),
        (as_line(BOMBING, category=["Africa"]), "bad_text"),
        (as_line(5), "bad_text"),
        (as_line(""), "no_text"),
        (json.dumps({"id": "x"}), "bad_text"),
        ('{"text": "Rebels attack', "bad_json"),
        ('{"a": ' * 50_000, "bad_json"),
    ],
)
def test_a_refused_line_says_why_and_its_type_is_null(coded: Run, line: str, code: str) -> None:
    before, refused, after = coded(COMET, line, BOMBING)
    assert refused.keys() == FIELDS
    assert refused["refused"].keys() == {"code", "detail"}
    assert (refused["n"], refused["type"], refused["refused"]["code"]) == (2, None, code)
    assert refused["refused"]["detail"]
    assert (refused["iso3"], refused["links"]) == ([], [])
    assert (before["type"], after["type"]) == ("none", "assault")


@pytest.mark.parametrize(
    "line",
    ['{"text": "Rebels \\ud800 attack a bridge in Iraq."}', '{"id": "\\ud800", "text": "Rebels attack a bridge."}'],
    ids=["in the text", "in the id"],
)
def test_half_a_character_stops_no_other_line(coded: Run, line: str) -> None:
    found = coded(COMET, line, BOMBING)
    assert [one["n"] for one in found] == [1, 2, 3]
    assert (found[0]["type"], found[2]["type"]) == ("none", "assault")


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"], ids=["U+2028", "U+2029", "U+0085"])
def test_only_a_newline_ends_a_line_of_json(coded: Run, mark: str) -> None:
    line = json.dumps(
        {"id": "one", "text": f"A roadside bomb kills four soldiers.{mark}It is in Mali."}, ensure_ascii=False
    )
    (found,) = coded(line)
    assert (found["id"], found["type"]) == ("one", "assault")


def test_blank_lines_and_the_mark_of_a_text_file_are_no_texts(coded: Run) -> None:
    found = coded(f"\ufeff{BOMBING}", "", "   ", f"{COMET}\r")
    assert [one["type"] for one in found] == ["assault", "none"]
    assert [one["n"] for one in found] == [1, 4], "the line's own number"
    assert found[0] == coded(BOMBING)[0]


def test_the_links_name_the_stored_truce_that_was_in_force(
    home: Settings, store: Store, tmp_path: Path, noon: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    truce = a_truce(
        "irq-own", iso3=("IRQ",), side_a=("Government of United States",), side_b=("Kataib Hezbollah",),
        effective_date=date(2015, 5, 1), observed_to=None,
    )  # fmt: skip
    store.truces.put([truce], known_at=NOON, source="truces", written_by="cli")
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(as_line(THREAT, date=day) for day in ("2015-06-14", "2015-04-30")))
    before = store.stamp()
    assert code_lines(home, str(path), clock=noon)
    during, earlier = (json.loads(line)["links"] for line in capsys.readouterr().out.splitlines())
    assert [(link["truce_id"], link["scope"], link["weight"]) for link in during] == [("irq-own", "sides", 1.0)]
    assert during[0]["why"] == "Kataib Hezbollah and Government of United States stand on opposite sides of the truce"
    assert earlier == []
    assert store.stamp() == before, "the command keeps nothing"


def test_where_all_lines_are_refused_that_is_said(coded: Run) -> None:
    found = coded("Attack!", as_line(5), some=False)
    assert [one["refused"]["code"] for one in found] == ["too_short", "bad_text"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(NOISE, "is not text"), (b"", "holds no text"), (b" \n\n\t\n", "holds no text"), (None, "cannot be read")],
    ids=["binary noise", "empty", "blank", "missing"],
)
def test_what_is_no_file_of_texts_is_one_clear_error(
    home: Settings, tmp_path: Path, noon: Clock, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    path = tmp_path / "texts.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongFile, match=said) as refused:
        code_lines(home, str(path), clock=noon)
    assert str(path) in refused.value.detail
    assert capsys.readouterr().out == ""


def test_a_folder_is_no_file_of_texts(home: Settings, tmp_path: Path, noon: Clock) -> None:
    with pytest.raises(WrongFile, match="cannot be read"):
        code_lines(home, str(tmp_path), clock=noon)


def test_the_installed_command_answers_standard_input_line_by_line(tmp_path: Path) -> None:
    lines = [as_line(THREAT, id="first", date="2023-04-28"), BOMBING, "Attack!", "", COMET]
    done = installed(tmp_path / "home", "-", "\n".join(lines).encode())
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 0, done.stderr
    assert [(one["n"], one["id"], one["type"]) for one in found] == [
        (1, "first", "threaten"),
        (2, None, "assault"),
        (3, None, None),
        (5, None, "none"),
    ]
    assert found[2]["refused"]["code"] == "too_short"


def test_the_installed_command_has_exit_status_one_where_all_lines_are_refused(tmp_path: Path) -> None:
    done = installed(tmp_path / "home", "-", b"Attack!\nRun!\n")
    assert done.returncode == 1
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == [None, None]
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("content", [NOISE, b"", None], ids=["binary noise", "empty", "missing"])
def test_the_installed_command_refuses_what_is_no_file_of_texts_in_one_line(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "texts.txt"
    if content is not None:
        path.write_bytes(content)
    done = installed(tmp_path / "home", path)
    assert (done.returncode, done.stdout) == (1, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("trucecast: ")
