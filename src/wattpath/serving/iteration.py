"""Seconds of one iteration of a serving engine, and the work inside it.

An iteration runs some decoding sequences and some prompt tokens through the whole network
once. Its time is the sum of the kernels on the critical path, the collectives, and the
host time that nothing hides.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.hardware.collectives import all_gather_s, fused_all_reduce_s, send_s
from wattpath.hardware.exchange import expert_exchange_s
from wattpath.hardware.kernels import convert_s, gemm_s
from wattpath.hardware.roofline import peak_flops
from wattpath.levers.settings import ServingSettings
from wattpath.models.parameters import parameter_count
from wattpath.models.shape import Shape
from wattpath.models.work import (
    attention_flops,
    experts_touched,
    kv_bytes_read,
    state_flops_per_token,
)
from wattpath.serving.blocks import (
    Batch,
    dense_ffn_s,
    expert_ffn_s,
    grouped_attention_s,
    grouped_projections_s,
    indexer_s,
    latent_attention_s,
    latent_projections_s,
    state_projections_s,
    state_traffic_s,
    vector_delay_s,
)
from wattpath.serving.engine import Engine
from wattpath.serving.layout import Layout


class Iteration(NamedTuple):
    """One iteration: its time and how busy it keeps a chip.

    Parameters
    ----------
    seconds
        Time of the iteration [s].
    compute_s, memory_s
        Time that its arithmetic would take at the chip's full peak rates, and its memory
        traffic at full peak bandwidth, the cache weighed by its power [s]; over `seconds` they
        are the shares that set power.
    network_s
        Time in collectives that nothing hides [s].
    host_s
        Host time [s].
    """

    seconds: float
    compute_s: float
    memory_s: float
    network_s: float
    host_s: float


@njit(cache=True)
def token_kernels_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    tokens: float,
) -> float:
    """Kernels of all layers whose time is set by the number of tokens alone [s]."""
    bits, act, tp = settings.weight_bits, settings.act_bits, layout.tp
    softmax, time = shape.full_layers + shape.window_layers, 0.0
    if softmax > 0.0 and shape.kv_rank > 0.0:
        time += softmax * latent_projections_s(chip, shape, layout, settings, tokens)
    elif softmax > 0.0:
        time += softmax * grouped_projections_s(chip, shape, layout, settings, tokens)
    if shape.state_layers > 0.0:
        time += shape.state_layers * state_projections_s(chip, shape, layout, settings, tokens)
    gates = shape.mlp_matrices
    dense = dense_ffn_s(chip, tokens, shape.hidden, shape.ffn / tp, gates, bits, act)
    time += shape.dense_layers * dense
    if shape.moe_layers > 0.0:
        inner = shape.experts_shared * shape.shared_ffn / tp
        moe = expert_ffn_s(chip, shape, layout, settings, engine, tokens)
        moe += dense_ffn_s(chip, tokens, shape.hidden, inner, gates, bits, act)
        time += shape.moe_layers * moe
    time += small_s(chip, shape, layout, engine, tokens)
    return time + conversions_s(chip, shape, layout, settings, engine, tokens)


@njit(cache=True)
def context_kernels_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    batch: Batch,
) -> float:
    """Kernels of all layers whose time depends on caches and on single prompts [s]."""
    time = 0.0
    for kind in range(2):
        layers = shape.full_layers if kind == 0 else shape.window_layers
        window = 0.0 if kind == 0 else shape.window
        if layers > 0.0 and shape.kv_rank > 0.0:
            time += layers * latent_attention_s(chip, shape, layout, settings, batch, window)
        elif layers > 0.0:
            time += layers * grouped_attention_s(chip, shape, layout, settings, batch, window)
            time += layers * vector_delay_s(chip, shape, layout, settings, engine, batch, window)
    if shape.sparse_tokens > 0.0:
        time += shape.full_layers * indexer_s(chip, shape, settings, batch)
    if shape.state_layers > 0.0:
        time += shape.state_layers * state_traffic_s(chip, shape, layout, batch)
    return time


@njit(cache=True)
def small_s(chip: Chip, shape: Shape, layout: Layout, engine: Engine, tokens: float) -> float:
    """Norms, rotary embedding, quantisation and activations of all layers [s].

    Counted as the engine's number of launches and as exact traffic at 16 bit: eight passes
    over the residual stream, two over queries and keys, three over the inner activations of
    dense and shared blocks (those of experts are inside the grouped products).
    """
    inner = shape.dense_layers * shape.ffn
    inner += shape.moe_layers * shape.experts_shared * shape.shared_ffn
    queries = shape.heads * shape.head_dim / layout.tp
    stream = shape.layers * (8.0 * shape.hidden + 2.0 * queries)
    moved = tokens * 2.0 * (stream + 3.0 * inner / layout.tp)
    floor_s = shape.layers * engine.small_kernels * chip.launch_s
    return floor_s + moved / (chip.bandwidth_bytes_s * chip.memory_eff)


@njit(cache=True)
def conversions_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    tokens: float,
) -> float:
    """Conversions of activations that the engine does not fuse [s]; 0 at 16 bit.

    Before the projections into and out of each mixer and dense block; those of experts are
    inside the grouped products.
    """
    act, tp = settings.act_bits, layout.tp
    if act >= 16.0 or engine.convert_share <= 0.0:
        return 0.0
    mixers = shape.full_layers + shape.window_layers + shape.state_layers
    time = (mixers + shape.dense_layers) * convert_s(chip, tokens * shape.hidden, act)
    width = shape.heads * shape.v_head_dim / tp
    time += mixers * convert_s(chip, tokens * width, act)
    time += shape.dense_layers * convert_s(chip, tokens * shape.ffn / tp, act)
    return engine.convert_share * time


@njit(cache=True)
def launches(shape: Shape, layout: Layout, engine: Engine) -> float:
    """Operators of one pass that the host launches one by one without a captured graph."""
    softmax = shape.full_layers + shape.window_layers
    each = engine.latent_kernels if shape.kv_rank > 0.0 else 4.0
    count = each * softmax + 4.0 * shape.state_layers + 2.0 * shape.dense_layers
    count += engine.expert_kernels * shape.moe_layers + engine.small_kernels * shape.layers
    if layout.tp > 1.0 or layout.dp > 1.0:
        count += 2.0 * shape.layers
    return count


@njit(cache=True)
def head_s(chip: Chip, shape: Shape, layout: Layout, rows: float) -> float:
    """Projection of `rows` tokens to the vocabulary and the choice of the next token [s]."""
    if rows <= 0.0:
        return 0.0
    columns = shape.vocab / layout.tp
    time = gemm_s(chip, rows, columns, shape.hidden, 16.0, 16.0)
    sampling = 3.0 * rows * columns * 4.0 / (chip.bandwidth_bytes_s * chip.memory_eff)
    return time + sampling + 2.0 * chip.launch_s


@njit(cache=True)
def gather_s(chip: Chip, layout: Layout, rows: float) -> float:
    """Collection of the best candidates of `rows` tokens over tp [s]."""
    return all_gather_s(chip, rows * 8.0 * layout.tp, layout.tp)


@njit(cache=True)
def network_s(
    chip: Chip, shape: Shape, layout: Layout, settings: ServingSettings, tokens: float
) -> float:
    """Collectives of one pass [s]: all-reduces over tp, expert exchange over tp x dp, stages.

    With attention data parallelism tokens travel to their experts and back: dispatch at the
    width of activations, combine at 16 bit.
    """
    stream = tokens * shape.hidden * 2.0
    mixers = shape.full_layers + shape.window_layers + shape.state_layers
    reduce_s = fused_all_reduce_s(chip, stream, layout.tp)
    time = (mixers + shape.dense_layers) * reduce_s
    if layout.dp > 1.0:
        group = layout.tp * layout.dp
        width = shape.moe_hidden if shape.moe_hidden > 0.0 else shape.hidden
        active, mine = shape.experts_active, tokens / layout.tp
        dispatch = min(16.0, settings.act_bits)
        out = expert_exchange_s(chip, mine, width, active, group, dispatch)
        back = expert_exchange_s(chip, mine, width, active, group, 16.0)
        time += shape.moe_layers * (out + back)
    else:
        time += shape.moe_layers * reduce_s
    if layout.pp > 1.0:
        stride = layout.tp * layout.dp
        time += (layout.pp - 1.0) * send_s(chip, stream / layout.tp, stride)
    return time


@njit(cache=True)
def spread_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    tokens: float,
) -> tuple[float, float]:
    """Kernels set by tokens alone and collectives of one pass [s].

    Where expert exchange overlaps with computation, the batch runs as two halves that take
    turns: each half reads the weights and pays the latencies anew. Where that loses, the
    whole batch runs with its collectives in line, counted as kernels.
    """
    work = token_kernels_s(chip, shape, layout, settings, engine, tokens)
    links = network_s(chip, shape, layout, settings, tokens)
    if settings.overlap <= 0.0 or layout.dp <= 1.0:
        return work, links
    part, half = settings.overlap, 0.5 * tokens
    twice = 2.0 * token_kernels_s(chip, shape, layout, settings, engine, half)
    sent = 2.0 * network_s(chip, shape, layout, settings, half)
    work_s, links_s = work + part * (twice - work), links + part * (sent - links)
    if work_s + links_s - part * min(work_s, links_s) >= work + links:
        return work + links, 0.0
    return work_s, links_s


@njit(cache=True)
def compute_peak_s(
    chip: Chip, shape: Shape, layout: Layout, settings: ServingSettings, batch: Batch
) -> float:
    """Time of the pass's arithmetic on one chip at its full peak rates [s].

    Per chip of the whole instance, pipeline stages included: in the time of one pass every
    stage works on one micro-batch.
    """
    asked = batch.sequences * batch.queries
    tokens = asked + batch.prefill_tokens
    count = parameter_count(shape)
    share = min(1.0, shape.experts_active / max(1.0, shape.experts))
    matrices = count.attention + count.dense_ffn + count.shared + count.state
    matrices += count.experts * share
    bits = max(settings.weight_bits, settings.act_bits)
    low = 2.0 * tokens * matrices / peak_flops(chip, bits)
    prompts = max(1e-9, batch.prefill_sequences)
    each = batch.prefill_tokens / prompts
    rows = asked + batch.prefill_sequences
    high = 2.0 * rows * shape.vocab * shape.hidden + 2.0 * tokens * count.router
    high += asked * attention_flops(shape, 1.0, batch.context) * settings.kv_read_factor
    high += prompts * attention_flops(shape, each, batch.past_tokens)
    high += tokens * state_flops_per_token(shape)
    return (low + high / chip.bf16_flops) / layout.tp


@njit(cache=True)
def memory_peak_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    batch: Batch,
) -> float:
    """Time of the pass's memory traffic on one chip at full bandwidth [s] (see compute).

    As power sees it: bytes of the cache, which feed scores, softmax and sums, count for more
    than those of weights (`cache_power`). Where the vocabulary is sorted for each chosen
    token, every rank does so alike.
    """
    tokens = batch.sequences * batch.queries + batch.prefill_tokens
    count = parameter_count(shape)
    bits = settings.weight_bits * settings.weight_overhead
    touched = experts_touched(shape.experts, shape.experts_active, tokens * layout.dp)
    experts = count.experts * touched / max(1.0, shape.experts) / (layout.tp * layout.dp)
    matrices = (count.attention + count.dense_ffn + count.shared + count.state) / layout.tp
    weights = (matrices + experts) * bits + shape.vocab * shape.hidden / layout.tp * 16.0
    split = 1.0 if shape.kv_rank > 0.0 else min(layout.tp, max(1.0, shape.kv_heads))
    kv_bits = settings.kv_bits * settings.kv_overhead
    cache = batch.sequences * kv_bytes_read(shape, batch.context, kv_bits)
    cache *= settings.kv_read_factor / split * (1.0 + chip.cache_power)
    stream = tokens * shape.layers * 2.0 * 8.0 * shape.hidden
    chosen = batch.sequences * batch.queries + batch.prefill_sequences
    stream += chosen * shape.vocab * engine.sorted_bytes
    return (weights / 8.0 + cache + stream) / chip.bandwidth_bytes_s


@njit(cache=True)
def iteration(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    batch: Batch,
) -> Iteration:
    """Time one pass of one micro-batch through the whole network.

    Parameters
    ----------
    chip, shape, layout, settings, engine
        Hardware, model, spread, software terms and engine constants.
    batch : Batch
        What each attention rank brings; all ranks are taken as alike.

    Returns
    -------
    Iteration
        Times [s].

    Notes
    -----
    Kernels of one pass run one after another. Breaks down where ranks carry unlike batches
    (few requests on many data-parallel ranks), for engines that overlap two micro-batches
    fully.
    """
    tokens = batch.sequences * batch.queries + batch.prefill_tokens
    rows = batch.sequences * batch.queries + batch.prefill_sequences
    work, links = spread_s(chip, shape, layout, settings, engine, tokens)
    head = head_s(chip, shape, layout, rows)
    links += gather_s(chip, layout, rows)
    return assemble(chip, shape, layout, settings, engine, batch, work, head, links)


@njit(cache=True)
def assemble(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    batch: Batch,
    by_token: float,
    head: float,
    links: float,
) -> Iteration:
    """The iteration of a batch whose `token_kernels_s`, head and collectives are known [s]."""
    tokens = batch.sequences * batch.queries + batch.prefill_tokens
    layers = by_token + context_kernels_s(chip, shape, layout, settings, engine, batch)
    if tokens > 0.0:  # early exit: decoded tokens pass only part of the layers
        decoded = batch.sequences * batch.queries / tokens
        layers *= 1.0 - decoded * (1.0 - settings.layer_share)
    work = (layers + head) * engine.kernel_factor
    if batch.prefill_tokens > 0.0:
        work *= engine.prompt_factor
    busy = compute_peak_s(chip, shape, layout, settings, batch)
    work = max(0.1 * work, work + (settings.gemm_factor - 1.0) * busy)
    links *= engine.collective_factor
    links -= settings.overlap * min(links, work)
    if batch.prefill_tokens > 0.0:  # no captured graph: the host may be the slower one
        hosted = engine.eager_s * launches(shape, layout, engine)
        work = math.sqrt((work + links) ** 2 + hosted**2) - links
    base = settings.host_s if settings.host_s > 0.0 else engine.host_s
    each = engine.host_sequence_s + engine.stream_s
    host = base + each * (batch.sequences + batch.prefill_sequences)
    return Iteration(
        work + links + host,
        busy,
        memory_peak_s(chip, shape, layout, settings, engine, batch),
        links,
        host,
    )
