"""Seconds of fused attention on one chip: prefill and decode.

Both follow the tiled algorithm that keeps scores on the chip: time goes with products,
the softmax of each score, cache traffic, and how many independent pieces there are.
"""

from __future__ import annotations

import math

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.hardware.roofline import at_least, overlap


@njit(cache=True)
def score_s(chip: Chip, width: float, act_bits: float) -> float:
    """Time [s] of one score on the whole chip: its two products and its softmax.

    `width` is the sum of key and value width; the softmax runs beside the matrix units at
    a rate that is fixed per family, stated as equivalent 16-bit matrix work.
    """
    softmax = chip.softmax_flops / chip.bf16_flops
    if act_bits <= 8.0 and chip.fp8_flops > 0.0:
        return 2.0 * width / (chip.fp8_flops * chip.attention_eff_8) + softmax
    return 2.0 * width / (chip.bf16_flops * chip.attention_eff) + softmax


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
    act_bits: float = 16.0,
) -> float:
    """Time [s] of causal attention of `new_tokens` queries per sequence.

    Parameters
    ----------
    chip : Chip
    sequences, new_tokens, past_tokens : float
        Sequences, new queries of each and keys already in its cache.
    heads, kv_heads, head_dim, v_head_dim : float
        Query heads, cached heads, and their key and value widths on this chip.
    kv_bits : float
        Width of a cached number [bit].
    window : float
        Keys that a query can see at most; 0 for all.
    act_bits : float
        Precision of the products [bit].

    Notes
    -----
    One surface per family stands for several kernels: engines choose among them by cache
    precision and head width, and the choice alone moves time by about a third.
    """
    reach = past_tokens + 0.5 * (new_tokens + 1.0)
    if window > 0.0:
        reach = reach * window / math.sqrt(reach * reach + window * window)
    width = head_dim + v_head_dim
    queries = at_least(new_tokens, chip.attention_tile)
    pieces = sequences * heads * queries / chip.attention_tile
    idle = chip.units / pieces
    scores = sequences * heads * queries * (reach + chip.attention_keys)
    compute = scores * score_s(chip, width, act_bits) * math.sqrt(1.0 + idle * idle)
    cached = kv_heads * width * kv_bits / 8.0
    fresh = 2.0 * heads * width + 2.0 * kv_heads * width + 2.0 * cached
    nbytes = sequences * (new_tokens * fresh + past_tokens * cached)
    moved = nbytes / (chip.bandwidth_bytes_s * chip.memory_eff)
    return chip.attention_s + overlap(compute, moved)


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
    """Time [s] of one new query per sequence over `context` cached keys.

    Parameters
    ----------
    chip : Chip
    sequences, context : float
        Sequences of the batch and their mean cached keys.
    heads, kv_heads, head_dim, v_head_dim : float
        Query heads, cached heads, and their key and value widths on this chip. Latent
        attention has one cached head; keys and values that share storage count by
        `kv_heads` below one.
    kv_bits : float
        Width of a cached number [bit].
    window : float
        Keys that a query can see at most; 0 for all.

    Notes
    -----
    Fitted for up to 32 query heads per cached head. Beyond, engines without a latent
    kernel fall back to one that is many times slower, which is not modelled.
    """
    reach = context
    if window > 0.0 and context > 0.0:
        ratio = context / window
        reach = context / (1.0 + ratio**4) ** 0.25
    width = head_dim + v_head_dim
    group = heads / kv_heads
    items = sequences * kv_heads
    nbytes = items * reach * width * kv_bits / 8.0
    moved = nbytes / (chip.bandwidth_bytes_s * chip.decode_memory_eff)
    rows = at_least(group, chip.decode_rows)
    compute = items * rows * reach * score_s(chip, width, 16.0)
    item = chip.decode_item_s * math.sqrt(width / 256.0)
    item *= (kv_bits / 16.0) ** chip.decode_item_bits * (1.0 + chip.decode_item_group * group)
    least = items * item / chip.units
    pieces = reach / chip.decode_split
    summed = chip.decode_reduce_s * pieces / (1.0 + pieces)
    return chip.decode_s + summed + overlap(overlap(compute, least), moved)
