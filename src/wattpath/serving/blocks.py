"""Seconds of one layer's blocks for the tokens that one attention rank brings.

Each function times the kernels of one block on one chip of a tensor-parallel group. The
matrices are the model's own, cut by the layout; small operators are in
`wattpath.serving.iteration`.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.hardware.kernels import (
    attention_decode_s,
    attention_prefill_s,
    compute_bits,
    gemm_s,
    grouped_gemm_s,
    memory_s,
)
from wattpath.hardware.roofline import at_least, overlap
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.models.work import experts_touched
from wattpath.serving.engine import Engine
from wattpath.serving.layout import Layout


class Batch(NamedTuple):
    """What one attention rank runs in one iteration; every field a float.

    Parameters
    ----------
    sequences, context
        Decoding sequences and their mean context [token].
    queries
        Tokens that each of them brings: 1, or drafts + 1 under speculation.
    prefill_tokens, prefill_sequences
        Prompt tokens of the iteration, and from how many prompts.
    past_tokens
        Mean tokens of those prompts that are already in the cache [token].
    """

    sequences: float
    context: float
    queries: float
    prefill_tokens: float
    prefill_sequences: float
    past_tokens: float


@njit(cache=True)
def _attend_s(
    chip: Chip,
    batch: Batch,
    heads: float,
    kv_heads: float,
    head_dim: float,
    v_head_dim: float,
    kv_bits: float,
    reach: float,
    window: float,
) -> float:
    """Decode attention over `reach` cached tokens; 0 without decoding sequences."""
    if batch.sequences <= 0.0:
        return 0.0
    asked = heads * batch.queries
    return attention_decode_s(
        chip, batch.sequences, reach, asked, kv_heads, head_dim, v_head_dim, kv_bits, window
    )


@njit(cache=True)
def _prefill_s(
    chip: Chip,
    batch: Batch,
    heads: float,
    kv_heads: float,
    head_dim: float,
    v_head_dim: float,
    kv_bits: float,
    window: float,
) -> float:
    """Causal attention of the iteration's prompt tokens; 0 without."""
    if batch.prefill_tokens <= 0.0:
        return 0.0
    count = max(1e-9, batch.prefill_sequences)
    new = batch.prefill_tokens / count
    past = batch.past_tokens
    return attention_prefill_s(
        chip, count, new, past, heads, kv_heads, head_dim, v_head_dim, kv_bits, window
    )


@njit(cache=True)
def _reach(shape: Shape, settings: ServingSettings, context: float) -> float:
    """Cached entries that one decode query reads in a full layer."""
    stored = context / shape.kv_stride * settings.kv_read_factor
    if shape.sparse_tokens > 0.0:
        return min(stored, shape.sparse_tokens)
    return stored


@njit(cache=True)
def grouped_projections_s(
    chip: Chip, shape: Shape, layout: Layout, settings: ServingSettings, tokens: float
) -> float:
    """Projections around multi-head, grouped- or multi-query attention [s]."""
    heads, stored = shape.heads / layout.tp, _stored_width(shape, layout)
    bits, act = settings.weight_bits, settings.act_bits
    time = gemm_s(chip, tokens, heads * shape.head_dim + stored, shape.hidden, bits, act)
    return time + gemm_s(chip, tokens, shape.hidden, heads * shape.v_head_dim, bits, act)


@njit(cache=True)
def _stored_width(shape: Shape, layout: Layout) -> float:
    """Cached elements of one token and layer on one chip."""
    width = shape.head_dim if shape.kv_tied > 0.0 else shape.head_dim + shape.v_head_dim
    return max(1.0, shape.kv_heads / layout.tp) * width


@njit(cache=True)
def grouped_attention_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    batch: Batch,
    window: float,
) -> float:
    """Multi-head, grouped- or multi-query attention without its projections [s]."""
    heads, width, v_width = shape.heads / layout.tp, shape.head_dim, shape.v_head_dim
    kv_bits = settings.kv_bits * settings.kv_overhead
    # one vector for key and value counts as half
    kv_heads = _stored_width(shape, layout) / (width + v_width)
    reach = batch.context if window > 0.0 else _reach(shape, settings, batch.context)
    time = _attend_s(chip, batch, heads, kv_heads, width, v_width, kv_bits, reach, window)
    return time + _prefill_s(chip, batch, heads, kv_heads, width, v_width, kv_bits, window)


