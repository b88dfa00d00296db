"""One step: parts add up, physics points the right way, kernels equal plain Python."""

from __future__ import annotations

import math

import pytest

from wattpath.hardware import Chip
from wattpath.models import Shape
from wattpath.training import Job, Layout, Trainer, step
from wattpath.training.steptime import bubble_s, hidden

JOB = Job(2048.0, 64.0)
BASE = Layout(tp=4, pp=4, dp=4)
PARTS = (
    "compute_s", "recompute_s", "tensor_s", "context_s", "expert_s", "stage_s", "shard_s",
    "bubble_s", "gradient_s", "optimizer_s", "host_s",
)  # fmt: skip


@pytest.mark.parametrize(
    "layout",
    [
        BASE,
        BASE._replace(cp=2, dp=2, recompute=0.0),
        BASE._replace(pp=1, dp=16, zero=3.0),
        BASE._replace(vpp=2, recompute=1.0),
        BASE._replace(schedule=3.0),
        BASE._replace(schedule=4.0),
    ],
)
def test_the_parts_add_up(shape: Shape, chip: Chip, trainer: Trainer, layout: Layout) -> None:
    result = step(shape, chip, trainer, layout, JOB)
    assert sum(getattr(result, part) for part in PARTS) == pytest.approx(result.step_s, rel=1e-9)


def test_a_step_takes_longer_than_its_work_at_peak(
    shape: Shape, chip: Chip, trainer: Trainer
) -> None:
    result = step(shape, chip, trainer, BASE, JOB)
    assert result.step_s > result.executed_flops / chip.bf16_flops
    assert result.executed_flops > result.flops


def test_faster_links_never_slow_a_step(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    for field in ("scaleup_bytes_s", "scaleout_bytes_s", "bandwidth_bytes_s", "bf16_flops"):
        better = chip._replace(**{field: 2.0 * getattr(chip, field)})
        before = step(shape, chip, trainer, BASE, JOB).step_s
        assert step(shape, better, trainer, BASE, JOB).step_s <= before * (1.0 + 1e-9)


def test_recomputation_trades_time_for_memory(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    none, full = (
        step(shape, chip, trainer, BASE._replace(recompute=mode), JOB) for mode in (0.0, 2.0)
    )
    assert full.step_s > none.step_s
    assert full.memory_bytes < none.memory_bytes


def test_schedules_rank_by_their_bubble() -> None:
    layout = Layout(pp=8.0)
    plain = bubble_s(layout, 1.0, 2.0, 1.0, 0.0)
    assert plain == pytest.approx(21.0)
    assert bubble_s(layout._replace(vpp=2.0), 1.0, 2.0, 1.0, 0.0) == pytest.approx(10.5)
    assert bubble_s(layout._replace(schedule=3.0), 1.0, 2.0, 1.0, 0.0) == pytest.approx(7.0)
    assert bubble_s(layout._replace(schedule=4.0), 1.0, 2.0, 1.0, 0.0) == pytest.approx(6.0)
    assert bubble_s(Layout(), 1.0, 2.0, 1.0, 0.0) == 0.0


def test_overlap_lies_between_the_sum_and_the_larger() -> None:
    assert hidden(3.0, 2.0, 0.0, 0.2) == pytest.approx(5.0)
    free, rubbing = hidden(3.0, 2.0, 1.0, 0.0), hidden(3.0, 2.0, 1.0, 0.2)
    assert 3.0 < free < rubbing < 5.0
    assert hidden(3.0, 0.0, 1.0, 0.2) == 3.0


def test_experts_send_only_when_they_are_spread(
    mixture: Shape, chip: Chip, trainer: Trainer
) -> None:
    whole = step(mixture, chip, trainer, Layout(dp=16), JOB)
    spread = step(mixture, chip, trainer, Layout(dp=16, ep=16), JOB)
    assert whole.expert_s == 0.0
    assert spread.expert_s > 0.0
    assert spread.memory_bytes < whole.memory_bytes


def test_low_precision_saves_time_only_where_the_chip_has_it(
    shape: Shape, chip: Chip, trainer: Trainer
) -> None:
    eight = JOB._replace(gemm_bits=8.0)
    assert (
        step(shape, chip, trainer, BASE, eight).step_s
        >= step(shape, chip, trainer, BASE, JOB).step_s
    )
    newer = chip._replace(fp8_flops=2.0 * chip.bf16_flops)
    assert (
        step(shape, newer, trainer, BASE, eight).step_s
        < step(shape, newer, trainer, BASE, JOB).step_s
    )


def test_compiled_and_plain_python_agree(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    from wattpath.training import step as public
    from wattpath.training.steptime import combine, layer_times

    base = Layout(*(float(x) for x in BASE))
    plain = getattr(combine, "py_func", combine)
    times = getattr(layer_times, "py_func", layer_times)(shape, chip, trainer, base, JOB)
    ours = plain(shape, chip, trainer, base, JOB, times)
    theirs = public(shape, chip, trainer, base, JOB)
    assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(ours, theirs, strict=True))
