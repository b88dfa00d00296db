"""Predicted against published serving measurements: latency, throughput and energy.

A closed-loop row is answered by replaying its own campaign: its users, its lengths, the
number of prompts its source sends. An offline row is a queue of requests that are all there
at the start. Rows of energy tables are replayed in the same way and their chip power is
taken over the whole run.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wattpath import models
from wattpath.errors import WattpathError
from wattpath.hardware.chip import Chip, load_chip
from wattpath.hardware.power import chip_power_w
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.engine import Engine, load_engine
from wattpath.serving.layout import Layout
from wattpath.serving.memory import most_sequences
from wattpath.serving.pools import replay_pools
from wattpath.serving.simulator import Replay, replay
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows

#: Columns an inference table must have; further ones are read where present.
COLUMNS = (
    "row_id", "source", "model", "chip", "n_chips", "tp", "precision_weights", "engine",
    "scenario", "isl", "osl", "concurrency", "output_tokens_per_s", "ttft_ms", "tpot_ms",
)  # fmt: skip

#: Columns an energy table must have.
ENERGY_COLUMNS = (
    "row_id", "source", "model", "chip", "n_chips", "tp", "precision", "engine", "task",
    "avg_batch", "avg_output_len", "output_tokens_per_s", "energy_per_token_j",
)  # fmt: skip

#: Number formats by name: bits of weights, of activations and of the KV cache that engines
#: take with them unless the row says otherwise.
_FORMATS = {
    "bf16": (16.0, 16.0, 16.0), "fp16": (16.0, 16.0, 16.0), "bfloat16": (16.0, 16.0, 16.0),
    "fp8": (8.0, 8.0, 8.0), "int8": (8.0, 8.0, 16.0), "fp4": (4.0, 4.0, 8.0),
    "nvfp4": (4.0, 4.0, 8.0), "mxfp4": (4.0, 16.0, 16.0), "int4": (4.0, 16.0, 16.0),
}  # fmt: skip

#: Words of the sources on which engine constants were fitted.
_FITTED = ("aiconfigurator", "nim", "tensorrt-llm", "ml.energy", "rocm vllm")

#: Most requests that one replay sends; a longer campaign is in the steady state by then.
_MOST_REQUESTS = 4096


class _RefusedError(Exception):
    """A row that cannot be answered; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a row fixes: the hardware, the model, its spread and the software."""

    chip: Chip
    shape: Shape
    layout: Layout
    settings: ServingSettings
    engine: Engine
    note: str


def inference_ledger(file: str | Path) -> Ledger:
    """Predict time to first token, time per token and throughput of every row of a table.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("inference", read_rows(file, COLUMNS), judge)


def energy_ledger(file: str | Path) -> Ledger:
    """Predict throughput and chip energy per output token of every row of a table.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("energy", read_rows(file, ENERGY_COLUMNS), judge_energy)


def judge(row: dict[str, str]) -> list[LedgerRow]:
    """One ledger row for each of TTFT, TPOT and throughput that the row publishes."""
    try:
        setup = read_setup(row, row["precision_weights"], row.get("precision_kv", ""))
        if _is_offline(row):
            answers = _offline(row, setup)
        elif _number(row, "prefill_workers", 0.0) > 0.0:
            answers = _pools(row, setup)
        else:
            answers = _closed_loop(row, setup)
    except (_RefusedError, WattpathError) as refusal:
        names = list(_published(row)) or ["none"]
        return [_ledger_row(row, name, None, None, str(refusal)) for name in names]
    return [
        _ledger_row(row, name, answers[name], measured, setup.note)
        for name, measured in _published(row).items()
        if name in answers
    ]


def _published(row: dict[str, str]) -> dict[str, float]:
    """The row's measured quantities in SI; no throughput that was computed from latencies."""
    found: dict[str, float] = {}
    derived = re.split(r"[;, ]+", row.get("derived", ""))
    if (ttft := _number(row, "ttft_ms", 0.0)) > 0.0:
        found["ttft"] = ttft / 1e3
    if (tpot := _number(row, "tpot_ms", 0.0)) > 0.0:
        found["tpot"] = tpot / 1e3
    rate = _number(row, "output_tokens_per_s", 0.0)
    if rate > 0.0 and ("output_tokens_per_s" not in derived or not found):
        found["throughput"] = rate
    delay = _number(row, "e2e_latency_s", 0.0)
    return {"latency": delay} if delay > 0.0 and "ttft" not in found else found