@njit(cache=True)
def vector_delay_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    batch: Batch,
    window: float,
) -> float:
    """Further time of one layer's decode attention on vector units [s]; 0 on matrix units.

    Kernels without matrix units score every query head apart, so that heads that share a
    cached head save no arithmetic, and one unit walks the whole context of one head, so that
    few sequences leave units idle. The engine's kernel reaches `vector_eff` of the chip's vector
    rate, with a third more work for a cache of 8 bit that is widened first; beside it runs the
    traffic that the plain kernel has. Groups of eight query heads have a matrix kernel in these
    engines too.
    """
    group = shape.heads / max(1.0, shape.kv_heads)
    if engine.vector_eff <= 0.0 or batch.sequences <= 0.0 or group == 8.0:
        return 0.0
    alone = Batch(batch.sequences, batch.context, batch.queries, 0.0, 0.0, 0.0)
    plain = grouped_attention_s(chip, shape, layout, settings, alone, window)
    reach = min(batch.context, window) if window > 0.0 else batch.context
    pieces = batch.sequences * batch.queries * shape.heads / layout.tp
    widened = 1.0 + max(0.0, 16.0 / settings.kv_bits - 1.0) / 3.0
    flops = 2.0 * at_least(pieces, chip.units) * reach * (shape.head_dim + shape.v_head_dim)
    arithmetic = flops * widened / (engine.vector_eff * chip.vector_flops)
    return overlap(plain, arithmetic) - plain


@njit(cache=True)
def latent_projections_s(
    chip: Chip, shape: Shape, layout: Layout, settings: ServingSettings, tokens: float
) -> float:
    """Projections around multi-head latent attention that every token passes [s]."""
    bits, act = settings.weight_bits, settings.act_bits
    heads, latent = shape.heads / layout.tp, shape.kv_rank + shape.rope_dim
    if shape.q_rank > 0.0:
        time = gemm_s(chip, tokens, shape.q_rank + latent, shape.hidden, bits, act)
        time += gemm_s(chip, tokens, heads * shape.head_dim, shape.q_rank, bits, act)
    else:
        time = gemm_s(chip, tokens, heads * shape.head_dim + latent, shape.hidden, bits, act)
    return time + gemm_s(chip, tokens, shape.hidden, heads * shape.v_head_dim, bits, act)


@njit(cache=True)
def latent_attention_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    batch: Batch,
    window: float,
) -> float:
    """Multi-head latent attention [s]: absorbed in decode, expanded in prefill.

    Decode attends in the latent space of `kv_rank` + `rope_dim` with one cached head, after
    the up-projections are absorbed into query and output; prefill expands keys and values.
    """
    kv_bits = settings.kv_bits * settings.kv_overhead
    heads, rank = shape.heads / layout.tp, shape.kv_rank
    asked, latent, time = batch.sequences * batch.queries, rank + shape.rope_dim, 0.0
    if asked > 0.0:
        rows = asked * heads
        time += grouped_gemm_s(chip, rows, heads, rank, shape.nope_dim, 16.0, 16.0)
        time += grouped_gemm_s(chip, rows, heads, shape.v_head_dim, rank, 16.0, 16.0)
        one = latent / (latent + rank)  # keys and values share the cached latent
        reach = batch.context if window > 0.0 else _reach(shape, settings, batch.context)
        time += _attend_s(chip, batch, heads, one, latent, rank, kv_bits, reach, window)
    if batch.prefill_tokens > 0.0:
        bits, act = settings.weight_bits, settings.act_bits
        past = batch.past_tokens * batch.prefill_sequences
        expand = heads * (shape.nope_dim + shape.v_head_dim)
        time += gemm_s(chip, batch.prefill_tokens + past, expand, rank, bits, act)
        width, v_width = shape.head_dim, shape.v_head_dim
        time += _prefill_s(chip, batch, heads, heads, width, v_width, 16.0, window)
    return time


