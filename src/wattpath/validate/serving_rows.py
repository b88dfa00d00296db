"""What a published serving row fixes: chip, model, layout, number formats and engine.

Tables write these in words of their own. What a row leaves open is taken as its engine or
its benchmark campaign does by default; what cannot be read is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from wattpath import models
from wattpath.errors import WattpathError
from wattpath.hardware.chip import Chip, load_chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.engine import DEFAULT_ENGINE, Engine, load_engine
from wattpath.serving.layout import Layout
from wattpath.validate.ledger import LedgerRow
from wattpath.validate.whole_fleets import WIDEST_TENSOR, counts_all_chips

Row = dict[str, str]
Floats = NDArray[np.float64]
#: How an engine's constants are found by name; a fit puts its own in place.
Engines = Callable[[str], Engine]

#: Number formats by name: bits of weights, of activations and of the KV cache that engines
#: take with them unless the row says otherwise.
FORMATS = {
    "bf16": (16.0, 16.0, 16.0), "fp16": (16.0, 16.0, 16.0), "bfloat16": (16.0, 16.0, 16.0),
    "float16": (16.0, 16.0, 16.0), "fp8": (8.0, 8.0, 8.0), "int8": (8.0, 8.0, 16.0),
    "fp4": (4.0, 4.0, 8.0), "nvfp4": (4.0, 4.0, 8.0), "mxfp4": (4.0, 16.0, 16.0),
    "int4": (4.0, 16.0, 16.0), "awq": (4.0, 16.0, 16.0), "gptq": (4.0, 16.0, 16.0),
    "w4a16": (4.0, 16.0, 16.0), "w8a8": (8.0, 8.0, 16.0),
}  # fmt: skip

#: Models that kept their name through releases of other shape: since when, and the later one.
_LATER = {"Mistral 7B": ("2024-06", "Mistral 7B v0.3")}

#: Words of the sources on which engine constants were fitted.
_FITTED = ("aiconfigurator", "nim", "tensorrt-llm", "ml.energy", "rocm vllm")


class RefusedError(Exception):
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
    whole: int = 0  # chips of a deployment whose parts the row does not state


def read_setup(
    row: Row, precision: str, kv_precision: str, engines: Engines = load_engine
) -> Setup:
    """Everything that a row fixes.

    Raises
    ------
    RefusedError
        If the row names nothing that can be computed.
    """
    shape = _model(row)
    chip = _chip(row)
    settings = read_formats(precision, kv_precision)
    tp, dp, ep = (max(1.0, number(row, name, 1.0)) for name in ("tp", "dp", "ep"))
    if counts_all_chips(shape, tp, dp, ep):
        note = "label taken as counting all chips of prefill and decode workers"
        return Setup(chip, shape, Layout(), settings, engines(engine_name(row)), note, int(tp))
    layout, note = _layout(row, shape, chip)
    engine = _budget(row, engines(engine_name(row)), layout)
    return Setup(chip, shape, layout, settings, engine, note)


def ledger_row(
    row: Row, quantity: str, predicted: float | None, measured: float | None, reason: str
) -> LedgerRow:
    """The ledger row of one quantity of a table's row."""
    precision = row.get("precision_weights") or row.get("precision", "")
    return LedgerRow(
        row_id=row["row_id"],
        source=row["source"],
        n_chips=int(number(row, "n_chips", 0.0)),
        quantity=quantity,
        predicted=predicted,
        measured=measured,
        status="refused" if predicted is None else "answered",
        reason=reason,
        fitted=any(word in row["source"].lower() for word in _FITTED),
        chip=row.get("chip_name") or row["chip"],
        precision=precision.upper(),
        layout=f"{row['engine']} | {model_name(row)} | {_layout_text(row)}",
        case="",
    )


def model_name(row: Row) -> str:
    """The model as the table names it, by its catalogue name where that is given."""
    return row.get("model_key") or row["model"]


def _layout_text(row: Row) -> str:
    parts = [f"{n}{row[n]}" for n in ("tp", "ep", "pp", "dp") if row.get(n, "") not in ("", "1.0")]
    return " ".join(parts)


def number(row: Row, column: str, default: float | None = None) -> float:
    """A column as a number.

    Raises
    ------
    RefusedError
        If it holds none and there is no default.
    """
    text = row.get(column, "")
    try:
        return float(text)
    except ValueError:
        if default is None:
            raise RefusedError(f"{column} is not a number") from None
        return default


def _budget(row: Row, engine: Engine, layout: Layout) -> Engine:
    """The engine with a token budget made for the row's prompts, where its recipe does so."""
    prompt = number(row, "isl", 0.0)
    if engine.chunk_prompts <= 0.0 or prompt <= 0.0:
        return engine
    users = number(row, "concurrency", 1.0) / layout.dp
    return engine._replace(chunk_tokens=engine.chunk_prompts * prompt + users + 64.0)


