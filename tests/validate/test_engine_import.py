"""Benchmarks as vLLM and SGLang write them, beside the prediction for the same run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wattpath.errors import InputError
from wattpath.validate.engine_import import Machine, engine_ledger

RUN = {
    "backend": "vllm",
    "model_id": "meta-llama/Llama-3.1-8B-Instruct",
    "request_rate": 2.0,
    "burstiness": 1.0,
    "max_concurrency": None,
    "duration": 30.0,
    "completed": 40,
    "total_input_tokens": 40 * 500,
    "total_output_tokens": 40 * 60,
    "mean_ttft_ms": 40.0,
    "p99_ttft_ms": 80.0,
    "mean_tpot_ms": 8.0,
}
HOPPER = Machine("nvidia-h100-sxm")


def _written(folder: Path, text: str, name: str = "result.json") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_each_published_statistic_has_a_row(tmp_path: Path) -> None:
    ledger = engine_ledger(_written(tmp_path, json.dumps(RUN)), HOPPER)
    rows = {row.quantity: row for row in ledger.rows}
    assert set(rows) == {"ttft_mean", "ttft_p99", "tpot_mean", "throughput"}
    assert rows["tpot_mean"].measured == pytest.approx(0.008)
    assert rows["tpot_mean"].predicted == pytest.approx(0.008, rel=0.5)
    assert rows["throughput"].measured == pytest.approx(80.0)
    assert rows["ttft_mean"].predicted < rows["ttft_p99"].predicted


def test_several_runs_and_their_own_lengths(tmp_path: Path) -> None:
    users = RUN | {"request_rate": "inf", "max_concurrency": 8, "accept_length": None}
    users |= {"input_lens": [100, 900] * 20, "output_lens": [20, 100] * 20}
    text = "\n".join(json.dumps(one) for one in (users, users | {"max_concurrency": 32}))
    ledger = engine_ledger(_written(tmp_path, text, "runs.jsonl"), HOPPER)
    rates = [row.predicted for row in ledger.rows if row.quantity == "throughput"]
    assert len(rates) == 2
    assert rates[1] > 1.5 * rates[0]
    assert "sglang" in ledger.rows[0].layout


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        ("no json", HOPPER),
        ("[]", HOPPER),
        ('{"completed": 3}', HOPPER),
        (json.dumps(RUN), Machine("abacus")),
        (json.dumps(RUN), Machine("nvidia-h100-sxm", precision="fp3")),
        (json.dumps(RUN), Machine("nvidia-h100-sxm", tp=7.0)),
        (json.dumps(RUN | {"model_id": ""}), HOPPER),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, text: str, machine: Machine) -> None:
    with pytest.raises(InputError) as caught:
        engine_ledger(_written(tmp_path, text), machine)
    assert "\n" not in str(caught.value)
