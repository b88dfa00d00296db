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


@pytest.mark.parametrize("options", [["--plan", "green"], ["--router", "tarot"]])
def test_unknown_words_are_refused(scenario_file: Path, options: list[str]) -> None:
    done = RUN.invoke(app, ["simulate", str(scenario_file), "--requests", "10", *options])
    assert isinstance(done.exception, InputError)
