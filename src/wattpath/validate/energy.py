"""Predicted against published energy of serving: joules per output token of the chips.

A row of an energy table is a steady state: a running batch that is kept full. It is replayed
as a closed loop of that many users, and chip power is taken over the whole run. Everything
here is of the chips alone, as the tables are; hosts, fans and network are not in.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from wattpath import catalog
from wattpath.errors import UnknownNameError, WattpathError
from wattpath.hardware.power import chip_power_w, format_shares
from wattpath.serving.engine import load_engine
from wattpath.validate.inference import run_row
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows
from wattpath.validate.serving_rows import (
    Engines,
    RefusedError,
    Row,
    Setup,
    ledger_row,
    number,
    read_setup,
)

#: Columns an energy table must have.
ENERGY_COLUMNS = (
    "row_id", "source", "model", "chip", "n_chips", "tp", "precision", "engine", "task",
    "avg_batch", "avg_output_len", "output_tokens_per_s", "energy_per_token_j",
)  # fmt: skip

#: Format of keys and values that engines keep under narrow weights unless told otherwise, and
#: the words of the engines that do.
KEPT_KV, KEEPS_KV = "bf16", ("vllm",)

#: Words of the models whose released sampling settings cut off no words.
UNCUT = ("gpt-oss",)

#: The task whose prompts stand for those of a task that the catalogue does not know.
OTHER_TASK = "chat"


def energy_ledger(file: str | Path) -> Ledger:
    """Predict throughput and chip energy per output token of every row of a table.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("energy", read_rows(file, ENERGY_COLUMNS), judge_energy)


def judge_energy(row: Row, engines: Engines = load_engine) -> list[LedgerRow]:
    """Ledger rows for throughput and energy per output token of one steady-state point."""
    try:
        setup = read_setup(row, row["precision"], kv_format(row["engine"]), engines)
        answers = steady_energy(row, setup)
    except (RefusedError, WattpathError) as refusal:
        return [ledger_row(row, "energy_per_token", None, None, str(refusal))]
    measured = {
        "throughput": number(row, "output_tokens_per_s", 0.0),
        "energy_per_token": number(row, "energy_per_token_j", 0.0),
        "chip_power": number(row, "avg_power_w", 0.0) / number(row, "n_chips", 1.0),
    }
    return [
        ledger_row(row, name, answers[name], value, setup.note)
        for name, value in measured.items()
        if value > 0.0
    ]


def kv_format(engine: str) -> str:
    """Format of keys and values that an engine keeps where a row names none; empty if unknown."""
    return KEPT_KV if any(word in engine.lower() for word in KEEPS_KV) else ""


def as_released(setup: Setup, row: Row) -> Setup:
    """A set-up with what the released checkpoint of a row asks of its engine.

    Released 8-bit checkpoints of the energy tables hold scales of weights alone: those of
    activations are found at every step, by a kernel before each product that nothing fuses.
    Engines sort the vocabulary where the checkpoint's own sampling cuts off unlikely words.
    """
    engine = setup.engine
    if setup.settings.act_bits == 8.0 and kv_format(row["engine"]):
        engine = engine._replace(convert_share=1.0)
    if any(word in row.get("model", "").lower() for word in UNCUT):
        engine = engine._replace(sorted_bytes=0.0)
    return replace(setup, engine=engine)


def prompt_tokens(task: str) -> float:
    """Mean prompt tokens of a task of the energy tables, which their rows do not give."""
    try:
        entry = catalog.load("task", task)
    except UnknownNameError:
        entry = catalog.load("task", OTHER_TASK)
    return entry.si("prompt_tokens")


def _replay(
    setup: Setup, prompt: float, answer: float, users: int, count: int
) -> tuple[float, float, float, float]:
    """Sums of a closed loop: time, times at full compute and memory rates [s], tokens.

    Two loops that differ in length alone begin and end alike, so that their difference is
    the steady state.
    """
    spread = 0.5 + ((np.arange(count) * 0.7548776662466927) % 1.0)
    outputs = np.maximum(2.0, np.round(answer * spread))
    run = run_row(setup, np.full(count, prompt), outputs, users)
    return run.seconds, run.compute_s, run.memory_s, float(outputs.sum())


def steady_energy(row: Row, setup: Setup) -> dict[str, float]:
    """Throughput [token/s], energy per output token [J], power [W] and shares of one chip."""
    setup = as_released(setup, row)
    batch = number(row, "avg_batch") / setup.layout.dp
    answer = max(2.0, number(row, "avg_output_len"))
    prompt = prompt_tokens(row["task"].split("/")[-1])
    most = max(setup.engine.max_sequences, math.ceil(batch))  # the row's own limit ran them
    setup = replace(setup, engine=setup.engine._replace(max_sequences=most))
    users = math.ceil(batch)
    short, long = (_replay(setup, prompt, answer, users, waves * users) for waves in (2, 4))
    seconds, compute_s, memory_s, tokens = (b - a for a, b in zip(short, long, strict=True))
    rate = tokens / seconds * setup.layout.dp
    # The replay sends the whole batch through all stages at once: each works its part of it.
    shares = tuple(each / seconds / setup.layout.pp for each in (compute_s, memory_s))
    watts = busy_chip_w(setup, *shares)
    chips = number(row, "n_chips")
    return {
        "throughput": rate,
        "energy_per_token": watts * chips / rate,
        "chip_power": watts,
        "compute_share": shares[0],
        "memory_share": shares[1],
    }


def busy_chip_w(setup: Setup, compute_share: float, memory_share: float) -> float:
    """Mean power of one chip at these shares of its peaks, in the row's number formats [W]."""
    formats = setup.settings.weight_bits, setup.settings.act_bits
    shares = format_shares(setup.chip, *formats, compute_share, memory_share)
    return float(chip_power_w(setup.chip, *shares))
