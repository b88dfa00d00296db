"""The simulate command: a small planned fleet driven by made and by given requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from wattpath.cli.app import app
from wattpath.errors import InputError

RUN = CliRunner()


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("serve") / "small.yaml"
    demand = {
        "name": "chat",
        "kind": "serving",
        "model": "Llama 3.1 8B",
        "requests": "20M requests/day",
        "input_tokens": 700,
        "output_tokens": 150,
        "ttft": "2 s",
        "tpot": "60 ms",
    }
    baseline = {
        "server": "nvidia-dgx-h100",
        "cooling": "air-chiller-economiser",
        "electrical": "modern-double-conversion",
        "supply": ["grid"],
        "levers": ["prefix-caching"],
    }
    raw = {
        "name": "Small chat",
        "site": "us-chicago",
        "months_available": 96,
        "demands": [demand],
        "baseline": baseline,
    }
    file.write_text(yaml.safe_dump(raw))
    return file


def test_made_requests_are_all_answered(scenario_file: Path) -> None:
    done = RUN.invoke(app, ["simulate", str(scenario_file), "--requests", "3000", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["requests"] == 3000
    assert answer["requests_per_s"] == pytest.approx(3000 / answer["wall_s"], rel=0.01)
    for name in ("ttft_s", "tpot_s", "e2e_s"):
        values = answer["percentiles"][name]
        assert 0 < values["p50"] <= values["p90"] <= values["p99"]
    assert answer["energy"]["peak_it_w"] >= 0.999999 * answer["energy"]["mean_it_w"] > 0


def test_a_trace_is_repeated_as_needed(scenario_file: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    rows = [f"2024-01-01 00:00:{second:02d}.0,{200 + second},{20 + second}" for second in range(60)]
    trace.write_text("\n".join(["TIMESTAMP,ContextTokens,GeneratedTokens", *rows, ""]))
    command = ["simulate", str(scenario_file), "--trace", str(trace), "--requests", "300", "--json"]
    done = RUN.invoke(app, command)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["requests"] == 300
    assert answer["within_service_level"] == pytest.approx(1.0)


def test_arrivals_out_of_order_are_one_sentence(scenario_file: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2024-01-01 00:00:05.0,100,10\n2024-01-01 00:00:01.0,100,10\n"
    )
    done = RUN.invoke(app, ["simulate", str(scenario_file), "--trace", str(trace)])
    assert isinstance(done.exception, InputError)
    assert "\n" not in str(done.exception)


def test_operation_is_driven_and_a_small_model_may_answer_first(
    scenario_file: Path, tmp_path: Path
) -> None:
    page = tmp_path / "replay.html"
    how = ["autoscale={least: 0.5, open_requests: 40}", "priorities=[0.25, 0.75]",
           "failures={between: 1 h, repair: 5 min}"]  # fmt: skip
    small = "cascade={model: Llama 3.2 1B, passed_on: 0.25, at_once: 0.2, kept: 0.5}"
    command = ["simulate", str(scenario_file), "--requests", "4000", "--json", "--html", str(page)]
    command += ["--keep", str(tmp_path / "kept")]
    done = RUN.invoke(app, [*command, *(f"--operate={one}" for one in (*how, small))])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer["served"] == 4000
    assert sum(one["requests"] for one in answer["classes"]) == 4000
    assert answer["classes"][0]["requests"] == pytest.approx(1000, rel=0.1)
    first, large = answer["fleet"]
    assert (first["model"], first["share"]) == ("Llama 3.2 1B", 0.8)
    assert "model" not in large
    assert 0.0 < answer["queue"]["running_mean"] <= answer["queue"]["running_peak"]
    series = answer["over_time"]
    assert len(series["it_w"]) == len(series["waiting"]) <= 96
    assert max(series["it_w"]) <= answer["energy"]["peak_it_w"] * (1.0 + 1e-9)
    assert "id='ranks'" in page.read_text(encoding="utf-8")
    assert not list(tmp_path.glob("kept*"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plan", "green"], "--plan"),
        (["--router", "tarot"], "operation.router"),
        (["--operate", "autoscale.least=0"], "autoscale.least"),
        (["--operate", "priorities=[0.5, 0.6]"], "add up to 1"),
        (["--operate", "tiers.host=5 GB"], "host_rate"),
        (["--operate", "failures.betwen=3 h"], "between"),
        (["--operate", "cascade={passed_on: 0.1}"], "cascade.model"),
        (["--operate", "acceptance=0.5"], "operation.acceptance"),
        (["--operate", "cascade.model=HAL 9000"], "operation.cascade.model"),
    ],
)
def test_bad_input_is_one_sentence(scenario_file: Path, options: list[str], said: str) -> None:
    done = RUN.invoke(app, ["simulate", str(scenario_file), "--requests", "10", *options])
    assert isinstance(done.exception, InputError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)