def _ledger_row(
    row: dict[str, str],
    quantity: str,
    predicted: float | None,
    measured: float | None,
    reason: str,
) -> LedgerRow:
    precision = row.get("precision_weights") or row.get("precision", "")
    return LedgerRow(
        row_id=row["row_id"],
        source=row["source"],
        n_chips=int(_number(row, "n_chips", 0.0)),
        quantity=quantity,
        predicted=predicted,
        measured=measured,
        status="refused" if predicted is None else "answered",
        reason=reason,
        fitted=any(word in row["source"].lower() for word in _FITTED),
        chip=row.get("chip_name") or row["chip"],
        precision=precision.upper(),
        layout=f"{row['engine']} | {row.get('model_key') or row['model']} | {_layout_text(row)}",
        case="",
    )


def _layout_text(row: dict[str, str]) -> str:
    parts = [f"{n}{row[n]}" for n in ("tp", "ep", "pp", "dp") if row.get(n, "") not in ("", "1.0")]
    return " ".join(parts)


def _number(row: dict[str, str], column: str, default: float | None = None) -> float:
    text = row.get(column, "")
    try:
        return float(text)
    except ValueError:
        if default is None:
            raise _RefusedError(f"{column} is not a number") from None
        return default


def _is_offline(row: dict[str, str]) -> bool:
    return "offline" in row["scenario"] or "latency" in row["scenario"]


def read_setup(row: dict[str, str], precision: str, kv_precision: str) -> Setup:
    """Everything that a row fixes, or the reason why it cannot be answered."""
    shape = _model(row)
    chip = _chip(row)
    layout, note = _layout(row, shape, chip)
    engine = load_engine(engine_name(row))
    settings = _settings(precision, kv_precision)
    if "nim" in row["engine"].lower():  # its FP8 profiles of 2024 keep keys and values at 16 bit
        settings = settings._replace(kv_bits=16.0)
    return Setup(chip, shape, layout, settings, engine, note)


def _settings(precision: str, kv_precision: str) -> ServingSettings:
    words = re.split(r"[\s/+-]", precision.lower())
    formats = [_FORMATS[word] for word in words if word in _FORMATS]
    if not formats:
        raise _RefusedError(f"unknown precision {precision!r}")
    weight, act, kv = formats[0]
    if kv_precision.lower() in _FORMATS:
        kv = _FORMATS[kv_precision.lower()][0]
    return ServingSettings(weight_bits=weight, act_bits=act, kv_bits=kv)


def _model(row: dict[str, str]) -> Shape:
    for column in ("model_key", "model"):
        if row.get(column):
            try:
                return _shape(row[column])
            except WattpathError:
                continue
    raise _RefusedError(f"model {row.get('model_key') or row['model']!r} is not in the catalogue")


@lru_cache(maxsize=256)
def _shape(name: str) -> Shape:
    return Shape(*(float(value) for value in models.load(name).shape))


def _chip(row: dict[str, str]) -> Chip:
    for column in ("chip_name", "chip_key", "chip"):
        if row.get(column):
            try:
                return load_chip(row[column])
            except WattpathError:
                continue
    raise _RefusedError(f"chip {row['chip']!r} is not in the catalogue")


def _layout(row: dict[str, str], shape: Shape, chip: Chip) -> tuple[Layout, str]:
    """The row's layout. Labels beyond the scale-up domain count experts twice: tp x ep."""
    tp, pp = _number(row, "tp", 1.0), _number(row, "pp", 1.0)
    dp, ep = max(1.0, _number(row, "dp", 1.0)), max(1.0, _number(row, "ep", 1.0))
    note = ""
    if tp * dp > chip.scaleup_domain and ep > 1.0 and max(tp, dp) % ep == 0.0:
        tp, dp = (tp / ep, dp) if tp >= dp else (tp, dp / ep)
        note = "label taken as counting the expert ranks twice"
    if shape.heads % tp:
        raise _RefusedError(f"{shape.heads:.0f} heads cannot be split over tp {tp:.0f}")
    return Layout(tp, pp, dp, _expert_ranks(shape, tp, dp, ep)), note


