"""One's own benchmark of a serving engine against the prediction for the same run.

Reads what `vllm bench serve --save-result` and SGLang's `bench_serving --output-file` write:
one JSON object, or several, one a line. The run's users, or its rate of Poisson arrivals, and
its lengths are replayed on the named chips; percentiles and throughput stand side by side.

Where it breaks down: text lengths that the file does not list one by one are taken as all
equal; warm-up and tokenisation on the client are part of the measurement only.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wattpath import models
from wattpath.errors import FileInputError, InputError
from wattpath.hardware.chip import Chip, load_chip
from wattpath.levers.settings import ServingSettings
from wattpath.models import Architecture
from wattpath.models.shape import Shape
from wattpath.serving.engine import Engine, load_engine
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.layout import Layout, label
from wattpath.serving.requests import Floats
from wattpath.serving.simulator import Replay, replay
from wattpath.validate.ledger import Ledger, LedgerRow
from wattpath.validate.serving_rows import RefusedError, read_formats

#: Measured statistic -> key of both engines' files, and what it is of ours.
STATISTICS = {
    "ttft_mean": "mean_ttft_ms",
    "ttft_p50": "median_ttft_ms",
    "ttft_p99": "p99_ttft_ms",
    "tpot_mean": "mean_tpot_ms",
    "tpot_p50": "median_tpot_ms",
    "tpot_p99": "p99_tpot_ms",
}
TOTALS = ("duration", "completed", "total_input_tokens", "total_output_tokens")


Case = tuple[Chip, Shape, Layout, ServingSettings, Engine]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the file does not say: the hardware and how the model is spread over it."""

    chip: str
    model: str = ""
    tp: float = 1.0
    precision: str = "bf16"
    engine: str = ""


def engine_ledger(file: str | Path, machine: Machine) -> Ledger:
    """Predicted against measured, one row for each published statistic of each run.

    Raises
    ------
    InputError
        If the file is no such result, or chip, model, engine or precision are unknown.
    """
    path = Path(file)
    rows: list[LedgerRow] = []
    for number, run in enumerate(read_runs(path)):
        rows += _judged(path, number, run, machine)
    return Ledger("inference", tuple(rows))


