"""The commands of a site: words, JSON, files and exit codes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from wattpath.cli import run

GAS = (
    "--set", "baseline.supply=[grid, gas-reciprocating-engine]",
    "--set", "grid={limit: 6 MW, price: 20 USD/MWh}",
)  # fmt: skip


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_facility_in_words_json_and_page(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "halls.html"
    asked = ("facility", tiny_file, "--it-power", "10 MW", "--heat", "3 MW", "--html", page)
    code, out, err = ask(capsys, *asked)
    assert (code, err) == (0, "")
    parts = ("PUE", "WUE", "worst hour", "air-chiller-economiser", "immersion only", "capital")
    for part in (*parts, "2N", "Battery", "prefabricated-air", "refitted", "reuse factor"):
        assert part in out
    text = page.read_text(encoding="utf-8")
    assert "Tiny &lt;service&gt;" in text
    assert "heatmap" in text
    assert "Tiny <service>" not in text
    code, out, err = ask(capsys, *asked, "--json")
    told = json.loads(out)
    assert (code, err) == (0, "")
    assert 1.0 < told["pue"] < 1.6
    assert len(told["months"]) == 12
    assert told["heat_reuse"]["met_share"] > 0.5
    assert [file.name for file in tmp_path.iterdir()] == ["halls.html"]


def test_without_a_power_the_plans_give_the_load(
    tiny_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(ask(capsys, "facility", tiny_file, "--json")[1])
    assert told["load"]["source"] == "baseline"
    assert 0.0 < told["load"]["peak_w"] <= told["load"]["it_capacity_w"]
    code, out, _ = ask(capsys, "power", tiny_file, "--days", 4, "--json")
    power = json.loads(out)
    assert (code, power["load"]["source"], power["feasible"]) == (0, "both", True)
    assert power["load"]["peak_w"] <= 500e3


def test_power_writes_its_hours(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hours = tmp_path / "hours.csv"
    months = ("--set", "months_available=60")
    asked = ("power", tiny_file, "--load", "10 MW", "--days", 4, *GAS, *months)
    code, out, err = ask(capsys, *asked, "--hours", hours)
    assert (code, err) == (0, "")
    assert "gas-reciprocating-engine" in out
    with hours.open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 8760
    supplied = [
        float(row["grid.output_w"]) + float(row["gas-reciprocating-engine.output_w"])
        for row in rows
    ]
    assert min(supplied) == pytest.approx(10e6)


def test_an_infeasible_load_is_exit_one_and_writes_nothing(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hours = tmp_path / "hours.csv"
    asked = ("power", tiny_file, "--load", "1 MW", "--days", 4, "--hours", hours)
    code, out, err = ask(capsys, *asked, "--json")
    assert code == 1
    assert err.count("\n") == 1
    assert "A load of 50.0% of the given one could be met" in err
    assert json.loads(out)["feasible"] is False
    assert not list(tmp_path.iterdir())
    code, out, err = ask(capsys, "facility", tiny_file, "--json", "--set", "grid.existing=1 W")
    assert code == 1
    assert json.loads(out)["reasons"]
    assert "--it-power gives a load" in err


@pytest.mark.parametrize("width", [80, 120])
def test_dates_fit_the_terminal(
    tiny_file: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, err = ask(capsys, "date", tiny_file, "--load", "10 MW", "--days", 4, *GAS)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= width
    assert out.startswith("The load can run in month 24; halls come last.\n")
    for part in ("no limit", "Bridges", "a quarter later", "200 hours a year"):
        assert part in out


def test_dates_in_json_and_too_late(tiny_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("date", tiny_file, "--load", "10 MW", "--days", 4, "--json", *GAS)
    code, out, err = ask(capsys, *asked, "--set", "months_available=9")
    told = json.loads(out)
    assert code == 1
    assert err == "wattpath: The load cannot be met in 9 months; the first date is in 15.\n"
    assert len(told["quarters"]) == 32
    assert told["quarters"][-1]["largest_load_w"] is None
    assert told["quarters"][-1]["unlimited"] is True


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("power", "--load", "7 kg"), "--load must be a power such as '100 MW'"),
        (("power", "--carbon-free", "2"), "--carbon-free must lie between 0 and 1. Got 2.0."),
        (("power", "--matched", "-1"), "--matched must lie between 0 and 2"),
        (("power", "--grid-off", "9000"), "--grid-off must lie between 0 and 8,760"),
        (("date", "--load", "0 W"), "--load must be a power greater than 0"),
        (("facility", "--it-power", "-1 MW"), "--it-power must be a power greater than 0"),
        (("facility", "--it-power", "1 MW", "--load-share", "0"), "--load-share must be above 0"),
        (("facility", "--it-power", "1 MW", "--html", "/nowhere/x.html"), "--html must be"),
        (("power", "--load", "1 MW", "--hours", "/nowhere/x.csv"), "--hours must be"),
        (("power", "--load", "1 MW", "--set", "site=atlantis"), "site must name a site"),
        (("power", "--load", "1 MW", "--set", "baseline.supply=[gridd]"), "baseline.supply.0"),
    ],
)
def test_bad_input_is_one_sentence(
    tiny_file: Path,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
    sentence: str,
) -> None:
    code, out, err = ask(capsys, command[0], tiny_file, *command[1:])
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
