"""Waiting stages at a lower clock: energy falls, the step does not grow, balance gains nothing."""

from __future__ import annotations

import pytest

from wattpath import levers, models
from wattpath.hardware import load_chip
from wattpath.training.energy import step_power
from wattpath.training.layout import Layout
from wattpath.training.slack import slowed_mean_w, stage_shares
from wattpath.training.steptime import Job, layer_times, step
from wattpath.training.trainer import load_trainer

SHAPE = models.load("Llama 3.1 70B").shape
CHIP = load_chip("nvidia-h100-sxm")
TRAINER = load_trainer("current")
JOB = Job(8192.0, 1024.0)


def case(pp: float, layers: float = 80.0, vocab: float = 128256.0):  # type: ignore[no-untyped-def]
    shape = SHAPE._replace(layers=layers, dense_layers=layers, full_layers=layers, vocab=vocab)
    layout = Layout(tp=8.0, pp=pp, dp=8.0, recompute=1.0, sequence_parallel=1.0)
    result = step(shape, CHIP, TRAINER, layout, JOB)
    times = layer_times(shape, CHIP, TRAINER, layout, JOB)
    power = step_power(shape, CHIP, TRAINER, layout, JOB, result, times.dense, times.expert)
    return shape, layout, result, times, power


def mean_w(clock: float, *given, **named) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    shape, layout, result, times, power = case(*given, **named)
    slowed = slowed_mean_w(shape, CHIP, layout, JOB, result, times, power, clock)
    return slowed, power.mean_w


def test_stages_that_wait_draw_less_and_the_slower_the_less() -> None:
    fast, plain = mean_w(1.0, 16.0, 70.0)
    some, _ = mean_w(0.9, 16.0, 70.0)
    more, _ = mean_w(0.6, 16.0, 70.0)
    assert fast == plain
    assert more <= some < plain
    assert more > 0.7 * plain


def test_a_balanced_pipeline_or_none_gains_nothing() -> None:
    alone, plain = mean_w(0.6, 1.0)
    assert alone == plain
    headed, plain = mean_w(0.6, 8.0)
    balanced, other = mean_w(0.6, 8.0, vocab=1.0)
    assert plain - headed > 5.0 * (other - balanced) >= 0.0


def test_shares_count_every_stage_once() -> None:
    for pp, layers in ((8.0, 80.0), (16.0, 79.0), (16.0, 70.0)):
        shape, layout, result, times, _ = case(pp, layers)
        shares = stage_shares(shape, layout, JOB, result, times)
        assert sum(stages for stages, _ in shares) == pytest.approx(pp)
        assert all(0.0 < share <= 1.0 for _, share in shares)


def test_the_lever_sets_the_clock() -> None:
    lever = levers.load("frequency-planning")
    assert levers.computed(lever) is None
    assert 0.0 < levers.apply_training([lever], levers.TrainingSettings()).idle_clock < 1.0
