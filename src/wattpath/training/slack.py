r"""Stages of a pipeline that wait for a fuller one, run at a lower clock instead.

Within one micro-batch the fullest stage sets the pace T: the one with the most layers, or with
the head of the vocabulary on top. A stage that needs only the share r of it waits for the rest.
At the clock c = max(c_min, r) its work takes r T / c, no step gets longer,
and the energy of a micro-batch falls by

.. math:: \Delta E = r T \Big[ P - \frac{P(c)}{c} + P_t \frac{1 - c}{c} \Big]

with the plateau's power P, the power P(c) of the same work at that clock
(`wattpath.hardware.power.chip_demand_w`), and the power P_t of waiting. Clocks are relative to
that of the fullest stage, which the limit of power may hold below boost already.

Where it breaks down: only the slack between stages is used, which is the same in every
micro-batch; slack of the ramps up and down is left, so published savings, which use both, are
larger. Memory-bound parts are taken to slow down with the clock as well, although they do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wattpath.hardware.power import chip_demand_w
from wattpath.training.layout import microbatches, stage_layers

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.energy import StepPower
    from wattpath.training.layertimes import LayerTimes
    from wattpath.training.layout import Layout
    from wattpath.training.steptime import Job, Step

#: Core clock below which no chip is taken to run [-].
LEAST_CLOCK = 1.0 / 3.0


def stage_shares(
    shape: Shape, layout: Layout, job: Job, result: Step, times: LayerTimes
) -> tuple[tuple[float, float], ...]:
    """Stages by how much of the pace they need: number of stages, share of the time [-].

    Parameters
    ----------
    shape, layout, job, result, times
        The step in question and what it was made of.
    """
    layers = stage_layers(shape, layout)
    body = microbatches(layout, job.batch) * layers * (times.forward_s + times.backward_s)
    top = max(0.0, result.compute_s - body)
    stage = body + result.recompute_s + result.tensor_s + result.context_s
    stage += result.expert_s + result.shard_s + result.host_s
    missing = layout.pp * layers - shape.layers
    full = stage / (stage + top)
    if missing < 1.0:
        return ((1.0, 1.0), (layout.pp - 1.0, full))
    with_head = min(layout.pp, missing)  # the last of the short stages has the head
    rest = ((with_head - 1.0, full * (layers - 1.0) / layers),)
    return ((1.0, 1.0), (layout.pp - with_head, full), *rest)


def slowed_mean_w(
    shape: Shape,
    chip: Chip,
    layout: Layout,
    job: Job,
    result: Step,
    times: LayerTimes,
    power: StepPower,
    least_clock: float,
) -> float:
    """Mean chip power [W] of a step whose waiting stages run slower.

    Parameters
    ----------
    shape, chip, layout, job, result, times, power
        The step, and its power at one clock.
    least_clock : float
        Lowest core clock over that of the fullest stage [-]; 1 leaves all as it is.
    """
    if layout.pp <= 1.0 or least_clock >= 1.0:
        return power.mean_w
    busy = max(1e-9, 1.0 - power.waiting_share)
    compute, memory = power.compute_share / busy, power.memory_share / busy
    own = _clock(chip, compute, memory, power.plateau_w)
    shares = stage_shares(shape, layout, job, result, times)
    pace_s = result.step_s - result.bubble_s - result.gradient_s - result.optimizer_s
    pace_s -= result.stage_s
    saved = 0.0
    for stages, share in shares:
        clock = max(least_clock, share)
        slower = chip_demand_w(chip, compute * clock, memory * clock, clock * own)
        slower = min(power.plateau_w, slower)
        before = power.plateau_w * share + power.trough_w * (1.0 - share)
        after = slower * share / clock + power.trough_w * (1.0 - share / clock)
        saved += stages / layout.pp * max(0.0, before - after)
    return power.mean_w - saved * pace_s / result.step_s


def _clock(chip: Chip, compute_share: float, memory_share: float, chip_w: float) -> float:
    """Core clock over boost at which the chip draws this power for this work [-]."""
    low, high = LEAST_CLOCK, 1.0
    if chip_demand_w(chip, compute_share, memory_share, high) <= chip_w:
        return high
    for _ in range(40):
        middle = 0.5 * (low + high)
        over = chip_demand_w(chip, compute_share, memory_share, middle) > chip_w
        low, high = (low, middle) if over else (middle, high)
    return low
