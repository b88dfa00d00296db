"""The commands answer, in words and in JSON, with the right exit code."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wattpath import __version__
from wattpath.cli import run
from wattpath.plan.result import PlanResult

CONFIG = Path(__file__).parents[1] / "models" / "configs"


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(scope="module")
def planned(tiny_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str, Path]:
    """JSON, standard error and report of one real run in a process of its own."""
    page = tmp_path_factory.mktemp("page") / "report.html"
    command = [sys.executable, "-m", "wattpath.cli", "plan", tiny_file, "--json", "--html", page]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout), done.stderr, page


def test_plan_json_holds_what_is_promised(planned: tuple[Any, str, Path]) -> None:
    answer, errors, page = planned
    assert errors == ""
    assert set(answer["plans"]) == {"baseline", "blue", "red", "both"}
    for plan in answer["plans"].values():
        assert plan["feasible"] is True
        assert plan["reasons"] == []
        for field in (
            "cost_usd_per_year",
            "it_power_peak_w",
            "facility_power_peak_w",
            "energy_wh_per_year",
            "carbon_kg_per_year",
            "water_m3_per_year",
            "months_to_power",
            "chips",
        ):
            assert plan[field] >= 0.0, field
    assert set(answer["replaceable_share"]) >= {"power", "cost", "energy", "carbon", "water"}
    assert answer["inputs"]["version"] == __version__
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [file.name for file in page.parent.iterdir()] == ["report.html"]


def test_attribution_adds_up_and_cost_never_rises(planned: tuple[Any, str, Path]) -> None:
    plans, rows = planned[0]["plans"], planned[0]["attribution"]
    for ours, theirs in (
        ("power_w", "facility_power_peak_w"),
        ("cost_usd_per_year", "cost_usd_per_year"),
        ("carbon_kg_per_year", "carbon_kg_per_year"),
    ):
        whole = plans["baseline"][theirs] - plans["both"][theirs]
        assert sum(row[ours] for row in rows) == pytest.approx(
            whole, abs=1e-6 * plans["both"][theirs]
        )
    cost = {name: plan["cost_usd_per_year"] for name, plan in plans.items()}
    above = 1.0 + 1e-6
    assert max(cost["blue"], cost["red"]) <= cost["baseline"] * above
    assert cost["both"] <= min(cost["blue"], cost["red"]) * above


def test_python_and_command_give_the_same_answer(
    planned: tuple[Any, str, Path], tiny_answer: PlanResult
) -> None:
    again = tiny_answer.to_json()
    for key in ("plans", "replaceable_share", "attribution", "inputs"):
        assert planned[0][key] == again[key]


@pytest.mark.parametrize("width", [80, 120])
def test_plan_fits_the_terminal(
    tiny_answer: PlanResult,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
) -> None:
    from wattpath.cli import show

    monkeypatch.setenv("COLUMNS", str(width))
    show.plan(tiny_answer)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= width
    text = "\n".join(lines)
    for part in ("Facility peak", "replaceable", "nvidia-dgx-h", "Shapley", "Beside the best"):
        assert part in text


def test_infeasible_is_exit_one_with_a_reason(
    tiny_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    code, out, err = ask(
        capsys, "plan", tiny_file, "--json", "--html", page,
        "--set", "grid.limit=1 W", "--set", "grid.existing=1 W",
    )  # fmt: skip
    assert code == 1
    assert err.count("\n") == 1
    assert "no plan is feasible" in err
    assert "grid.limit" in err
    both = json.loads(out)["plans"]["both"]
    assert both["feasible"] is False
    assert both["cost_usd_per_year"] is None
    assert both["reasons"]
    assert "infeasible" in page.read_text(encoding="utf-8")


def test_explain_ends_with_the_number(
    tiny_file: Path, capsys: pytest.CaptureFixture[str], tiny_answer: PlanResult
) -> None:
    code, out, err = ask(capsys, "explain", tiny_file, "red.cost_usd_per_year", "--json")
    steps = json.loads(out)
    assert (code, err) == (0, "")
    assert steps[-1]["factor"] == "red.cost_usd_per_year"
    assert steps[-1]["value"] == pytest.approx(tiny_answer.plans["red"].cost_usd_per_year)
    assert any("price_usd" in step["factor"] and step["source"] for step in steps)
    assert [step.to_json() for step in tiny_answer.explain("red.cost_usd_per_year")] == steps


def test_new_writes_a_scenario_that_plans(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.yaml"
    assert ask(capsys, "new", file)[0] == 0
    code, out, err = ask(capsys, "plan", file, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["replaceable_share"]["cost"] > 0.0
    before = file.read_text()
    code, _, err = ask(capsys, "new", file)
    assert code == 2
    assert "must not exist yet" in err
    assert file.read_text() == before


def test_model_from_name_and_from_config(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, "model", "Llama 3.1 70B", "--json")
    assert code == 0
    assert json.loads(out)["parameters"]["total"] == pytest.approx(70.55e9, rel=0.01)
    code, out, _ = ask(capsys, "model", CONFIG / "gpt2.json", "--json")
    assert json.loads(out)["parameters"]["total"] == pytest.approx(124_439_808, rel=0.01)
    code, out, _ = ask(capsys, "model", "Llama 3.1 70B")
    assert "70.55 billion" in out


def test_catalog_counts_lists_and_cites(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(ask(capsys, "catalog", "--json")[1])
    assert rows[-1]["kind"] == "all"
    assert rows[-1]["values"] == sum(row["values"] for row in rows[:-1])
    chips = json.loads(ask(capsys, "catalog", "chip", "--json")[1])
    assert "nvidia-h100-sxm" in {row["key"] for row in chips}
    found = json.loads(ask(capsys, "catalog", "chip", "h100", "--json")[1])
    tdp = next(row for row in found["values"] if row["attribute"] == "tdp_w")
    assert (tdp["value"], tdp["unit"]) == (700, "W")
    assert {row["source"] for row in found["values"]} == {row["key"] for row in found["sources"]}
    code, out, _ = ask(capsys, "catalog", "chip", "H100")
    assert code == 0
    assert "datasheet" in out
    assert ask(capsys, "catalog")[1].splitlines()[-1].split()[0] == "all"


def test_validate_prints_the_ledger_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "energy.csv"
    table.write_text(
        "row_id,source,model,chip,n_chips,tp,precision,engine,task,avg_batch,avg_output_len,"
        "output_tokens_per_s,energy_per_token_j\n"
        "r1,somewhere,a model nobody knows,H100,1,1,bf16,vLLM,chat,8,300,500,1.0\n"
    )
    code, out, err = ask(capsys, "validate", "--kind", "energy", "--data", table, "--json")
    ledger = json.loads(out)
    assert (code, err) == (0, "")
    assert {"groups", "rows"} <= set(ledger)
    assert all(row["status"] == "refused" for row in ledger["rows"])
    code, out, _ = ask(capsys, "validate", "--kind", "energy", "--data", table)
    assert code == 0
    assert "refused" in out


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "--version") == (0, f"wattpath {__version__}\n", "")
    code, out, _ = ask(capsys, "--help")
    assert code == 0
    for command in ("new", "plan", "explain", "model", "catalog", "validate"):
        assert f"  {command} " in out
    assert ask(capsys)[0] == 2


def test_amounts_are_rounded_to_what_they_mean() -> None:
    from wattpath.report.words import amount, amounts

    assert amount(0.6004e3, "kg") == "600 kg"
    assert amount(46_227.0, "kg") == "46.2 t"
    assert amount(math.nan, "W") == "–"
    assert amount(1.5e6, "USD") == "$1.50 M"
    assert amounts([1e6, 1e-9, -3e5], "W") == ["1.00 MW", "0 W", "-300 kW"]
