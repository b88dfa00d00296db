"""Seconds and bytes of one layer: what the degrees pp, vpp, dp and sharding do not touch.

Operators (`block`), the chip's power limit, recomputation, communication of the layer and
the host's work to issue it. The search computes this once for many layouts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from wattpath.hardware.kernels import memory_s
from wattpath.hardware.power import cap_slowdown, throttle
from wattpath.training.block import Pass, head, layer
from wattpath.training.memory import layer_bytes
from wattpath.training.network import context_s, expert_s, hidden, tensor_s

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.job import Job
    from wattpath.training.layout import Layout
    from wattpath.training.memory import LayerBytes
    from wattpath.training.trainer import Trainer


class LayerTimes(NamedTuple):
    """Seconds and bytes of one mean layer and of the head, for one micro-batch, one rank."""

    forward_s: float
    backward_s: float
    weight_s: float
    recompute_s: float
    tensor_s: float
    context_s: float
    context_back_s: float
    expert_s: float
    head_s: float
    host_s: float
    flops: float
    dense: float
    expert: float
    kept: float
    working: float


@njit(cache=True)
def layer_times(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job) -> LayerTimes:
    """Everything about one layer that the degrees pp, vpp, dp and sharding do not touch."""
    body = layer(shape, chip, trainer, layout, job.sequence, job.gemm_bits)
    top = head(shape, chip, trainer, layout, job.sequence)
    part = layer_bytes(shape, trainer, layout, job.sequence)
    slow = slowdown(chip, trainer, job, body)
    context, context_back = context_s(
        shape, chip, layout, job.sequence, body.core_s * slow, trainer.contention
    )
    around = expert_fixed_s(shape, trainer, layout)
    return LayerTimes(
        forward_s=body.forward_s * slow + around,
        backward_s=body.backward_s * slow
        + 2.0 * around
        + accumulation_s(chip, trainer, part, body.weight_s),
        weight_s=body.weight_s * slow,
        recompute_s=repeated_s(trainer, layout, body) * slow,
        tensor_s=exchanged_s(shape, chip, trainer, layout, job),
        context_s=context,
        context_back_s=context_back,
        expert_s=expert_s(shape, chip, layout, job.sequence, job.dispatch_bytes),
        head_s=(top.forward_s + top.backward_s) * slow,
        host_s=issue_s(shape, trainer) * job.host_issue,
        flops=body.flops,
        dense=part.dense,
        expert=part.expert,
        kept=part.kept,
        working=part.working,
    )


@njit(cache=True)
def slowdown(chip: Chip, trainer: Trainer, job: Job, body: Pass) -> float:
    """Factor on compute time by power limits (the chip's own and a cap) and the recipe."""
    peak = max(1.0, chip.bf16_flops)
    if job.gemm_bits <= 8.0 and chip.fp8_flops > 0.0:
        peak = chip.fp8_flops
    share = min(1.0, 3.0 * body.flops / (body.forward_s + body.backward_s) / peak)
    slow = cap_slowdown(chip, job.power_cap, share, trainer.memory_share) * job.flop_factor
    return float(slow * throttle(chip, share, trainer.memory_share) ** trainer.sustained)


@njit(cache=True)
def accumulation_s(chip: Chip, trainer: Trainer, part: LayerBytes, weight_s: float) -> float:
    """Adding one micro-batch's weight gradients to their sum [s], beyond their products."""
    alone = memory_s(chip, 2.0 * trainer.gradient_bytes * (part.dense + part.expert))
    if trainer.fused_accumulation > 0.5:
        return float(hidden(weight_s, alone, 1.0, 0.0) - weight_s)
    return float(alone)


@njit(cache=True)
def repeated_s(trainer: Trainer, layout: Layout, body: Pass) -> float:
    """What recomputation repeats of a forward pass [s], before any slowdown."""
    if layout.recompute > 1.5:
        return body.forward_s
    if layout.recompute > 0.5:
        return trainer.selective_core * body.core_s + trainer.selective_products * body.products_s
    return 0.0


@njit(cache=True)
def exchanged_s(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job) -> float:
    """Tensor-parallel exchange of one forward pass [s] with the copies around it.

    Stacks that keep the batch before the sequence must copy what they gather and scatter
    along the sequence, for collectives join and split the outermost dimension only; a
    single sequence is laid out well anyhow.
    """
    seconds = tensor_s(shape, chip, layout, job.sequence)
    if layout.tp <= 1.0 or layout.micro_batch <= 1.0:
        return float(seconds)
    nbytes = 2.0 * layout.micro_batch * job.sequence / layout.cp * shape.hidden
    return float(seconds + 4.0 * memory_s(chip, trainer.tensor_copies * nbytes))


@njit(cache=True)
def expert_fixed_s(shape: Shape, trainer: Trainer, layout: Layout) -> float:
    """Small kernels around the experts' products of one mean layer, forward [s].

    Stacks that run each expert's products as kernels of their own convert, pad and lay out
    operands for each expert that a rank holds, however few rows it has.
    """
    held = shape.experts / layout.ep
    return trainer.expert_fixed_s * held * shape.moe_layers / shape.layers


@njit(cache=True)
def issue_s(shape: Shape, trainer: Trainer) -> float:
    """Time of a host on PCIe to issue the forward kernels of one mean layer [s]."""
    return trainer.host_layer_s + trainer.host_routed_s * shape.moe_layers / shape.layers
