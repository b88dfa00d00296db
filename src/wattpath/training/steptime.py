"""One training step: layers, schedule, collectives and optimiser put together.

The work is split where the search needs it split. `layer_times` depends on the part of a
layout that shapes a layer; `combine` adds stages, data parallelism, sharding and schedule
in closed form, a few dozen floating-point operations per layout.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from wattpath.training.bubble import bubble_s
from wattpath.training.job import Job
from wattpath.training.layertimes import LayerTimes, layer_times
from wattpath.training.layout import microbatches, stage_layers
from wattpath.training.memory import LayerBytes, rank_memory
from wattpath.training.network import hidden, stage_s
from wattpath.training.sharding import layer_gather_s, optimizer_s, sync_s

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.layout import Layout
    from wattpath.training.trainer import Trainer

__all__ = [
    "Job", "LayerTimes", "Pair", "Step", "assembled", "bubble_s", "combine", "hidden",
    "layer_times", "paired", "step",
]  # fmt: skip


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


class Pair(NamedTuple):
    """Both passes of one layer [s] with what its communication leaves open, and a hop.

    `hop_s` is the time to hand a micro-batch to the next stage. None of it depends on
    chunks, schedule or offload, so that a search computes it once for all of them.
    """

    forward_s: float
    backward_s: float
    tensor_s: float
    context_s: float
    expert_s: float
    shard_s: float
    hop_s: float


@njit(cache=True)
def paired(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job, times: LayerTimes
) -> Pair:
    """One layer's two passes, each kind of communication hidden as far as it can be."""
    gather_s, scatter_s = layer_gather_s(chip, trainer, layout, times)
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
    return Pair(
        forward,
        backward,
        tensor - start,
        context - tensor,
        expert - context,
        forward + backward - expert,
        stage_s(shape, chip, layout, job.sequence),
    )


@njit(cache=True)
def _stage_s(
    shape: Shape, trainer: Trainer, layout: Layout, job: Job, times: LayerTimes, pair: Pair
) -> tuple[float, float]:
    """Seconds of one micro-batch on the fullest stage, and of the head on top of it.

    Host memory is filled and read back beside the layers, kernels are issued beside them;
    stages with fewer layers than the fullest have room for the head.
    """
    layers = stage_layers(shape, layout)
    passes = 1.0 + trainer.backward_issue + (1.0 if layout.recompute > 1.5 else 0.0)
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
    pair: Pair,
) -> tuple[float, float]:
    """Seconds at the end of a step: what is left open of the gradient exchange; optimiser."""
    layers = stage_layers(shape, layout)
    dense = layers * times.dense + shape.vocab * shape.hidden / layout.tp
    expert = layers * times.expert
    optimizer = optimizer_s(chip, trainer, layout, dense, expert, job.host_bytes_s)
    if layout.zero >= 3.0:
        return 0.0, optimizer
    reduce, spread = sync_s(chip, trainer, layout, dense, expert)
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
    pair = paired(shape, chip, trainer, layout, job, times)
    return assembled(shape, chip, trainer, layout, job, times, pair)


@njit(cache=True)
def assembled(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job, times: LayerTimes,
    pair: Pair,
) -> Step:  # fmt: skip
    """The step of one layout from the times of its layer and of its layer's two passes."""
    if math.isinf(pair.forward_s + pair.backward_s + pair.hop_s):
        return _UNREACHABLE
    count = microbatches(layout, job.batch)
    layers = stage_layers(shape, layout)
    stage, top = _stage_s(shape, trainer, layout, job, times, pair)
    device = layers * (pair.forward_s + pair.backward_s)
    scale = layers * stage / device
    forward, backward = pair.forward_s * scale, pair.backward_s * scale
    send = 2.0 * layout.vpp * pair.hop_s * (1.0 - trainer.pp_overlap)
    idle = bubble_s(layout, forward, backward, layers * times.weight_s, pair.hop_s)
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