def read_formats(precision: str, kv_precision: str) -> ServingSettings:
    """Widths of weights, activations and cache by the words of a table.

    Raises
    ------
    RefusedError
        If no known number format is named.
    """
    words = re.split(r"[\s/+_-]", precision.lower())
    formats = [FORMATS[word] for word in words if word in FORMATS]
    if not formats:
        raise RefusedError(f"unknown precision {precision!r}")
    weight, act, kv = formats[0]
    if kv_precision.lower() in FORMATS:
        kv = FORMATS[kv_precision.lower()][0]
    return ServingSettings(weight_bits=weight, act_bits=act, kv_bits=kv)


def _model(row: Row) -> Shape:
    since, later = _LATER.get(model_name(row), ("9999", ""))
    if row.get("date", "") >= since:
        return model_shape(later)
    for column in ("model_key", "model"):
        if row.get(column):
            try:
                return model_shape(row[column])
            except WattpathError:
                continue
    raise RefusedError(f"model {model_name(row)!r} is not in the catalogue")


@lru_cache(maxsize=256)
def model_shape(name: str) -> Shape:
    """The shape of a catalogued model in floats."""
    return Shape(*(float(value) for value in models.load(name).shape))


def _chip(row: Row) -> Chip:
    columns = ["chip_name", "chip_key", "chip"]
    if row.get("chip_match", "exact") != "exact":  # the source's own word names the part better
        columns.reverse()
    for column in columns:
        if row.get(column):
            try:
                return load_chip(row[column])
            except WattpathError:
                continue
    raise RefusedError(f"chip {row['chip']!r} is not in the catalogue")


def _layout(row: Row, shape: Shape, chip: Chip) -> tuple[Layout, str]:
    """The row's layout. Labels beyond the scale-up domain count experts twice: tp x ep."""
    tp, pp = number(row, "tp", 1.0), number(row, "pp", 1.0)
    dp, ep = max(1.0, number(row, "dp", 1.0)), max(1.0, number(row, "ep", 1.0))
    note = ""
    if tp * dp > chip.scaleup_domain and ep > 1.0 and max(tp, dp) % ep == 0.0:
        tp, dp = (tp / ep, dp) if tp >= dp else (tp, dp / ep)
        note = "label taken as counting the expert ranks twice"
    if shape.heads % tp:
        raise RefusedError(f"{shape.heads:.0f} heads cannot be split over tp {tp:.0f}")
    return Layout(tp, pp, dp, expert_ranks(shape, tp, dp, ep)), note


def expert_ranks(shape: Shape, tp: float, dp: float, ep: float) -> float:
    """Ranks that hold whole experts; over attention ranks experts are spread, never cut."""
    if shape.moe_layers <= 0.0:
        return 1.0
    return tp * dp if dp > 1.0 else min(ep, tp * dp)


def engine_name(row: Row) -> str:
    """The engine generation of a row, by the words of its engine and its date."""
    text, date = row["engine"].lower(), row.get("date", "")
    if "nim" in text or ("0.9" in text and "tensorrt" in text):
        return "tensorrt-llm-0-9"
    if re.search(r"tensorrt-llm v?0\.(1\d|20)", text):
        return "tensorrt-llm-0-17"
    if "trtllm" in text or "tensorrt" in text:
        return _recipe(row)
    if "sglang" in text:
        return "sglang"
    version = re.search(r"vllm[ :v]*0\.(\d+)", text)
    if "vllm" not in text:
        return DEFAULT_ENGINE
    if version:
        minor = int(version[1])
        return "vllm-v0" if minor < 8 else "vllm-v1-async" if minor >= 14 else "vllm-v1"
    return "vllm-v0" if date[:4] in ("2023", "2024") else "vllm-v1"


def _recipe(row: Row) -> str:
    """The published recipe by which a campaign runs TensorRT-LLM 1.x."""
    if "llama" in model_name(row).lower():
        short = number(row, "isl", 0.0) == number(row, "osl", 0.0) == 1024.0
        waits = short and number(row, "tp", 1.0) < 8.0 and not number(row, "ep", 1.0) > 1.0
        return "tensorrt-llm-batch-wait" if waits else "tensorrt-llm"
    if number(row, "prefill_workers", 0.0) > 0.0 or number(row, "tp", 1.0) > WIDEST_TENSOR:
        return "tensorrt-llm"
    apart = number(row, "dp", 1.0) > 1.0
    return "tensorrt-llm-balanced" if apart else "tensorrt-llm-one-prompt"


def lengths(row: Row, count: int) -> tuple[Floats, Floats]:
    """Prompt and answer lengths of a campaign.

    Campaigns of the InferenceMAX family draw lengths evenly between 0.8 and 1 of the nominal
    ones, here from a fixed seed; chance meetings of prompts are part of their times. Others
    send equal requests.
    """
    isl, osl = number(row, "isl"), number(row, "osl")
    inputs, outputs = np.full(count, isl), np.full(count, osl)
    if "aiconfigurator" in row["source"] and "gap-analysis" not in row["source"]:
        draw = np.random.default_rng(0)
        inputs = np.round(isl * (0.8 + 0.2 * draw.random(count)))
        outputs = np.round(osl * (0.8 + 0.2 * draw.random(count)))
    return inputs, outputs
