"""Predicted against published serving measurements: latency and throughput.

A closed-loop row is answered by replaying its own campaign: its users, its lengths, the
number of prompts its source sends. An offline row is a queue of requests that are all there
at the start.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from wattpath.errors import WattpathError
from wattpath.serving.engine import load_engine
from wattpath.serving.layout import Layout
from wattpath.serving.memory import most_sequences
from wattpath.serving.pools import replay_pools
from wattpath.serving.simulator import Replay, replay
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows
from wattpath.validate.serving_rows import (
    Engines,
    Floats,
    RefusedError,
    Row,
    Setup,
    expert_ranks,
    ledger_row,
    lengths,
    number,
    read_setup,
)
from wattpath.validate.whole_fleets import Parts, fastest_parts

#: Columns an inference table must have; further ones are read where present.
COLUMNS = (
    "row_id", "source", "model", "chip", "n_chips", "tp", "precision_weights", "engine",
    "scenario", "isl", "osl", "concurrency", "output_tokens_per_s", "ttft_ms", "tpot_ms",
)  # fmt: skip

#: What a queue of work that is all at hand does not pay: there is no server.
NO_SERVER = {"request_s": 0.0, "reply_s": 0.0, "ahead_steps": 0.0, "stream_s": 0.0}

#: Campaigns whose client counts what ends within a window of time, by a word of their source;
#: others send ten requests for each user. The window is that of the vendor's guide to its
#: vision-language services, which the table's 95th percentiles bear out [s].
WINDOWS = {"NIM sizing": 300.0}

#: Most requests that one replay sends; a longer campaign is in the steady state by then.
MOST_REQUESTS = 4096


def inference_ledger(file: str | Path) -> Ledger:
    """Predict time to first token, time per token and throughput of every row of a table.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("inference", read_rows(file, COLUMNS), judge)


def judge(row: Row, engines: Engines = load_engine) -> list[LedgerRow]:
    """One ledger row for each of TTFT, TPOT and throughput that the row publishes."""
    try:
        setup = read_setup(row, row["precision_weights"], row.get("precision_kv", ""), engines)
        if _is_offline(row):
            answers = _offline(row, setup)
        elif setup.whole:
            answers = _whole(row, setup)
        elif number(row, "prefill_workers", 0.0) > 0.0:
            answers = _pools(row, setup)
        else:
            answers = _closed_loop(row, setup)
    except (RefusedError, WattpathError) as refusal:
        names = list(_published(row)) or ["none"]
        return [ledger_row(row, name, None, None, str(refusal)) for name in names]
    return [
        ledger_row(row, name, answers[name], measured, setup.note)
        for name, measured in _published(row).items()
        if name in answers
    ]


def _published(row: Row) -> dict[str, float]:
    """The row's measured quantities in SI; no throughput that was computed from latencies."""
    found: dict[str, float] = {}
    derived = re.split(r"[;, ]+", row.get("derived", ""))
    if (ttft := number(row, "ttft_ms", 0.0)) > 0.0:
        found["ttft"] = ttft / 1e3
    if (tpot := number(row, "tpot_ms", 0.0)) > 0.0:
        found["tpot"] = tpot / 1e3
    rate = number(row, "output_tokens_per_s", 0.0)
    if rate > 0.0 and ("output_tokens_per_s" not in derived or not found):
        found["throughput"] = rate
    delay = number(row, "e2e_latency_s", 0.0)
    return {"latency": delay} if delay > 0.0 and "ttft" not in found else found


def _is_offline(row: Row) -> bool:
    return "offline" in row["scenario"] or "latency" in row["scenario"]


def run_row(setup: Setup, inputs: Floats, outputs: Floats, users: float) -> Replay:
    """Replay requests on one attention rank of a row's instance.

    Raises
    ------
    RefusedError
        If one of them does not fit.
    """
    zeros = np.zeros(len(inputs))
    case = (setup.chip, setup.shape, setup.layout, setup.settings, setup.engine)
    run = replay(*case, zeros, inputs, outputs, zeros, users)
    if not np.all(np.isfinite(run.done_s)):
        raise RefusedError("one request does not fit in memory beside the weights")
    return run


def _closed_loop(row: Row, setup: Setup) -> dict[str, float]:
    users = max(1.0, number(row, "concurrency") / setup.layout.dp)
    count = int(min(MOST_REQUESTS, 10 * math.ceil(users)))
    inputs, outputs = lengths(row, count)
    run = run_row(setup, inputs, outputs, math.ceil(users))
    window = next((s for word, s in WINDOWS.items() if word in row["source"]), 0.0)
    return means(run, outputs, setup.layout.dp, window)


