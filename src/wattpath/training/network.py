"""Seconds of communication of one layer, one stage boundary and one gradient exchange.

Group strides follow the rank convention of `wattpath.training.layout`, so a group that is
wider than the scale-up domain pays for both tiers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from wattpath.hardware.collectives import (
    all_gather_s,
    all_reduce_s,
    all_to_all_s,
    local_ranks,
    reduce_scatter_s,
    scaleup_rate,
    seconds,
    send_s,
)
from wattpath.hardware.exchange import distinct_places
from wattpath.hardware.kernels import memory_s
from wattpath.hardware.roofline import overlap
from wattpath.hardware.scaleout import even_load, network_latency_s

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.layout import Layout


@njit(cache=True)
def tensor_s(shape: Shape, chip: Chip, layout: Layout, sequence: float) -> float:
    """Tensor-parallel collectives of one mean layer, forward [s]; backward takes the same.

    Two all-reduces of the residual stream, or with the sequence split an all-gather and a
    reduce-scatter in place of each. Layers with whole experts need only the first pair.
    """
    if layout.tp <= 1.0:
        return 0.0
    nbytes = 2.0 * layout.micro_batch * sequence / layout.cp * shape.hidden
    if layout.sequence_parallel > 0.5:
        pair = all_gather_s(chip, nbytes, layout.tp, 1.0)
        pair += reduce_scatter_s(chip, nbytes, layout.tp, 1.0)
    else:
        pair = all_reduce_s(chip, nbytes, layout.tp, 1.0)
    whole = shape.moe_layers / shape.layers if layout.expert_tp < layout.tp else 0.0
    return pair * (2.0 - whole)


@njit(cache=True)
def hidden(work_s: float, other_s: float, overlap: float, contention: float) -> float:
    """Time of two activities that run side by side for a share `overlap` of the time.

    Overlapped activities still slow each other when they are of like length (a smooth
    maximum, the fourth-power mean), and where they use the same chip: collectives occupy
    some of its units and of its memory bandwidth, a share `contention` of their time.
    """
    if other_s <= 0.0:
        return work_s
    top = max(work_s, other_s)
    if math.isinf(top):  # no link between chips that must talk
        return top
    small = min(work_s, other_s)
    low = small / top
    smooth = top * math.sqrt(math.sqrt(1.0 + low**4)) + contention * small * (1.0 - 0.5 * low)
    return float((1.0 - overlap) * (work_s + other_s) + overlap * min(smooth, work_s + other_s))


@njit(cache=True)
def key_value_width(shape: Shape, layout: Layout) -> float:
    """Numbers per token that hold the keys and values of one rank's heads."""
    if shape.kv_rank > 0.0:
        return shape.heads * (shape.head_dim + shape.v_head_dim) / layout.tp
    return shape.kv_heads * (shape.head_dim + shape.v_head_dim) / layout.tp


@njit(cache=True)
def gather_context_s(shape: Shape, chip: Chip, layout: Layout, sequence: float) -> float:
    """Gathering the keys and values of the whole sequence on every rank [s]."""
    nbytes = 2.0 * layout.micro_batch * sequence * key_value_width(shape, layout)
    return all_gather_s(chip, nbytes, layout.cp, layout.tp)


@njit(cache=True)
def ring_context_s(
    shape: Shape,
    chip: Chip,
    layout: Layout,
    sequence: float,
    core_s: float,
    passes: float,
    contention: float,
) -> float:
    """What a ring of key and value blocks adds to an attention of `core_s` [s].

    In each of ``cp - 1`` rounds a rank computes with one block while it hands the block on
    (`passes` 1 forward; 2 backward, whose gradients travel along). The slowest hop sets the
    pace: one over the network where the group is wider than the domain. What a hop lasts
    longer than a block is open; the partial results of each round are merged in memory
    (10 bytes per output) and each round is a kernel of its own.
    """
    block = core_s / layout.cp
    tokens = layout.micro_batch * sequence / layout.cp
    nbytes = passes * 2.0 * tokens * key_value_width(shape, layout)
    wide = layout.tp * layout.cp > chip.scaleup_domain
    hop = send_s(chip, nbytes, chip.scaleup_domain if wide else layout.tp)
    merge = memory_s(chip, 10.0 * tokens * shape.heads * shape.v_head_dim / layout.tp)
    open_s = hidden(block, hop, 1.0, contention) - block
    return (layout.cp - 1.0) * (open_s + merge + chip.attention_s)


