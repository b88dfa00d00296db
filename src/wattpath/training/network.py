"""Seconds of communication of one layer, one stage boundary and one gradient exchange.

Group strides follow the rank convention of `wattpath.training.layout`, so a group that is
wider than the scale-up domain pays for both tiers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from wattpath.hardware.collectives import (
    all_gather_s,
    all_reduce_s,
    local_ranks,
    reduce_scatter_s,
    scaleup_rate,
    seconds,
    send_s,
)
from wattpath.hardware.roofline import overlap

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
def context_s(shape: Shape, chip: Chip, layout: Layout, sequence: float) -> float:
    """Exchange of keys and values among context-parallel ranks, forward [s].

    Each rank ends up having seen the keys and values of the whole sequence, whether they
    travel in a ring or are gathered; backward moves twice as much (gradients as well).
    """
    if layout.cp <= 1.0:
        return 0.0
    width = shape.kv_heads * (shape.head_dim + shape.v_head_dim) / layout.tp
    if shape.kv_rank > 0.0:
        width = shape.heads * (shape.head_dim + shape.v_head_dim) / layout.tp
    nbytes = 2.0 * layout.micro_batch * sequence * width
    share = (shape.full_layers + shape.window_layers) / shape.layers
    return share * all_gather_s(chip, nbytes, layout.cp, layout.tp)


@njit(cache=True)
def distinct(groups: float, choices: float) -> float:
    """Expected distinct groups that `choices` independent even choices among them hit."""
    return float(groups * (1.0 - (1.0 - 1.0 / groups) ** choices))


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
    near = distinct(layout.ep, shape.experts_active) * (1.0 - 1.0 / local)
    far = distinct(domains, shape.experts_active) * (1.0 - 1.0 / domains)
    nbytes = tokens * shape.hidden * (dispatch_bytes + 2.0)
    port = chip.scaleup_bytes_s * chip.expert_high_eff
    inside = seconds(nbytes * near, min(port, scaleup_rate(chip, local)))
    port = chip.scaleout_bytes_s * chip.expert_scaleout_eff / chip.oversubscription
    outside = seconds(nbytes * far, port)
    latency = chip.expert_high_s + chip.scaleout_step_s * (domains - 1.0)
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
