"""Power over a step lies between idle and the limit and follows the waiting."""

from __future__ import annotations

import pytest

from wattpath.hardware import Chip
from wattpath.models import Shape
from wattpath.training import Job, Layout, Trainer, step
from wattpath.training.energy import StepPower, step_power
from wattpath.training.steptime import layer_times

JOB = Job(2048.0, 64.0)


def power(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job = JOB) -> StepPower:
    layout = Layout(*(float(x) for x in layout))
    result = step(shape, chip, trainer, layout, job)
    times = layer_times(shape, chip, trainer, layout, job)
    return step_power(shape, chip, trainer, layout, job, result, times.dense, times.expert)


def test_mean_lies_between_trough_and_plateau(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    p = power(shape, chip, trainer, Layout(tp=4, pp=4, dp=4))
    assert chip.idle_share * chip.tdp_w < p.trough_w < p.mean_w < p.plateau_w <= chip.tdp_w
    assert p.swing_w == pytest.approx(p.plateau_w - p.trough_w)


def test_bubbles_lower_the_mean_not_the_plateau(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    deep = power(shape, chip, trainer, Layout(tp=4, pp=16, dp=4))
    flat = power(shape, chip, trainer, Layout(tp=4, pp=1, dp=64))
    assert deep.waiting_share > flat.waiting_share
    assert deep.mean_w < flat.mean_w


def test_a_cap_binds(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    capped = power(shape, chip, trainer, Layout(tp=4, pp=4, dp=4), JOB._replace(power_cap=0.6))
    assert capped.plateau_w <= 0.6 * chip.tdp_w + 1e-9
