"""Seconds of one kernel on one chip: a roofline with smooth efficiency and a launch floor.

Every function takes a `Chip` and floats, so that other compiled code can call it.
"""

from __future__ import annotations

import math

from numba import njit

from wattpath.hardware.chip import Chip


@njit(cache=True)
def compute_flops(chip: Chip, weight_bits: float, act_bits: float) -> float:
    """Usable matrix rate [FLOP/s] of a very large product at the coarser of two precisions.

    A precision that the chip has no matrix unit for runs at the next one up.
    """
    bits = max(weight_bits, act_bits)
    if bits <= 4.0 and chip.fp4_flops > 0.0:
        return chip.fp4_flops * chip.gemm_eff_4
    if bits <= 8.0 and chip.fp8_flops > 0.0:
        return chip.fp8_flops * chip.gemm_eff_8
    return chip.bf16_flops * chip.gemm_eff_16


@njit(cache=True)
def _join(a: float, b: float) -> float:
    """Smooth maximum of two times that overlap but not perfectly."""
    return math.sqrt(a * a + b * b)


@njit(cache=True)
def memory_s(chip: Chip, nbytes: float) -> float:
    """Time [s] of a kernel that only moves `nbytes` between memory and chip."""
    return chip.launch_s + nbytes / (chip.bandwidth_bytes_s * chip.memory_eff)


@njit(cache=True)
def gemm_s(
    chip: Chip, m: float, n: float, k: float, weight_bits: float = 16.0, act_bits: float = 16.0
) -> float:
    """Time [s] of y[m, n] = x[m, k] w[k, n]."""
    rows = _join(m, chip.tile_m)
    columns = _join(n, chip.tile_n)
    compute = 2.0 * rows * columns * k / compute_flops(chip, weight_bits, act_bits)
    nbytes = (k * n * weight_bits + m * k * act_bits) / 8.0 + 2.0 * m * n
    moved = nbytes / (chip.bandwidth_bytes_s * chip.memory_eff)
    return chip.launch_s + _join(compute, moved)


@njit(cache=True)
def grouped_gemm_s(
    chip: Chip,
    tokens: float,
    groups_touched: float,
    n: float,
    k: float,
    weight_bits: float = 16.0,
    act_bits: float = 16.0,
) -> float:
    """Time [s] of `groups_touched` products that share `tokens` rows [tokens x active experts]."""
    groups = max(1.0, groups_touched)
    rows = groups * _join(tokens / groups, chip.tile_m)
    compute = 2.0 * rows * n * k / compute_flops(chip, weight_bits, act_bits)
    nbytes = (groups * k * n * weight_bits + tokens * k * act_bits) / 8.0 + 2.0 * tokens * n
    moved = nbytes / (chip.bandwidth_bytes_s * chip.memory_eff)
    return chip.launch_s + _join(compute, moved)


@njit(cache=True)
def attention_prefill_s(
    chip: Chip,
    sequences: float,
    new_tokens: float,
    past_tokens: float,
    heads: float,
    kv_heads: float,
    head_dim: float,
    v_head_dim: float,
    kv_bits: float = 16.0,
    window: float = 0.0,
) -> float:
    """Time [s] of causal attention of `new_tokens` queries per sequence over past and new keys."""
    reach = past_tokens + 0.5 * new_tokens
    if window > 0.0:
        reach = 1.0 / (1.0 / reach + 1.0 / window)
    pairs = sequences * heads * new_tokens * reach
    rate = chip.bf16_flops * chip.attention_eff
    compute = 2.0 * pairs * (head_dim + v_head_dim) / rate
    queries = 2.0 * sequences * new_tokens * heads * (head_dim + v_head_dim)
    keys = sequences * (past_tokens + new_tokens) * kv_heads * (head_dim + v_head_dim)
    moved = (queries + keys * kv_bits / 8.0) / (chip.bandwidth_bytes_s * chip.memory_eff)
    return chip.launch_s + _join(compute, moved)


@njit(cache=True)
def attention_decode_s(
    chip: Chip,
    sequences: float,
    context: float,
    heads: float,
    kv_heads: float,
    head_dim: float,
    v_head_dim: float,
    kv_bits: float = 16.0,
    window: float = 0.0,
) -> float:
    """Time [s] of one new query per sequence over `context` cached keys."""
    reach = context
    if window > 0.0:
        reach = 1.0 / (1.0 / context + 1.0 / window) if context > 0.0 else 0.0
    keys = sequences * reach * kv_heads * (head_dim + v_head_dim) * kv_bits / 8.0
    compute = 2.0 * sequences * heads * reach * (head_dim + v_head_dim)
    compute /= chip.bf16_flops * chip.attention_eff
    moved = keys / (chip.bandwidth_bytes_s * chip.memory_eff)
    return chip.launch_s + _join(compute, moved)
