"""One layer: what the host, the experts' kernels and the copies around collectives add."""

from __future__ import annotations

import pytest

from wattpath.hardware import Chip
from wattpath.models import Shape
from wattpath.training import Job, Layout, Trainer
from wattpath.training.layertimes import LayerTimes, layer_times
from wattpath.training.trainer import with_options

JOB = Job(2048.0, 64.0)


def times(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, job: Job = JOB) -> LayerTimes:
    return layer_times(shape, chip, trainer, Layout(*(float(x) for x in layout)), job)


def test_each_expert_that_a_rank_holds_costs_a_fixed_time(
    mixture: Shape, chip: Chip, trainer: Trainer
) -> None:
    without = trainer._replace(expert_fixed_s=0.0)
    for ep in (1, 8, 64):
        layout = Layout(ep=ep, dp=64)
        more = times(mixture, chip, trainer, layout).forward_s
        less = times(mixture, chip, without, layout).forward_s
        held = mixture.experts / ep
        assert more - less == pytest.approx(held * trainer.expert_fixed_s, rel=1e-6)


def test_dense_layers_know_nothing_of_experts(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    other = trainer._replace(expert_fixed_s=1.0, host_routed_s=1.0, ep_overlap=0.0)
    assert times(shape, chip, trainer, Layout()) == times(shape, chip, other, Layout())


def test_batches_before_sequences_are_copied_around_collectives(
    shape: Shape, chip: Chip, trainer: Trainer
) -> None:
    copying = trainer._replace(tensor_copies=2.0)
    for batch, longer in ((1, False), (4, True)):
        layout = Layout(tp=4, micro_batch=batch)
        plain = times(shape, chip, trainer._replace(tensor_copies=0.0), layout).tensor_s
        assert (times(shape, chip, copying, layout).tensor_s > plain) is longer
    assert times(shape, chip, copying, Layout(micro_batch=4)).tensor_s == 0.0


def test_options_that_a_source_states_change_the_stack(
    shape: Shape, chip: Chip, trainer: Trainer
) -> None:
    assert with_options(trainer, "fp8 tensorwise | vanilla tp") == trainer
    assert with_options(trainer, "fp8 | async tp").tp_overlap >= trainer.async_overlap
    rows = with_options(trainer._replace(cast_bytes=6.0, row_cast_bytes=20.0), "fp8 rowwise")
    eight = JOB._replace(gemm_bits=8.0)
    slower = times(shape, chip, rows, Layout(), eight).forward_s
    assert slower > times(shape, chip, trainer._replace(cast_bytes=6.0), Layout(), eight).forward_s


def test_hosts_issue_in_proportion_to_their_factor(
    mixture: Shape, chip: Chip, trainer: Trainer
) -> None:
    slow = times(mixture, chip, trainer, Layout(), JOB._replace(host_issue=2.0)).host_s
    assert slow == pytest.approx(2.0 * times(mixture, chip, trainer, Layout()).host_s)