def _expert_ranks(shape: Shape, tp: float, dp: float, ep: float) -> float:
    """Ranks that hold whole experts; over attention ranks experts are spread, never cut."""
    if shape.moe_layers <= 0.0:
        return 1.0
    return tp * dp if dp > 1.0 else min(ep, tp * dp)


def engine_name(row: dict[str, str]) -> str:
    """The engine generation of a row, by the words of its engine and its date."""
    text, date = row["engine"].lower(), row.get("date", "")
    if "nim" in text or ("0.9" in text and "tensorrt" in text):
        return "tensorrt-llm-0-9"
    if "tensorrt-llm 0.17" in text:
        return "tensorrt-llm-0-17"
    if "trtllm" in text or "tensorrt" in text:
        short = _number(row, "isl", 0.0) == _number(row, "osl", 0.0) == 1024.0
        waits = short and _number(row, "tp", 1.0) < 8.0 and not _number(row, "ep", 1.0) > 1.0
        dense = "llama" in (row.get("model_key") or row["model"]).lower()
        return "tensorrt-llm-batch-wait" if waits and dense else "tensorrt-llm"
    if "sglang" in text:
        return "sglang"
    if date[:4] in ("2023", "2024"):
        return "vllm-v0"
    version = re.search(r"vllm[ :v]*0\.(\d+)", text)
    return "vllm-v1-async" if version and int(version[1]) >= 14 else "vllm-v1"


