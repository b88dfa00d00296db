"""How each published kernel table is read, and how one of its rows is timed.

`ROWS` lists the classes: name, table, reader, timer, constants, and fields of the chip that
are set for this class, such as a domain that holds all measured ranks. A reader returns
the chip, the measured seconds and the numbers (columns ``x_...``) that its timer takes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from wattpath.hardware.attention import attention_decode_s, attention_prefill_s
from wattpath.hardware.chip import Chip
from wattpath.hardware.collectives import (
    all_gather_s,
    all_reduce_s,
    all_to_all_s,
    fused_all_reduce_s,
)
from wattpath.hardware.exchange import busiest_share, expert_exchange_s
from wattpath.hardware.kernels import grouped_gemm_s, linear_s

Floats = NDArray[np.float64]

#: Format of a table -> (bits of a stored weight, bits of an activation).
FORMATS = {
    "bf16": (16.0, 16.0),
    "fp8": (8.0, 8.0),
    "fp8_block": (8.0, 8.25),
    "nvfp4": (4.5, 4.5),
    "w4a8_mxfp4_mxfp8": (4.25, 8.25),
    "w4a16_mxfp4": (4.25, 16.0),
}

#: Routing of the expert table -> how skewed it is, 1 for the more skewed power law.
ROUTING = {"balanced": 0.0, "power_law_1.01": 0.55, "power_law_1.2": 1.0}

#: Query heads per cached head beyond which engines fall back to another kernel.
WIDEST_GROUP = 32


def frame(table: pd.DataFrame, microseconds: str, **columns: object) -> pd.DataFrame:
    """The common form of a table."""
    rows = pd.DataFrame({"chip_key": table["chip_key"], "seconds": table[microseconds] * 1e-6})
    for name, values in columns.items():
        rows[f"x_{name}"] = values
    return rows


def gemm_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Matrix products; 8-bit and 4-bit ones include the conversion of activations."""
    return frame(
        table,
        "latency_us",
        m=table["m_rows"],
        n=table["n_cols"],
        k=table["k_inner"],
        weight=table["dtype"].map(lambda t: FORMATS[t][0]),
        act=table["dtype"].map(lambda t: FORMATS[t][1]),
    )


@njit(cache=True)
def gemm_times(chip: Chip, rows: Floats) -> Floats:
    """Seconds of each row."""
    result = np.empty(len(rows))
    for i in range(len(rows)):
        m, n, k, weight, act = rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3], rows[i, 4]
        result[i] = linear_s(chip, m, n, k, weight, act)
    return result


def expert_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Expert layers of one rank.

    Left out are mixed formats, the matrix-vector kernel for a few tokens, and the balanced
    rows of the A100, whose times contradict its other rows by up to a factor of six.
    """
    table = table[~table["dtype"].isin(["w4a16_mxfp4", "w4a8_mxfp4_mxfp8"])]
    table = table[~table["kernel"].str.contains("min_latency")]
    table = table[(table["chip_key"] != "A100-SXM-80GB") | (table["routing"] != "balanced")]
    return frame(
        table,
        "latency_us",
        tokens=table["num_tokens"],
        hidden=table["hidden_size"],
        inner=table["expert_ffn_size"] / table["tp"],
        active=table["experts_active"],
        experts=table["experts_total"],
        ranks=table["ep"],
        first=np.where(table["kernel"].str.contains("nongated"), 1.0, 2.0),
        weight=table["dtype"].map(lambda t: FORMATS[t][0]),
        act=table["dtype"].map(lambda t: FORMATS[t][1]),
        skew=table["routing"].map(ROUTING),
    )


@njit(cache=True)
def expert_times(chip: Chip, rows: Floats) -> Floats:
    """Seconds of each row: gate with up, then down, on the busiest rank."""
    result = np.empty(len(rows))
    for i in range(len(rows)):
        tokens, hidden, inner, active, experts = rows[i, :5]
        ranks, first, weight, act, skew = rows[i, 5:10]
        own = experts / ranks
        pairs = tokens * active / ranks * busiest_share(chip, ranks, skew)
        pairs = max(1.0, min(pairs, tokens * min(active, own)))
        touched = own * (1.0 - np.exp(-pairs / own))
        up = grouped_gemm_s(chip, pairs, touched, first * inner, hidden, weight, act)
        result[i] = up + grouped_gemm_s(chip, pairs, touched, hidden, inner, weight, act)
    return result


def prefill_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Prefill attention."""
    return frame(
        table,
        "latency_us",
        sequences=table["batch_size"],
        new=table["new_tokens"],
        past=table["past_tokens"],
        heads=table["num_heads"],
        cached=table["num_kv_heads"],
        width=table["head_dim"],
        bits=np.where(table["kv_dtype"] == "fp8", 8.0, 16.0),
        window=table["window_tokens"],
        act=np.where(table["attn_dtype"] == "fp8", 8.0, 16.0),
    )


@njit(cache=True)
def prefill_times(chip: Chip, rows: Floats) -> Floats:
    """Seconds of each row."""
    result = np.empty(len(rows))
    for i in range(len(rows)):
        b, new, past, heads, cached, width, bits, window, act = rows[i, :9]
        result[i] = attention_prefill_s(
            chip, b, new, past, heads, cached, width, width, bits, window, act
        )
    return result


