"""The laws of the house that import-linter cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("truce", "models", "training", "service")
BIN = Path(sys.executable).parent


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))
    yield "trucecast.py", ast.parse((ROOT / "trucecast.py").read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_rooms_depend_downwards_and_keep_their_doors() -> None:
    done = subprocess.run([BIN / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_room_enters_by_the_front_door() -> None:
    assert [file for file, tree in sources() if "trucecast" in imported(tree)] == []


def test_mlflow_is_imported_behind_its_three_doors_only() -> None:
    doors = {"models/registry.py", "models/pyfunc.py", "training/tracking.py"}
    found = {file for file, tree in sources() if any(name.partition(".")[0] == "mlflow" for name in imported(tree))}
    assert found == doors


def test_nothing_of_ours_is_pickled() -> None:
    banned = {"pickle", "cPickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
    assert [f for f, tree in sources() if banned & {name.partition(".")[0] for name in imported(tree)}] == []
    for file, tree in sources():
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.keyword) and node.arg == "allow_pickle"), file


def test_only_the_clock_reads_the_clock() -> None:
    reads = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
    found = {
        file
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in reads
    }
    assert found == {"truce/clock.py"}


def test_no_stranger_owns_the_name_of_a_room() -> None:
    owners = packages_distributions()
    for name in (*ROOMS, "trucecast"):
        assert set(owners.get(name, [])) <= {"trucecast"}, name


def test_the_installed_command_starts_from_a_foreign_folder_with_decoys(tmp_path: Path) -> None:
    for name in ROOMS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('a stranger was imported')")
    done = subprocess.run(
        [BIN / "trucecast", "truces", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_help_imports_no_heavy_library() -> None:
    asked = "import sys, trucecast; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    heavy = {"numpy", "pandas", "mlflow", "sklearn", "statsmodels", "fastapi", "sqlalchemy", "altair", "vl_convert", "pyarrow"}  # fmt: skip
    assert heavy & set(done.stdout.split()) == set()


def test_the_serving_side_starts_without_mlflow_charts_or_a_fitting_library() -> None:
    asked = "import sys, service.server; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)
    assert {"mlflow", "sklearn", "statsmodels", "scipy", "altair", "vl_convert"} & set(done.stdout.split()) == set()


@pytest.mark.parametrize(
    "told", ["/work" + "/", "/root" + "/", "file:" + "//", "--index" + "-url ", "pypi.org/" + "simple"]
)
def test_no_file_tells_of_the_machine_it_was_written_on(told: str) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    ours = [f for f in listed if not f.startswith("service/web/vendor/")]  # a library may know of such addresses
    found = [f for f in ours if (ROOT / f).is_file() and told.encode() in (ROOT / f).read_bytes()]
    assert found == []


def test_a_file_has_at_most_300_lines_and_a_body_30() -> None:
    long = [file for file, _ in sources() if len((ROOT / file).read_text(encoding="utf-8").splitlines()) > 300]
    assert long == []
    bodies = [
        f"{file}: {node.name}"
        for file, tree in sources()
        if "migrations" not in file  # what a revision made is history, and stays as it was
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _lines_of_code(node) > 30
    ]
    assert bodies == []


def _lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