@njit(cache=True)
def exchange_context_s(shape: Shape, chip: Chip, layout: Layout, sequence: float) -> float:
    """Exchanging sequence for heads before attention and back after it [s].

    Queries, keys and values go out and the output comes back, nothing of it hidden. Keys
    and values of fewer heads than ranks are sent once for each rank.
    """
    tokens = layout.micro_batch * sequence / layout.cp
    keys = key_value_width(shape, layout)
    if shape.kv_rank <= 0.0:
        keys *= max(1.0, layout.tp * layout.cp / shape.kv_heads)
    into = 2.0 * tokens * (shape.heads * shape.head_dim / layout.tp + keys)
    back = 2.0 * tokens * shape.heads * shape.v_head_dim / layout.tp
    seconds = all_to_all_s(chip, into, layout.cp, layout.tp)
    return float(seconds + all_to_all_s(chip, back, layout.cp, layout.tp))


@njit(cache=True)
def context_s(
    shape: Shape, chip: Chip, layout: Layout, sequence: float, core_s: float, contention: float
) -> tuple[float, float]:
    """Context parallelism of one mean layer: seconds forward and backward.

    A gather may overlap with other work (backward it also scatters gradients); a ring's
    time is what stays open beside its attention of `core_s`, an all-to-all's is all open.
    """
    if layout.cp <= 1.0:
        return 0.0, 0.0
    share = (shape.full_layers + shape.window_layers) / shape.layers
    if layout.context > 1.5:
        once = share * exchange_context_s(shape, chip, layout, sequence)
        return once, once
    if layout.context > 0.5:
        forward = ring_context_s(shape, chip, layout, sequence, core_s, 1.0, contention)
        backward = ring_context_s(shape, chip, layout, sequence, 2.5 * core_s, 2.0, contention)
        return share * forward, share * backward
    once = share * gather_context_s(shape, chip, layout, sequence)
    return once, 2.0 * once


@njit(cache=True)
def expert_s(
    shape: Shape, chip: Chip, layout: Layout, sequence: float, dispatch_bytes: float
) -> float:
    """Dispatch and combine of one mean layer, forward [s]; backward takes the same.

    A token crosses the scale-out network once for each other domain that holds one of its
    experts, and the scale-up network once for each rank there that does. Both tiers work
    at once.
    """
    if layout.ep <= 1.0 or shape.moe_layers <= 0.0:
        return 0.0
    tokens = layout.micro_batch * sequence / layout.cp / layout.tp
    local = local_ranks(chip, layout.ep, layout.expert_tp)
    domains = layout.ep / local
    near = distinct_places(layout.ep, shape.experts_active) * (1.0 - 1.0 / local)
    far = distinct_places(domains, shape.experts_active) * even_load(
        chip, layout.ep, layout.expert_tp
    )
    nbytes = tokens * shape.hidden * (dispatch_bytes + 2.0)
    port = chip.scaleup_bytes_s * chip.expert_high_eff
    inside = seconds(nbytes * near, min(port, scaleup_rate(chip, local)))
    outside = seconds(nbytes * far, chip.scaleout_bytes_s * chip.expert_scaleout_eff)
    span = layout.ep * max(1.0, layout.expert_tp)
    latency = chip.expert_high_s
    latency += network_latency_s(chip, chip.scaleout_step_s, domains, span)
    return (overlap(inside, outside) + 2.0 * latency) * shape.moe_layers / shape.layers


@njit(cache=True)
def stage_s(shape: Shape, chip: Chip, layout: Layout, sequence: float) -> float:
    """Handing one micro-batch to the next pipeline stage, one direction [s].

    Tensor-parallel ranks send a part each and gather it inside the scale-up domain.
    """
    if layout.pp <= 1.0:
        return 0.0
    nbytes = 2.0 * layout.micro_batch * sequence / layout.cp * shape.hidden
    stride = layout.tp * layout.cp * layout.dp
    seconds = send_s(chip, nbytes / layout.tp, stride)
    if layout.sequence_parallel < 0.5:
        seconds += all_gather_s(chip, nbytes, layout.tp, 1.0)
    return seconds


@njit(cache=True)
def gradient_s(chip: Chip, nbytes: float, ranks: float, stride: float, zero: float) -> float:
    """Summing `nbytes` of gradients over `ranks`: all to all ranks, or each its part [s]."""
    if zero < 0.5:
        return all_reduce_s(chip, nbytes, ranks, stride)
    return reduce_scatter_s(chip, nbytes, ranks, stride)