def decode_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Decode attention of up to `WIDEST_GROUP` query heads per cached head."""
    table = table[table["num_heads"] <= WIDEST_GROUP * table["num_kv_heads"]]
    return frame(
        table,
        "latency_us",
        sequences=table["batch_size"],
        context=table["past_tokens"] + 1,
        heads=table["num_heads"],
        cached=table["num_kv_heads"],
        width=table["head_dim"],
        bits=np.where(table["kv_dtype"] == "fp8", 8.0, 16.0),
        window=table["window_tokens"],
    )


@njit(cache=True)
def decode_times(chip: Chip, rows: Floats) -> Floats:
    """Seconds of each row."""
    result = np.empty(len(rows))
    for i in range(len(rows)):
        b, context, heads, cached, width, bits, window = rows[i, :7]
        result[i] = attention_decode_s(chip, b, context, heads, cached, width, width, bits, window)
    return result


def library_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Collectives of the communication library inside one domain."""
    code = {"all_gather": 0.0, "reduce_scatter": 0.0, "all_reduce": 1.0, "alltoall": 2.0}
    return frame(
        table,
        "latency_us",
        bytes=table["message_bytes"],
        ranks=table["num_gpus"],
        op=table["op"].map(code),
    )


@njit(cache=True)
def library_times(chip: Chip, rows: Floats) -> Floats:
    """Seconds of each row."""
    result = np.empty(len(rows))
    for i in range(len(rows)):
        nbytes, ranks, op = rows[i, 0], rows[i, 1], rows[i, 2]
        if op == 0.0:
            result[i] = all_gather_s(chip, nbytes, ranks)
        elif op == 1.0:
            result[i] = all_reduce_s(chip, nbytes, ranks)
        else:
            result[i] = all_to_all_s(chip, nbytes, ranks)
    return result


def engine_rows(table: pd.DataFrame) -> pd.DataFrame:
    """All-reduces of serving engines in captured graphs."""
    table = table[~table["variant"].str.contains("eager")]
    return frame(table, "latency_us", bytes=table["message_bytes"], ranks=table["num_gpus"])


@njit(cache=True)
def engine_times(chip: Chip, rows: Floats) -> Floats:
    """Seconds of each row."""
    result = np.empty(len(rows))
    for i in range(len(rows)):
        result[i] = fused_all_reduce_s(chip, rows[i, 0], rows[i, 1])
    return result


def exchange_rows(table: pd.DataFrame, mode: str) -> pd.DataFrame:
    """Expert dispatch (8 bit) and combine (16 bit) of one mode, with 20 units or more."""
    table = table[(table["mode"] == mode) & ~(table["dispatch_sm_count"] < 20)]
    chips_per_node = np.where(table["chip_key"].str.startswith("GB"), 4.0, 8.0)
    parts = []
    for column, bits in (("dispatch_us", 8.0), ("combine_us", 16.0)):
        parts.append(
            frame(
                table,
                column,
                tokens=table["tokens_per_gpu"],
                hidden=table["hidden_size"],
                active=table["experts_active"],
                ranks=table["nodes"] * chips_per_node,
                bits=bits,
            )
        )
    return pd.concat(parts, ignore_index=True)


def low_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The low-latency expert exchange."""
    return exchange_rows(table, "low latency")


def high_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The high-throughput expert exchange."""
    return exchange_rows(table, "normal")


@njit(cache=True)
def exchange_times(chip: Chip, rows: Floats) -> Floats:
    """Seconds of each row."""
    result = np.empty(len(rows))
    for i in range(len(rows)):
        tokens, hidden, active, ranks, bits = rows[i, :5]
        result[i] = expert_exchange_s(chip, tokens, hidden, active, ranks, bits)
    return result


ROWS = (
    (
        "gemm", "gemm", gemm_rows, gemm_times,
        (
            "gemm_eff_16", "gemm_eff_8", "gemm_eff_4", "memory_eff", "write_cost", "launch_s",
            "convert_8_s", "convert_4_s", "convert_8_bytes", "convert_4_bytes", "tile_m",
            "tile_n", "k_start", "split_16", "split_8", "split_4", "fill_sharpness",
        ),
        {},
    ),
    (
        "experts", "moe", expert_rows, expert_times,
        (
            "grouped_s", "grouped_eff", "grouped_tile_m", "grouped_tile_n",
            "grouped_row_bytes", "grouped_block_eff", "expert_skew",
        ),
        {},
    ),
    (
        "prefill", "attention_prefill", prefill_rows, prefill_times,
        (
            "attention_eff_8", "softmax_flops", "attention_s", "attention_tile",
            "attention_keys",
        ),
        {},
    ),
    (
        "decode", "attention_decode", decode_rows, decode_times,
        (
            "decode_s", "decode_memory_eff", "decode_split", "decode_reduce_s",
            "decode_item_s", "decode_item_bits", "decode_item_group",
        ),
        {},
    ),
    (
        "library", "nccl", library_rows, library_times,
        (
            "collective_s", "scaleup_step_s", "alltoall_step_s", "scaleup_eff", "copy_eff",
            "fill_s", "fill_bytes", "bus_sharing",
        ),
        {"scaleup_domain": 8.0},
    ),
    (
        "engine", "allreduce", engine_rows, engine_times,
        ("fused_s", "fused_step_s", "fused_eff", "fused_fill_s", "fused_fill_bytes"),
        {"scaleup_domain": 8.0},
    ),
    (
        "exchange-low", "deepep", low_rows, exchange_times,
        ("expert_low_s", "expert_low_eff", "expert_scaleout_eff", "scaleout_step_s"),
        {"expert_high_s": 1e3},
    ),
    (
        "exchange-high", "deepep", high_rows, exchange_times,
        ("expert_high_s", "expert_high_eff"),
        {"expert_low_s": 1e3},
    ),
)  # fmt: skip
