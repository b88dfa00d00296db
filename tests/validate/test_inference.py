from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wattpath.errors import FileInputError
from wattpath.serving.engine import load_engine
from wattpath.serving.simulator import Replay
from wattpath.validate.energy import as_released, energy_ledger
from wattpath.validate.inference import inference_ledger, judge, means
from wattpath.validate.ledger import Ledger
from wattpath.validate.serving_rows import engine_name, read_setup

PUBLISHED = Path(__file__).parents[2] / "validation"


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return inference_ledger(PUBLISHED / "inference.csv")


def _median(ledger: Ledger, quantity: str) -> float:
    errors = [abs(r.error) for r in ledger.rows if r.quantity == quantity and r.error is not None]
    assert len(errors) >= 5
    return float(np.median(errors))


@pytest.mark.parametrize(
    ("quantity", "limit"), [("tpot", 0.18), ("ttft", 0.30), ("throughput", 0.20)]
)
def test_published_serving_runs_are_met(ledger: Ledger, quantity: str, limit: float) -> None:
    assert _median(ledger, quantity) < limit


def test_nearly_all_published_runs_are_answered(ledger: Ledger) -> None:
    answered = [row for row in ledger.rows if row.status == "answered"]
    assert len(answered) >= 0.95 * len(ledger.rows)


def test_faster_set_ups_are_predicted_faster(ledger: Ledger) -> None:
    rows = [r for r in ledger.rows if r.quantity == "tpot" and r.error is not None]
    predicted = np.array([r.predicted for r in rows])
    measured = np.array([r.measured for r in rows])
    ranks = [np.argsort(np.argsort(values)) for values in (predicted, measured)]
    assert np.corrcoef(ranks[0], ranks[1])[0, 1] > 0.85


def test_published_energy_per_token_is_met() -> None:
    ledger = energy_ledger(PUBLISHED / "energy.csv")
    assert _median(ledger, "energy_per_token") < 0.25


def _row(**changes: str) -> dict[str, str]:
    row = {
        "row_id": "x", "source": "test", "model": "Llama 3.1 70B", "chip": "H100-SXM",
        "n_chips": "8", "tp": "8", "precision_weights": "FP8", "engine": "vllm",
        "scenario": "closed loop", "isl": "1000", "osl": "100", "concurrency": "4",
        "output_tokens_per_s": "", "ttft_ms": "50", "tpot_ms": "10", "date": "2026",
        "chip_name": "NVIDIA H100 SXM5 80GB",
    }  # fmt: skip
    return row | changes


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": "Nobody 1B"}, "not in the catalogue"),
        ({"tp": "5"}, "cannot be split"),
        ({"precision_weights": "fp3"}, "unknown precision"),
        ({"tp": "1", "precision_weights": "BF16"}, "does not fit"),
        ({"isl": "many"}, "not a number"),
    ],
)
def test_rows_that_cannot_be_answered_say_why(changes: dict[str, str], reason: str) -> None:
    refused = judge(_row(**changes))
    assert {row.quantity for row in refused} == {"ttft", "tpot"}
    assert all(row.status == "refused" and reason in row.reason for row in refused)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"engine": "vllm 0.9"}, "vllm-v1"),
        ({"engine": "vLLM", "date": "2024-2025"}, "vllm-v0"),
        ({"engine": "sglang 0.5.9"}, "sglang"),
        ({"engine": "NIM (TensorRT-LLM)"}, "tensorrt-llm-0-9"),
        ({"engine": "TensorRT-LLM 0.17"}, "tensorrt-llm-0-17"),
    ],
)
def test_engines_are_recognised(changes: dict[str, str], name: str) -> None:
    assert engine_name(_row(**changes)) == name


def test_a_window_of_time_counts_what_ends_within_it() -> None:
    sent, first = np.array([0.0, 0.0, 2.0, 4.0]), np.array([1.0, 1.0, 3.0, 9.0])
    done = np.array([2.0, 2.0, 4.0, 10.0])
    run = Replay(sent, first, done, 10.0, 0.0, 0.0, 0.0, 0.0)
    outputs = np.full(4, 11.0)
    assert means(run, outputs, 1.0)["ttft"] == pytest.approx(8.0 / 4)
    short = means(run, outputs, 1.0, 5.0)
    assert short["ttft"] == pytest.approx(1.0)
    assert short["throughput"] == pytest.approx(33.0 / 4.0)


def test_a_window_longer_than_the_run_goes_on_as_its_later_half() -> None:
    sent = np.array([0.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    done = np.array([1.0, 1.5, 2.0, 3.0, 4.0, 5.0])
    run = Replay(sent, sent + 0.5, done, 5.0, 0.0, 0.0, 0.0, 0.0)
    run.first_s[:2] = 0.9
    whole, longer = (means(run, np.full(6, 5.0), 1.0, s) for s in (0.0, 1e4))
    assert whole["ttft"] == pytest.approx((1.8 + 2.0) / 6)
    assert longer["ttft"] == pytest.approx(0.5, rel=1e-3)
    assert longer["throughput"] == pytest.approx(5.0, rel=1e-2)


def test_a_table_without_the_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("row_id,model\n1,x\n")
    with pytest.raises(FileInputError, match="columns"):
        inference_ledger(file)


def test_released_checkpoints_ask_for_conversions_and_sorting() -> None:
    row = _row(precision_weights="fp8", engine="vLLM")
    engine = load_engine("vllm-v1")
    setup = read_setup(row, "fp8", "bf16")
    assert as_released(setup, row).engine == engine._replace(convert_share=1.0)
    assert as_released(setup, row | {"engine": "sglang"}) == setup
    wide = read_setup(row, "bf16", "bf16")
    assert as_released(wide, row) == wide
    assert as_released(wide, row | {"model": "openai/gpt-oss-20b"}).engine.sorted_bytes == 0.0
