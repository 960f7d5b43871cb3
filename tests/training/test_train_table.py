"""The command train-table, from the command line to its last digit."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, WeibullAFTFitter
from statsmodels.duration.hazard_regression import PHReg

import trucecast

FAMILIES = ["cox", "weibull", "logistic"]
FORTNA = ("--start", "_t0", "--stop", "_t", "--event", "_d")
FEATURES = ["pk_dum", "logcost", "victory"]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The front door with these words behind ``trucecast train-table``: exit status, stdout and stderr."""

    def called(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["trucecast", "train-table", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            trucecast.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return called


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A hundred rows that all three families can be fitted to, and two that lack a value."""
    rng = np.random.default_rng(8)
    x, life = rng.normal(size=100), rng.exponential(50, 100)
    lines = [f"{life[k] + 1:.3f},{int(life[k] < 60)},{x[k]:.4f},{k % 10}" for k in range(100)]
    path = tmp_path / "own.csv"
    path.write_text("\n".join(["time,broke,x,land", *lines, "3,1,,2", "NA,0,1,2"]) + "\n")
    return path


def words(path: Path, family: str = "cox", **other: str) -> list[str]:
    options = {"stop": "time", "event": "broke", "features": "x", "family": family, **other}
    return [str(path), *(word for name, value in options.items() for word in (f"--{name}", value))]


@pytest.mark.parametrize("family", FAMILIES)
def test_json_stands_alone_on_stdout_in_the_shape_that_was_promised(run: Run, table: Path, family: str) -> None:
    status, out, err = run(*words(table, family, group="land"), "--json")
    body = json.loads(out)
    assert status == 0
    assert err == "2 of 102 rows are left out, for a missing value: time in 1, x in 1\n"
    assert {"family", "n", "events", "log_likelihood", "coefficients"} <= body.keys()
    assert (body["family"], body["n"], body["dropped"], body["groups"]) == (family, 100, 2, 10)
    assert body["ties"] == ("efron" if family == "cox" else None)
    names = {"cox": ["x"], "weibull": ["x", "(intercept)", "log(shape)"], "logistic": ["x", "(intercept)"]}[family]
    assert [one["name"] for one in body["coefficients"]] == names
    for one in body["coefficients"]:
        assert one.keys() == {"name", "estimate", "se", "z", "p", "lo", "hi"}
        assert one["lo"] < one["estimate"] < one["hi"]
        assert one["z"] == pytest.approx(one["estimate"] / one["se"])


def test_for_people_it_is_a_table(run: Run, table: Path) -> None:
    status, out, _ = run(*words(table, "weibull", group="land"))
    assert status == 0
    assert "weibull: 100 rows" in out
    assert "errors by 10 groups of land" in out
    for name in ("x", "(intercept)", "log(shape)", "estimate"):
        assert name in out


def test_ties_change_cox_where_there_are_some(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "tied.csv"
    path.write_text("time,broke,x\n" + "".join(f"{1 + k // 4},1,{k % 3}\n" for k in range(40)))
    found = [
        json.loads(run(*words(path), *more, "--json")[1]) for more in ([], ["--ties", "efron"], ["--ties", "breslow"])
    ]
    assert found[0] == found[1]
    assert found[0]["log_likelihood"] > found[2]["log_likelihood"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--family", "gompertz"),
        ("--ties", "exact"),
        ("--features", " , "),
        ("--features", "x,x"),
        ("--features", "x,time"),
        ("--features", "broke"),
        ("--nonsense", "1"),
    ],
)  # fmt: skip
def test_wrong_usage_has_exit_status_two(run: Run, table: Path, wrong: tuple[str, str]) -> None:
    status, out, err = run(*words(table), *wrong)
    assert (status, out) == (2, "")
    assert wrong[0] in err


def test_an_option_that_is_left_out_is_wrong_usage(run: Run, table: Path) -> None:
    assert run(*words(table)[:-2])[0] == 2


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"stop": "tme"}, "own.csv has no column tme; near it: time"),
        ({"features": "x,gdp"}, "own.csv has no column gdp; it has: time, broke, x, land"),
        ({"event": "land"}, "land is 2 in line 4: an event is 0 or 1"),
        ({"start": "time"}, "is not after time"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_line_and_exit_status_one(run: Run, table: Path, other: dict[str, str], says: str) -> None:
    status, out, err = run(*words(table, **other), "--json")
    assert (status, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("trucecast: ")
    assert says in line


def test_a_file_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    status, _, err = run(*words(tmp_path / "gone.csv"))
    assert status == 1
    assert "gone.csv cannot be read" in err


def test_the_installed_command_fits_a_table_and_writes_nothing_anywhere(table: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    command: list[str | Path] = [
        Path(sys.executable).parent / "trucecast",
        "--home",
        home,
        "train-table",
        *words(table),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] == 100
    assert not home.exists()


@pytest.fixture(scope="module")
def fortna(shared_data: Path) -> Path:
    return shared_data / "fortna" / "pk_and_pkept.dta"


@pytest.fixture(scope="module")
def complete(fortna: Path) -> pd.DataFrame:
    """Fortna's (2004) spells of peace, those that are complete in the columns used."""
    whole = pd.read_stata(fortna, convert_categoricals=False)
    assert len(whole) == 192
    used = whole[["_t0", "_t", "_d", "cluster", *FEATURES]].dropna()
    return used.astype({name: float for name in used.columns if name != "cluster"})


def told(run: Run, fortna: Path, family: str, *more: str) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    status, out, err = run(fortna, *FORTNA, "--features", ",".join(FEATURES), "--family", family, *more, "--json")
    assert (status, err) == (0, "13 of 192 rows are left out, for a missing value: logcost in 13\n")
    body = json.loads(out)
    assert (body["n"], body["dropped"]) == (179, 13)
    return body, {one["name"]: one for one in body["coefficients"]}


def test_cox_on_fortna_s_peace_spells_is_lifelines(run: Run, fortna: Path, complete: pd.DataFrame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = CoxPHFitter().fit(
            complete.drop(columns="cluster"), "_t", "_d", entry_col="_t0", fit_options={"precision": 1e-13}
        )
    body, rows = told(run, fortna, "cox")
    assert (body["events"], len(complete)) == (complete["_d"].sum(), 179)
    assert body["log_likelihood"] == pytest.approx(oracle.log_likelihood_, abs=1e-8)
    for name in FEATURES:
        assert rows[name]["estimate"] == pytest.approx(oracle.params_[name], rel=1e-6)
        assert rows[name]["se"] == pytest.approx(oracle.standard_errors_[name], rel=1e-6)


def test_errors_by_conflict_on_fortna_s_spells_are_statsmodels_own(
    run: Run, fortna: Path, complete: pd.DataFrame
) -> None:
    # PHReg gives a row that comes and goes between two events a score, though it was never at risk at one: leave it out.
    ends = np.unique(complete["_t"][complete["_d"] == 1])
    seen = complete[np.searchsorted(ends, complete["_t0"], "right") < np.searchsorted(ends, complete["_t"], "right")]
    model = PHReg(seen["_t"], seen[FEATURES], status=seen["_d"], entry=seen["_t0"] + 0.5, ties="breslow")
    oracle = model.fit(groups=seen["cluster"].to_numpy())
    assert 0 < len(complete) - len(seen) < 5
    body, rows = told(run, fortna, "cox", "--ties", "breslow", "--group", "cluster")
    assert body["groups"] == complete["cluster"].nunique() == 90
    np.testing.assert_allclose([rows[name]["se"] for name in FEATURES], oracle.bse, rtol=1e-5)
    # Few ends of peace share a day, so Efron's errors are close by.
    efron = told(run, fortna, "cox", "--group", "cluster")[1]
    np.testing.assert_allclose([efron[name]["se"] for name in FEATURES], oracle.bse, rtol=2e-3)


def test_weibull_on_fortna_s_peace_spells_is_lifelines(run: Run, fortna: Path, complete: pd.DataFrame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = WeibullAFTFitter().fit(complete.drop(columns="cluster"), "_t", "_d", entry_col="_t0")
    rho = float(np.exp(oracle.params_["rho_"]["Intercept"]))
    body, rows = told(run, fortna, "weibull")
    assert body["log_likelihood"] == pytest.approx(oracle.log_likelihood_, abs=1e-5)
    assert rows["log(shape)"]["estimate"] == pytest.approx(np.log(rho), abs=1e-4)
    assert rows["log(shape)"]["se"] == pytest.approx(oracle.standard_errors_["rho_"]["Intercept"], rel=1e-3)
    for name in FEATURES:
        assert rows[name]["estimate"] == pytest.approx(-rho * oracle.params_["lambda_"][name], rel=1e-3)