def read_runs(path: Path) -> list[dict[str, Any]]:
    """The runs of a file.

    Raises
    ------
    FileInputError
        If it is no JSON, or lacks what every result has.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileInputError("--data", "be a readable file", str(path)) from error
    try:
        runs = [json.loads(text)]
    except ValueError:
        try:
            runs = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise FileInputError(str(path), "be JSON, or JSON on each line", str(error)) from error
    for number, run in enumerate(runs):
        missing = [key for key in TOTALS if not _number(run, key) > 0.0]
        if missing:
            hint = "Files of `vllm bench serve --save-result` and of SGLang's bench_serving do."
            given = f"none at run {number + 1}"
            raise FileInputError(str(path), f"give {missing[0]} > 0", given, hint)
    if not runs:
        raise FileInputError(str(path), "hold at least one run", "an empty file")
    return runs


def _number(run: Any, key: str) -> float:
    """A number of a run; NaN where it has none, infinite where it says so."""
    value = run.get(key) if isinstance(run, dict) else None
    try:
        return float(value) if value is not None else math.nan
    except (TypeError, ValueError):
        return math.nan


def _model(name: str) -> Architecture:
    """The model of this name, or of its last part where the first one is a folder."""
    try:
        return models.load(name, "--model")
    except InputError:
        return models.load(name.rpartition("/")[2], "--model")


def _judged(path: Path, number: int, run: dict[str, Any], machine: Machine) -> list[LedgerRow]:
    name = machine.model or str(run.get("model_id") or run.get("model") or "")
    if not name:
        raise InputError("--model", "be given where the file does not name one", None)
    shape = Shape(*(float(v) for v in _model(name).shape))
    engine = machine.engine or _engine(run)
    if not (machine.tp >= 1.0 and shape.heads % machine.tp == 0.0):
        raise InputError("--tp", f"divide the {shape.heads:.0f} heads of {name}", machine.tp)
    layout = Layout(machine.tp)
    lengths = _lengths(run)
    case = (load_chip(machine.chip, "--chip"), shape, layout)
    try:
        settings = read_formats(machine.precision, "")
    except RefusedError as error:
        hint = "Such as bf16, fp8, int8, int4, fp4."
        raise InputError("--precision", "name a number format", machine.precision, hint) from error
    outcome = _replayed(run, (*case, settings, load_engine(engine, "--engine")), lengths)
    fits = bool(np.all(np.isfinite(outcome.done_s)))
    predicted = _statistics(outcome, lengths[1]) if fits else {}
    return [
        LedgerRow(
            row_id=f"{path.stem}-{number + 1}",
            source=path.name,
            n_chips=int(machine.tp),
            quantity=quantity,
            predicted=predicted.get(quantity),
            measured=measured,
            status="answered" if fits else "refused",
            reason=_load(run) if fits else "a request does not fit beside the weights",
            chip=machine.chip,
            precision=machine.precision.upper(),
            layout=f"{engine} | {name} | {label(layout)}",
        )
        for quantity, measured in _measured(run).items()
    ]


def _measured(run: dict[str, Any]) -> dict[str, float]:
    found = {name: _number(run, key) / 1e3 for name, key in STATISTICS.items()}
    found["throughput"] = _number(run, "total_output_tokens") / _number(run, "duration")
    return {name: value for name, value in found.items() if value > 0.0}


def _engine(run: dict[str, Any]) -> str:
    backend = str(run.get("backend") or run.get("endpoint_type") or "").lower()
    return "sglang" if "sglang" in backend or "accept_length" in run else "vllm-v1"


def _lengths(run: dict[str, Any]) -> tuple[Floats, Floats]:
    """Prompts and answers of each request, where the file lists them, else their means."""
    lists = [run.get(key) for key in ("input_lens", "output_lens")]
    if all(isinstance(one, list) and one for one in lists):
        prompts, answers = (np.array(one, dtype=float) for one in lists)
        if len(prompts) == len(answers):
            whole = answers > 0.0
            return prompts[whole], answers[whole]
    count = int(_number(run, "completed"))
    means = [_number(run, f"total_{kind}_tokens") / count for kind in ("input", "output")]
    return np.full(count, round(means[0])), np.full(count, max(1.0, round(means[1])))


def _load(run: dict[str, Any]) -> str:
    users, rate = _number(run, "max_concurrency"), _number(run, "request_rate")
    parts = [f"{users:.0f} users"] if users > 0.0 else []
    parts += [f"{rate:g} requests/s"] if 0.0 < rate < math.inf else []
    return ", ".join(parts) or "all requests at once"


def _replayed(run: dict[str, Any], case: Case, lengths: tuple[Floats, Floats]) -> Replay:
    """The run's own load: users who wait for their answers, or arrivals at its rate."""
    users, rate = _number(run, "max_concurrency"), _number(run, "request_rate")
    count = len(lengths[0])
    arrival_s = np.zeros(count)
    if 0.0 < rate < math.inf:
        burst = _number(run, "burstiness")
        spread = 1.0 / math.sqrt(burst) if burst > 0.0 else 1.0
        pattern = Pattern(rate, 1.0, 1.0, burst_cv=min(20.0, spread))
        arrival_s = generate(count, pattern).arrival_s
    closed = users if users > 0.0 and not 0.0 < rate < math.inf else 0.0
    prompts, answers = lengths
    return replay(*case, arrival_s, prompts, answers, np.zeros(count), min(closed, float(count)))


def _statistics(run: Replay, answers: Floats) -> dict[str, float]:
    first = run.first_s - run.sent_s
    each = ((run.done_s - run.first_s) / np.maximum(1.0, answers - 1.0))[answers > 1.0]
    found = {"throughput": float(answers.sum() / run.seconds)}
    for name, values in (("ttft", first), ("tpot", each)):
        if values.size:
            found[f"{name}_mean"] = float(values.mean())
            found |= {f"{name}_p{level}": float(np.percentile(values, level)) for level in (50, 99)}
    return found
