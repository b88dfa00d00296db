"""The train command: one layout, a search, and answers to what cannot run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wattpath.cli.app import app
from wattpath.errors import InputError, UnitError, UnknownNameError

RUN = CliRunner()
CONFIG = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_hidden_layers": 16,
    "hidden_size": 2048, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
    "intermediate_size": 8192, "vocab_size": 128256, "max_position_embeddings": 131072,
    "tie_word_embeddings": True, "hidden_act": "silu",
}  # fmt: skip
SMALL = ["train", "Llama 3.1 8B", "--chip", "H100", "-n", "16", "--batch", "128"]


def test_one_layout_as_json() -> None:
    done = RUN.invoke(app, [*SMALL, "--tp", "2", "--zero", "1", "--json"])
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert answer["feasible"]
    assert answer["chosen"]["layout"]["dp"] == 8
    assert 0.2 < answer["mfu"] < 0.8
    assert sum(answer["parts_s"].values()) == pytest.approx(answer["chosen"]["step_s"], rel=1e-6)
    assert answer["cost"]["total_usd"] == pytest.approx(
        answer["cost"]["machines_usd"] + answer["cost"]["electricity_usd"]
    )
    assert answer["top"] == []


def test_context_ranks_exchange_as_asked() -> None:
    times = set()
    for kind in ("gather", "ring", "all-to-all"):
        done = RUN.invoke(app, [*SMALL, "--cp", "4", "--zero", "3", "--cp-kind", kind, "--json"])
        answer = json.loads(done.stdout)
        assert kind in answer["chosen"]["label"]
        times.add(answer["parts_s"]["context_s"])
    assert len(times) == 3


def test_a_thin_network_slows_what_crosses_it() -> None:
    options = ["--tp", "1", "--zero", "3", "--json"]
    times = []
    for factor in ("1", "8"):
        done = RUN.invoke(app, [*SMALL, *options, "--oversubscription", factor])
        times.append(json.loads(done.stdout)["chosen"]["step_s"])
    assert times[1] > times[0]


def test_a_configuration_file_is_a_model(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(CONFIG), encoding="utf-8")
    options = ["--chip", "H100", "-n", "16", "--batch", "128", "--tp", "2", "--json"]
    done = RUN.invoke(app, ["train", str(file), *options, "--trainer", "megatron-core-2024"])
    answer = json.loads(done.stdout)
    assert answer["feasible"]
    assert answer["trainer"] == "megatron-core-2024"
    assert answer["chosen"]["evidence"] in ("measured", "derived", "estimate")


def test_without_layout_it_searches_and_lists_the_fastest() -> None:
    done = RUN.invoke(app, [*SMALL, "--json"])
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert 1 < len(answer["top"]) <= 10
    assert answer["chosen"]["step_s"] <= min(item["step_s"] for item in answer["top"]) * (1 + 1e-9)
    assert sum(answer["refused"].values()) > 0


def test_the_screen_shows_memory_and_pipeline() -> None:
    done = RUN.invoke(app, [*SMALL, "--tp", "2", "--pp", "2", "--micro-batch", "1"])
    assert done.exit_code == 0
    parts = ("Memory", "[W", "The pipeline", "the run costs", "Evidence", "swing", "storage")
    for part in parts:
        assert part in done.stdout
    assert "s a step" in done.stdout.strip().splitlines()[0]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--tp", "3"], "not the number of chips"),
        (["--tp", "5", "-n", "20"], "heads do not divide"),
        (["--zero", "0", "--sequence", "131072"], "over"),
    ],
)
def test_what_cannot_run_is_an_answer(options: list[str], reason: str) -> None:
    done = RUN.invoke(app, [*SMALL, *options, "--json"])
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert not answer["feasible"]
    assert reason in answer["reason"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--precision", "fp7"], UnknownNameError),
        (["--schedule", "1f2b"], UnknownNameError),
        (["--tokens", "15 kg"], UnitError),
        (["--chip", "A100", "--precision", "fp8"], InputError),
        (["--precision", "nvfp4"], InputError),
    ],
)
def test_bad_words_name_what_is_known(options: list[str], error: type[Exception]) -> None:
    done = RUN.invoke(app, [*SMALL, *options])
    assert isinstance(done.exception, error)


def test_sites_need_a_network_between_them() -> None:
    layout = [*SMALL, "--tp", "2", "--sites", "2", "--sync", "streaming-diloco"]
    done = RUN.invoke(app, [*layout, "--wan", "400 Gbit/s"])
    assert done.exit_code == 0
    assert "Several sites" in done.stdout
    assert isinstance(RUN.invoke(app, layout).exception, InputError)


def test_a_post_training_step_and_what_does_not_fit() -> None:
    command = ["posttrain", "Llama 3.1 8B", "--chip", "H100", "-n", "16", "--zero", "3"]
    done = RUN.invoke(app, [*command, "--staleness", "2", "--json"])
    answer = json.loads(done.stdout)
    assert answer["feasible"]
    assert sum(answer["step"]["shares"].values()) == pytest.approx(1.0)
    assert 0 < answer["step"]["rollout_chips"] < 16
    assert answer["gain"] > 1.0
    big = ["posttrain", "Llama 3.1 405B", "--chip", "H100", "-n", "16", "--zero", "3"]
    refused = RUN.invoke(app, big)
    assert refused.exit_code == 1
    assert "Infeasible" in refused.stdout


def test_energy_and_cost_follow_the_site_or_what_the_user_fixes() -> None:
    command = [*SMALL, "--tp", "2", "--json"]
    costs = [
        json.loads(RUN.invoke(app, [*command, *options]).stdout)["cost"]
        for options in ([], ["--site", "sg-singapore"], ["--pue", "1.5", "--price", "100 USD/MWh"])
    ]
    texas, singapore, fixed = costs
    assert 1.0 < texas["place"]["pue"] < singapore["place"]["pue"]
    assert fixed["facility_energy_j"] == pytest.approx(1.5 * fixed["it_energy_j"])
    assert fixed["electricity_usd"] == pytest.approx(fixed["facility_energy_j"] / 3.6e9 * 100)


def test_an_unknown_chip_gets_its_near_miss() -> None:
    done = RUN.invoke(app, ["train", "Llama 3.1 8B", "--chip", "H1O0", "-n", "8"])
    assert isinstance(done.exception, UnknownNameError)
    assert "H100" in str(done.exception)