def _lengths(row: dict[str, str], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Prompt and answer lengths of a campaign.

    Campaigns of the InferenceMAX family draw lengths evenly between 0.8 and 1 of the nominal
    ones; here they come from a low-discrepancy sequence. Others send equal requests.
    """
    isl, osl = _number(row, "isl"), _number(row, "osl")
    inputs, outputs = np.full(count, isl), np.full(count, osl)
    if "aiconfigurator" in row["source"] and "gap-analysis" not in row["source"]:
        index = np.arange(count)
        inputs = np.round(isl * (0.8 + 0.2 * ((index * 0.6180339887498949) % 1.0)))
        outputs = np.round(osl * (0.8 + 0.2 * ((0.5 + index * 0.7548776662466927) % 1.0)))
    return inputs, outputs


def _run(
    setup: Setup, inputs: NDArray[np.float64], outputs: NDArray[np.float64], users: float
) -> Replay:
    zeros = np.zeros(len(inputs))
    case = (setup.chip, setup.shape, setup.layout, setup.settings, setup.engine)
    run = replay(*case, zeros, inputs, outputs, zeros, users)
    if not np.all(np.isfinite(run.done_s)):
        raise _RefusedError("one request does not fit in memory beside the weights")
    return run


def _closed_loop(row: dict[str, str], setup: Setup) -> dict[str, float]:
    users = max(1.0, _number(row, "concurrency") / setup.layout.dp)
    count = int(min(_MOST_REQUESTS, 10 * math.ceil(users)))
    inputs, outputs = _lengths(row, count)
    run = _run(setup, inputs, outputs, math.ceil(users))
    return _summary(run, outputs, setup.layout.dp)


def _summary(run: Replay, outputs: NDArray[np.float64], ranks: float) -> dict[str, float]:
    each = (run.done_s - run.first_s) / np.maximum(1.0, outputs - 1.0)
    return {
        "ttft": float(np.mean(run.first_s - run.sent_s)),
        "tpot": float(np.mean(each)),
        "throughput": float(outputs.sum() / run.seconds * ranks),
        "latency": float(np.mean(run.done_s - run.sent_s)),
    }


def _pools(row: dict[str, str], setup: Setup) -> dict[str, float]:
    """A disaggregated row: its layout is that of a decode worker, `prefill_*` the other's."""
    tp, dp, ep = (max(1.0, _number(row, f"prefill_{n}", 1.0)) for n in ("tp", "dp", "ep"))
    first = Layout(tp, 1.0, dp, _expert_ranks(setup.shape, tp, dp, ep))
    users = int(max(1.0, _number(row, "concurrency")))
    count = min(_MOST_REQUESTS, 10 * users)
    inputs, outputs = _lengths(row, max(count, 2 * users))
    workers = _number(row, "decode_workers", 1.0)
    run = replay_pools(
        setup.chip,
        setup.shape,
        first,
        setup.layout,
        setup.settings,
        setup.engine,
        inputs,
        outputs,
        users,
        int(_number(row, "prefill_workers") * dp),
        int(workers * setup.layout.dp),
    )
    return _summary(run, outputs, 1.0)


def _offline(row: dict[str, str], setup: Setup) -> dict[str, float]:
    """All requests are there at the start; memory or the stated batch bounds what runs."""
    isl, osl = _number(row, "isl"), _number(row, "osl")
    fixed = _number(row, "concurrency", 0.0) or _number(row, "max_batch", 0.0)
    setup = replace(setup, engine=setup.engine._replace(request_s=0.0))  # no server in between
    case = (setup.chip, setup.shape, setup.layout, setup.settings, setup.engine)
    slots = most_sequences(*case, isl, osl)
    if slots < 1.0:
        raise _RefusedError("one request does not fit in memory beside the weights")
    waves = 1.0 if "static" in row["scenario"] or "latency" in row["scenario"] else 3.0
    count = int(fixed) if fixed > 0.0 and waves == 1.0 else int(waves * math.ceil(slots))
    inputs, outputs = _lengths(row, max(1, min(_MOST_REQUESTS, count)))
    run = _run(setup, inputs, outputs, float(len(inputs)))
    return {
        "ttft": float(np.mean(run.first_s - run.sent_s)),
        "throughput": float(outputs.sum() / run.seconds * setup.layout.dp),
        "latency": run.seconds,
    }


#: Mean prompt tokens of the tasks of the ML.ENERGY tables; the rows do not give them.
_PROMPTS = {"chat": 200.0, "code": 200.0, "gpqa": 220.0, "lm-arena-chat": 250.0}


def judge_energy(row: dict[str, str]) -> list[LedgerRow]:
    """Ledger rows for throughput and energy per output token of one steady-state point."""
    try:
        setup = read_setup(row, row["precision"], "")
        answers = _steady_energy(row, setup)
    except (_RefusedError, WattpathError) as refusal:
        return [_ledger_row(row, "energy_per_token", None, None, str(refusal))]
    measured = {
        "throughput": _number(row, "output_tokens_per_s", 0.0),
        "energy_per_token": _number(row, "energy_per_token_j", 0.0),
        "chip_power": _number(row, "avg_power_w", 0.0) / _number(row, "n_chips", 1.0),
    }
    return [
        _ledger_row(row, name, answers[name], value, setup.note)
        for name, value in measured.items()
        if value > 0.0
    ]


def _steady_energy(row: dict[str, str], setup: Setup) -> dict[str, float]:
    batch = _number(row, "avg_batch") / setup.layout.dp
    answer = max(2.0, _number(row, "avg_output_len"))
    task = row["task"].split("/")[-1]
    prompt = _PROMPTS.get(task, 250.0)
    count = int(min(_MOST_REQUESTS, 4 * math.ceil(batch)))
    spread = 0.5 + ((np.arange(count) * 0.7548776662466927) % 1.0)
    outputs = np.maximum(2.0, np.round(answer * spread))
    run = _run(setup, np.full(count, prompt), outputs, math.ceil(batch))
    rate = float(outputs.sum() / run.seconds * setup.layout.dp)
    shares = run.compute_s / run.seconds, run.memory_s / run.seconds
    watts = float(chip_power_w(setup.chip, *shares, 1.0))
    chips = _number(row, "n_chips")
    return {"throughput": rate, "energy_per_token": watts * chips / rate, "chip_power": watts}
