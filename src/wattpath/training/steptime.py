"""One training step: layers, schedule, collectives and optimiser put together.

The work is split where the search needs it split. `layer_times` depends on the part of a
layout that shapes a layer; `combine` adds stages, data parallelism, sharding and schedule
in closed form, a few dozen floating-point operations per layout.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from wattpath.hardware.collectives import all_gather_s
from wattpath.hardware.kernels import memory_s
from wattpath.hardware.power import cap_slowdown, chip_demand_w
from wattpath.training.block import head, layer
from wattpath.training.layout import microbatches, stage_layers
from wattpath.training.memory import LayerBytes, layer_bytes, rank_memory
from wattpath.training.network import context_s, expert_s, gradient_s, hidden, stage_s, tensor_s

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.layout import Layout
    from wattpath.training.trainer import Trainer


#: Work of the host for a backward pass relative to a forward one: autograd issues more
#: kernels, but from compiled code.
_BACKWARD_ISSUE = 1.2


class Job(NamedTuple):
    """What one step must do and the number formats it does it in; every field is a float.

    Parameters
    ----------
    sequence
        Length of one sequence [token].
    batch
        Sequences of one step over all chips.
    gemm_bits
        Width of the layers' matrix products [bit].
    dispatch_bytes
        Bytes of one number sent to an expert.
    flop_factor
        Matrix work relative to the plain model (a lever's change of the recipe).
    power_cap
        Cap on chip power as a fraction of its rated power.
    host_bytes_s
        One-way rate between a chip and host memory [B/s], for what a layout keeps there.
    host_issue
        Time of the host to issue kernels relative to hosts on PCIe.
    """

    sequence: float
    batch: float
    gemm_bits: float = 16.0
    dispatch_bytes: float = 2.0
    flop_factor: float = 1.0
    power_cap: float = 1.0
    host_bytes_s: float = 0.0
    host_issue: float = 1.0


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


class Step(NamedTuple):
    """One step of one layout: its time by cause [s], its memory [B] and its work [FLOP].

    The parts named ``*_s`` add up to `step_s`. `flops` is the model's own work on one chip
    (recomputation not counted), `executed_flops` counts it.
    """

    step_s: float
    compute_s: float
    recompute_s: float
    tensor_s: float
    context_s: float
    expert_s: float
    stage_s: float
    shard_s: float
    bubble_s: float
    gradient_s: float
    optimizer_s: float
    host_s: float
    memory_bytes: float
    flops: float
    executed_flops: float


@njit(cache=True)
def layer_times(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job) -> LayerTimes:
    """Everything about one layer that the degrees pp, vpp, dp and sharding do not touch."""
    body = layer(shape, chip, trainer, layout, job.sequence, job.gemm_bits)
    top = head(shape, chip, trainer, layout, job.sequence)
    part = layer_bytes(shape, trainer, layout, job.sequence)
    busy = body.forward_s + body.backward_s
    peak = max(1.0, chip.bf16_flops)
    if job.gemm_bits <= 8.0 and chip.fp8_flops > 0.0:
        peak = chip.fp8_flops
    share = 3.0 * body.flops / busy / peak
    share = min(1.0, share)
    slow = cap_slowdown(chip, job.power_cap, share, 0.3) * job.flop_factor
    slow *= throttle(chip, share, 0.3) ** trainer.sustained
    accumulate = memory_s(chip, 2.0 * trainer.gradient_bytes * (part.dense + part.expert))
    if trainer.fused_accumulation > 0.5:
        accumulate = hidden(body.weight_s, accumulate, 1.0, 0.0) - body.weight_s
    repeat = 0.0
    if layout.recompute > 1.5:
        repeat = body.forward_s
    elif layout.recompute > 0.5:
        repeat = trainer.selective_core * body.core_s
        repeat += trainer.selective_products * body.products_s
    context, context_back = context_s(
        shape, chip, layout, job.sequence, body.core_s * slow, trainer.contention
    )
    host = trainer.host_layer_s + trainer.host_routed_s * shape.moe_layers / shape.layers
    return LayerTimes(
        forward_s=body.forward_s * slow,
        backward_s=body.backward_s * slow + accumulate,
        weight_s=body.weight_s * slow,
        recompute_s=repeat * slow,
        tensor_s=tensor_s(shape, chip, layout, job.sequence),
        context_s=context,
        context_back_s=context_back,
        expert_s=expert_s(shape, chip, layout, job.sequence, job.dispatch_bytes),
        head_s=(top.forward_s + top.backward_s) * slow,
        host_s=host * job.host_issue,
        flops=body.flops,
        dense=part.dense,
        expert=part.expert,
        kept=part.kept,
        working=part.working,
    )


@njit(cache=True)
def throttle(chip: Chip, compute_share: float, memory_share: float) -> float:
    """Factor (>= 1) on compute time that the chip's own power limit asks for in the long run."""
    fixed = chip.tdp_w * (chip.idle_share + chip.memory_power * memory_share)
    clocked = chip_demand_w(chip, compute_share, memory_share) - fixed
    room = chip.tdp_w - fixed
    if clocked <= room or room <= 0.0:
        return 1.0
    return float((clocked / room) ** (1.0 / chip.clock_exponent))


class _Pair(NamedTuple):
    """Forward and backward seconds of one layer with what its communication leaves open."""

    forward_s: float
    backward_s: float
    tensor_s: float
    context_s: float
    expert_s: float
    shard_s: float


@njit(cache=True)
def _with_network(
    trainer: Trainer, layout: Layout, times: LayerTimes, gather_s: float, scatter_s: float
) -> _Pair:
    """One layer's two passes, each kind of communication hidden as far as it can be."""
    again = 1.0 if layout.recompute > 1.5 else 0.0
    rub = trainer.contention
    forward, backward = times.forward_s, times.backward_s + times.recompute_s
    start = forward + backward
    forward = hidden(forward, times.tensor_s, trainer.tp_overlap, rub)
    backward = hidden(backward, (1.0 + again) * times.tensor_s, trainer.tp_overlap, rub)
    tensor = forward + backward
    beside = trainer.cp_overlap if layout.context < 0.5 else 0.0
    context_back = times.context_back_s + again * times.context_s
    forward = hidden(forward, times.context_s, beside, rub)
    backward = hidden(backward, context_back, beside, rub)
    context = forward + backward
    forward = hidden(forward, times.expert_s, trainer.ep_overlap, rub)
    backward = hidden(backward, (1.0 + again) * times.expert_s, trainer.ep_overlap, rub)
    expert = forward + backward
    forward = hidden(forward, gather_s, trainer.shard_overlap, rub)
    backward = hidden(backward, gather_s + scatter_s, trainer.shard_overlap, rub)
    return _Pair(
        forward,
        backward,
        tensor - start,
        context - tensor,
        expert - context,
        forward + backward - expert,
    )


@njit(cache=True)
def bubble_s(
    layout: Layout, forward_s: float, backward_s: float, weight_s: float, send_s: float
) -> float:
    """Idle time of a stage in one step [s] for the schedule of the layout.

    With p stages, v chunks, and F, B, W the seconds of a stage's forward, whole backward
    and weight-gradient part for one micro-batch::

        one forward one backward   (p - 1) (F + B)
        interleaved                (p - 1) (F + B) / v
        zero bubble                (p - 1) (F + B - 2 W)
        DualPipe                   (p / 2 - 1) (F + B + B - 3 W)
    """
    ramp = layout.pp - 1.0
    if ramp <= 0.0:
        return 0.0
    if layout.schedule >= 4.0:
        idle = (0.5 * layout.pp - 1.0) * (forward_s + 2.0 * backward_s - 3.0 * weight_s)
        return max(0.0, idle) + ramp * send_s
    if layout.schedule >= 3.0:
        idle = forward_s + backward_s - 2.0 * weight_s
        return ramp * (max(0.0, idle) / layout.vpp + 2.0 * send_s)
    return ramp * ((forward_s + backward_s) / layout.vpp + 2.0 * send_s)


@njit(cache=True)
def shard_ranks(layout: Layout) -> float:
    """Ranks over which optimiser state (and more, by `zero`) is shared out."""
    ranks = layout.dp * layout.cp
    return min(ranks, layout.shard) if layout.shard > 0.0 else ranks


@njit(cache=True)
def _expert_replicas(layout: Layout) -> float:
    return max(1.0, layout.tp * layout.dp * layout.cp / (layout.ep * layout.expert_tp))


@njit(cache=True)
def _sync_s(
    chip: Chip, trainer: Trainer, layout: Layout, dense: float, expert: float
) -> tuple[float, float]:
    """Seconds of summing gradients and of spreading new weights, where zero < 3."""
    ranks, replicas = layout.dp * layout.cp, _expert_replicas(layout)
    stride, wide = layout.tp, layout.ep * layout.expert_tp
    width = trainer.reduce_bytes
    reduce = 0.0
    if layout.zero < 2.0:
        reduce = gradient_s(chip, width * dense, ranks, stride, layout.zero)
        reduce += gradient_s(chip, width * expert, replicas, wide, layout.zero)
    spread = 0.0
    if layout.zero > 0.5:
        spread = all_gather_s(chip, 2.0 * dense, ranks, stride)
        spread += all_gather_s(chip, 2.0 * expert, replicas, wide)
    return reduce, spread


@njit(cache=True)
def _layer_gather_s(
    chip: Chip, trainer: Trainer, layout: Layout, times: LayerTimes
) -> tuple[float, float]:
    """Seconds per micro-batch of gathering one layer's weights and scattering its gradients.

    Ranks that keep only a share of the gradients (zero 2) must scatter them every
    micro-batch; those that keep only a share of the weights (zero 3) gather them as well.
    """
    if layout.zero < 2.0:
        return 0.0, 0.0
    ranks = shard_ranks(layout)
    replicas = min(ranks, _expert_replicas(layout))
    stride, wide = layout.tp, layout.ep * layout.expert_tp
    gather = 0.0
    if layout.zero >= 3.0:
        gather = all_gather_s(chip, 2.0 * times.dense, ranks, stride)
        gather += all_gather_s(chip, 2.0 * times.expert, replicas, wide)
    scatter = all_gather_s(chip, trainer.reduce_bytes * times.dense, ranks, stride)
    scatter += all_gather_s(chip, trainer.reduce_bytes * times.expert, replicas, wide)
    groups = layout.dp * layout.cp / ranks
    if groups > 1.0:  # hybrid sharding sums the shards over groups as well
        part = trainer.reduce_bytes * times.dense / ranks
        scatter += gradient_s(chip, part, groups, layout.tp * ranks, 0.0)
    return gather, scatter


@njit(cache=True)
def _optimizer_s(
    chip: Chip,
    trainer: Trainer,
    layout: Layout,
    dense: float,
    expert: float,
    host_bytes_s: float,
) -> float:
    """Seconds of the optimiser: state read and written, gradients read, weights written."""
    if layout.zero > 0.5:
        ranks = shard_ranks(layout)
        held = dense / ranks + expert / min(ranks, _expert_replicas(layout))
    else:
        held = dense + expert
    nbytes = 2.0 * trainer.state_bytes + trainer.gradient_bytes + 2.0
    away = layout.offload * held * 2.0 * trainer.state_bytes / max(1.0, host_bytes_s)
    return memory_s(chip, nbytes * held * trainer.optimizer_passes) + away


@njit(cache=True)
def _stage_s(
    shape: Shape, trainer: Trainer, layout: Layout, job: Job, times: LayerTimes, pair: _Pair
) -> tuple[float, float]:
    """Seconds of one micro-batch on the fullest stage, and of the head on top of it.

    Host memory is filled and read back beside the layers, kernels are issued beside them;
    stages with fewer layers than the fullest have room for the head.
    """
    layers = stage_layers(shape, layout)
    passes = 1.0 + _BACKWARD_ISSUE + (1.0 if layout.recompute > 1.5 else 0.0)
    device = layers * (pair.forward_s + pair.backward_s)
    moved = layers * times.kept * layout.offload / max(1.0, job.host_bytes_s)
    busy = hidden(device, 2.0 * moved, 1.0, 0.0)
    stage = hidden(busy, layers * times.host_s * passes, 1.0, 0.0)
    slots = layout.pp * layers - shape.layers
    spare = slots * (pair.forward_s + pair.backward_s) * trainer.uneven_stages
    return stage, max(0.0, times.head_s - spare)


@njit(cache=True)
def _closing_s(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    layout: Layout,
    job: Job,
    times: LayerTimes,
    pair: _Pair,
) -> tuple[float, float]:
    """Seconds at the end of a step: what is left open of the gradient exchange; optimiser."""
    layers = stage_layers(shape, layout)
    dense = layers * times.dense + shape.vocab * shape.hidden / layout.tp
    expert = layers * times.expert
    optimizer = _optimizer_s(chip, trainer, layout, dense, expert, job.host_bytes_s)
    if layout.zero >= 3.0:
        return 0.0, optimizer
    reduce, spread = _sync_s(chip, trainer, layout, dense, expert)
    forward, backward = layers * pair.forward_s, layers * pair.backward_s
    rub = trainer.contention
    exposed = hidden(backward, reduce, trainer.dp_overlap, rub) - backward
    exposed += hidden(forward, spread, trainer.dp_overlap, rub) - forward
    return exposed, optimizer


#: The step of a layout whose chips have no link to one another.
_UNREACHABLE = Step(
    math.inf, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
)  # fmt: skip


@njit(cache=True)
def combine(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job, times: LayerTimes
) -> Step:
    """The step of one layout from the times of its layer."""
    count = microbatches(layout, job.batch)
    layers = stage_layers(shape, layout)
    gather, scatter = _layer_gather_s(chip, trainer, layout, times)
    pair = _with_network(trainer, layout, times, gather, scatter)
    hop = stage_s(shape, chip, layout, job.sequence)
    if math.isinf(pair.forward_s + pair.backward_s + hop):
        return _UNREACHABLE
    stage, top = _stage_s(shape, trainer, layout, job, times, pair)
    device = layers * (pair.forward_s + pair.backward_s)
    scale = layers * stage / device
    forward, backward = pair.forward_s * scale, pair.backward_s * scale
    send = 2.0 * layout.vpp * hop * (1.0 - trainer.pp_overlap)
    idle = bubble_s(layout, forward, backward, layers * times.weight_s, hop)
    exposed, optimizer = _closing_s(shape, chip, trainer, layout, job, times, pair)
    part = LayerBytes(times.dense, times.expert, times.kept, times.working)
    memory = rank_memory(shape, trainer, layout, part, job.sequence, count)
    scaled = count * layers
    model = 3.0 * scaled * times.flops
    return Step(
        step_s=count * (stage + top + send) + idle + exposed + optimizer,
        compute_s=scaled * (times.forward_s + times.backward_s) + count * top,
        recompute_s=scaled * times.recompute_s,
        tensor_s=scaled * pair.tensor_s,
        context_s=scaled * pair.context_s,
        expert_s=scaled * pair.expert_s,
        stage_s=count * send,
        shard_s=scaled * pair.shard_s,
        bubble_s=idle,
        gradient_s=exposed,
        optimizer_s=optimizer,
        host_s=count * (stage - device),
        memory_bytes=memory.total,
        flops=model,
        executed_flops=model * (1.0 + times.recompute_s / max(1e-30, 3.0 * times.forward_s)),
    )


def step(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job) -> Step:
    """Time, memory and work of one step of one layout (see `Step`).

    Whole numbers are taken as floats, so that the kernels are compiled once.
    """
    layout = type(layout)(*(float(x) for x in layout))
    job = Job(*(float(x) for x in job))
    times = layer_times(shape, chip, trainer, layout, job)
    return combine(shape, chip, trainer, layout, job, times)