def means(run: Replay, outputs: Floats, ranks: float, window_s: float = 0.0) -> dict[str, float]:
    """Means of a campaign; with a window above 0 of the requests that end within it.

    Requests of the later half stand for those that a longer window would go on to count.
    """
    if window_s > 0.0:
        return _windowed(run, outputs, ranks, window_s)
    each = (run.done_s - run.first_s) / np.maximum(1.0, outputs - 1.0)
    return {
        "ttft": float(np.mean(run.first_s - run.sent_s)),
        "tpot": float(np.mean(each)),
        "throughput": float(outputs.sum() / run.seconds * ranks),
        "latency": float(np.mean(run.done_s - run.sent_s)),
    }


def _windowed(run: Replay, outputs: Floats, ranks: float, window_s: float) -> dict[str, float]:
    """Means of the requests that end within a window of time (see `means`)."""
    order = np.argsort(run.done_s)
    counted = order[: max(1, int(np.searchsorted(run.done_s[order], window_s, side="right")))]
    weight = np.zeros(len(order))
    weight[counted] = 1.0
    if run.seconds < window_s:
        half = len(order) // 2
        lasted = run.seconds - float(run.done_s[order[half - 1]])
        weight[order[half:]] += (window_s - run.seconds) / max(lasted, 1e-3 * run.seconds)
    each = (run.done_s - run.first_s) / np.maximum(1.0, outputs - 1.0)
    span = window_s if run.seconds < window_s else float(run.done_s[counted[-1]])
    return {
        "ttft": float(np.average(run.first_s - run.sent_s, weights=weight)),
        "tpot": float(np.average(each, weights=weight)),
        "throughput": float(weight @ outputs / span * ranks),
        "latency": float(np.average(run.done_s - run.sent_s, weights=weight)),
    }


def _pools(row: Row, setup: Setup) -> dict[str, float]:
    """A disaggregated row: its layout is that of a decode worker, `prefill_*` the other's."""
    tp, dp, ep = (max(1.0, number(row, f"prefill_{n}", 1.0)) for n in ("tp", "dp", "ep"))
    first = Layout(tp, 1.0, dp, expert_ranks(setup.shape, tp, dp, ep))
    workers = int(number(row, "prefill_workers")), int(number(row, "decode_workers", 1.0))
    return _run_pools(row, setup, Parts(first, setup.layout, *workers))


def _whole(row: Row, setup: Setup) -> dict[str, float]:
    """A deployment whose label counts all its chips: the parts that serve its users fastest."""
    case = (setup.chip, setup.shape, setup.settings, setup.engine)
    users = max(1.0, number(row, "concurrency"))
    parts = fastest_parts(case, setup.whole, users, number(row, "isl"), number(row, "osl"))
    if parts is None:
        raise RefusedError(f"{setup.whole} chips are no usual prefill and decode workers")
    return _run_pools(row, setup, parts)


def _run_pools(row: Row, setup: Setup, parts: Parts) -> dict[str, float]:
    """Replay a row's users on prefill and decode workers."""
    users = int(max(1.0, number(row, "concurrency")))
    count = min(MOST_REQUESTS, 10 * users)
    inputs, outputs = lengths(row, max(count, 2 * users))
    first, then = parts.first, parts.then
    run = replay_pools(
        setup.chip, setup.shape, first, then, setup.settings, setup.engine,
        inputs, outputs, users,
        int(parts.prefill_workers * first.dp), int(parts.decode_workers * then.dp),
    )  # fmt: skip
    return means(run, outputs, 1.0)


def _offline(row: Row, setup: Setup) -> dict[str, float]:
    """All requests are there at the start; memory or the stated batch bounds what runs."""
    isl, osl = number(row, "isl"), number(row, "osl")
    fixed = number(row, "concurrency", 0.0) or number(row, "max_batch", 0.0)
    most = max(setup.engine.max_sequences, fixed)  # a stated batch is the run's own limit
    engine = setup.engine._replace(max_sequences=most, **NO_SERVER)
    setup = replace(setup, engine=engine)
    case = (setup.chip, setup.shape, setup.layout, setup.settings, setup.engine)
    slots = most_sequences(*case, isl, osl)
    if slots < 1.0:
        raise RefusedError("one request does not fit in memory beside the weights")
    waves = 1.0 if "static" in row["scenario"] or "latency" in row["scenario"] else 3.0
    count = int(fixed) if fixed > 0.0 and waves == 1.0 else int(waves * math.ceil(slots))
    inputs, outputs = lengths(row, max(1, min(MOST_REQUESTS, count)))
    run = run_row(setup, inputs, outputs, float(len(inputs)))
    return {
        "ttft": float(np.mean(run.first_s - run.sent_s)),
        "throughput": float(outputs.sum() / run.seconds * setup.layout.dp),
        "latency": run.seconds,
    }