@njit(cache=True)
def indexer_s(chip: Chip, shape: Shape, settings: ServingSettings, batch: Batch) -> float:
    """Scoring of the cached tokens from which sparse attention selects [s]; 0 without."""
    if shape.sparse_tokens <= 0.0:
        return 0.0
    heads, width = shape.index_heads, shape.index_dim
    bits = settings.kv_bits * settings.kv_overhead
    reach = batch.context / shape.kv_stride
    time = _attend_s(chip, batch, heads, 1.0, width, 0.0, bits, reach, 0.0)
    return time + _prefill_s(chip, batch, heads, 1.0, width, 0.0, bits, 0.0)


@njit(cache=True)
def state_projections_s(
    chip: Chip, shape: Shape, layout: Layout, settings: ServingSettings, tokens: float
) -> float:
    """Projections and recurrence of a linear-attention or state-space mixer [s].

    Two thirds of the mixer's parameters are taken as the input projection.
    """
    columns = shape.state_params / shape.hidden / layout.tp
    bits, act = settings.weight_bits, settings.act_bits
    time = gemm_s(chip, tokens, columns * 2.0 / 3.0, shape.hidden, bits, act)
    time += gemm_s(chip, tokens, shape.hidden, columns / 3.0, bits, act)
    rate = chip.bf16_flops * chip.attention_eff
    return time + 6.0 * tokens * shape.state_elements / layout.tp / rate


@njit(cache=True)
def state_traffic_s(chip: Chip, shape: Shape, layout: Layout, batch: Batch) -> float:
    """Reading and writing of the recurrent states of one mixer [s]."""
    holders = batch.sequences + batch.prefill_sequences
    state = shape.state_elements / layout.tp
    return memory_s(chip, 2.0 * holders * state * shape.state_bits / 8.0)


@njit(cache=True)
def dense_ffn_s(
    chip: Chip, tokens: float, hidden: float, inner: float, matrices: float, bits: float, act: float
) -> float:
    """Feed-forward block of inner width `inner` on this chip [s]; 0 where it has none."""
    if inner <= 0.0:
        return 0.0
    time = gemm_s(chip, tokens, (matrices - 1.0) * inner, hidden, bits, act)
    return time + gemm_s(chip, tokens, hidden, inner, bits, act)


@njit(cache=True)
def expert_ffn_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    tokens: float,
) -> float:
    """Router and routed experts [s] for `tokens` tokens of each attention rank.

    All ranks' tokens meet in the experts. Each of the `ep` ranks computes the experts that it
    holds and that the batch touches; the busiest rank counts, by `expert_skew`.
    """
    bits, act = settings.weight_bits, settings.act_bits
    if act == 8.0:  # 32-bit scales of blocks of 128 activations
        act += 0.25 * engine.block_scales
    width = shape.moe_hidden if shape.moe_hidden > 0.0 else shape.hidden
    everyone = tokens * layout.dp
    inner = shape.moe_ffn * layout.ep / (layout.tp * layout.dp)
    touched = experts_touched(shape.experts, shape.experts_active, everyone) / layout.ep
    pairs = everyone * shape.experts_active / layout.ep * settings.expert_skew
    columns = (shape.mlp_matrices - 1.0) * inner
    time = gemm_s(chip, tokens, shape.experts, shape.hidden, 16.0, 16.0)
    time += grouped_gemm_s(chip, pairs, touched, columns, width, bits, act)
    time += grouped_gemm_s(chip, pairs, touched, width, inner, bits, act)
    return time + narrow_delay_s(chip, engine, touched * width * (columns + inner), bits, act)


@njit(cache=True)
def narrow_delay_s(
    chip: Chip, engine: Engine, weights: float, weight_bits: float, act_bits: float
) -> float:
    """Further time to read this many weights of experts in 8-bit products [s]; 0 at 16 bit.

    Engines that compile one kernel for all shapes pad few rows to whole tiles and rescale
    block by block, so that they reach less of the bandwidth than kernels tuned for 8 bit.
    """
    if compute_bits(chip, weight_bits, act_bits) != 8.0:
        return 0.0
    tuned = weights * weight_bits / 8.0 / (chip.bandwidth_bytes_s * chip.memory_eff)
    return tuned * (1.0 / engine.narrow_experts - 1.0)
