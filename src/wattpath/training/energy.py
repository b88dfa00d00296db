"""Watts over a training step: the mean, the plateau, the trough and the swing between.

While layers run, a chip draws the power of its arithmetic and memory traffic; while it
waits for a collective, the pipeline or the optimiser's exchange, it falls towards idle.
All chips of a synchronous job do this together, so the cluster's swing is the chips' sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from wattpath.hardware.power import chip_idle_w, chip_power_w
from wattpath.hardware.roofline import peak_flops
from wattpath.training.block import elementwise_bytes

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.layout import Layout
    from wattpath.training.steptime import Job, Step
    from wattpath.training.trainer import Trainer


class StepPower(NamedTuple):
    """Chip power [W] over one step.

    `mean_w` is the energy of a step over its time, `plateau_w` holds while layers run,
    `trough_w` while chips wait, for `waiting_share` of the step. `swing_w` is the
    difference that repeats every `period_s`.
    """

    mean_w: float
    plateau_w: float
    trough_w: float
    swing_w: float
    waiting_share: float
    period_s: float
    compute_share: float
    memory_share: float


@njit(cache=True)
def moved_bytes(
    shape: Shape, trainer: Trainer, layout: Layout, job: Job, dense: float, expert: float
) -> float:
    """Bytes to and from memory of one rank in one step: activations, weights, optimiser."""
    tokens = layout.micro_batch * job.sequence / layout.cp
    count = job.batch / (layout.dp * layout.micro_batch)
    layers = shape.layers / layout.pp
    passes = 1.0 + trainer.elementwise_backward + (1.0 if layout.recompute > 1.5 else 0.0)
    activations = passes * trainer.elementwise * elementwise_bytes(shape, layout, tokens)
    operands = 3.0 * 2.0 * (dense + expert) + 2.0 * passes * tokens * shape.hidden * 8.0
    state = (dense + expert) * (2.0 * trainer.state_bytes + 8.0) * trainer.optimizer_passes
    return layers * (count * (activations + operands / max(1.0, layout.tp)) + state)


@njit(cache=True)
def step_power(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    layout: Layout,
    job: Job,
    result: Step,
    dense: float,
    expert: float,
) -> StepPower:
    """Power of one chip over one step; `dense` and `expert` are a layer's parameters per rank."""
    busy = result.compute_s + result.recompute_s + result.optimizer_s
    busy = min(result.step_s, max(1e-12, busy))
    waiting = 1.0 - busy / result.step_s
    peak = peak_flops(chip, job.gemm_bits)
    compute = min(1.0, result.executed_flops / (busy * peak))
    nbytes = moved_bytes(shape, trainer, layout, job, dense, expert)
    memory = min(1.0, nbytes / (busy * chip.bandwidth_bytes_s))
    plateau = chip_power_w(chip, compute, memory, job.power_cap)
    awake = chip_idle_w(chip) + chip.active_share * chip.tdp_w
    trough = min(plateau, awake)  # communication kernels spin, clocks stay up
    mean = plateau * (1.0 - waiting) + trough * waiting
    return StepPower(
        mean,
        plateau,
        trough,
        plateau - trough,
        waiting,
        result.step_s,
        compute * (1.0 - waiting),
        memory * (1.0 - waiting),
    )
