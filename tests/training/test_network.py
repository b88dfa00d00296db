"""Context parallelism: what each way moves, hides and needs."""

from __future__ import annotations

import math

import pytest

from wattpath.hardware import Chip
from wattpath.models import Shape
from wattpath.training import CONTEXT, Job, Layout, Trainer, step
from wattpath.training.layout import REASONS, validity
from wattpath.training.memory import context_bytes
from wattpath.training.network import (
    exchange_context_s,
    gather_context_s,
    ring_context_s,
)

LONG = 65536.0
BASE = Layout(tp=2.0, cp=4.0, dp=2.0, recompute=0.0)
KINDS = tuple(CONTEXT.values())


@pytest.mark.parametrize("kind", KINDS)
def test_one_rank_needs_no_exchange(
    shape: Shape, chip: Chip, trainer: Trainer, kind: float
) -> None:
    alone = step(shape, chip, trainer, BASE._replace(cp=1.0, dp=8.0, context=kind), Job(LONG, 16.0))
    assert alone.context_s == 0.0
    assert context_bytes(shape, BASE._replace(cp=1.0, context=kind), LONG) == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_takes_time_and_does_the_same_work(
    shape: Shape, chip: Chip, trainer: Trainer, kind: float
) -> None:
    job = Job(LONG, 16.0)
    result = step(shape, chip, trainer, BASE._replace(context=kind), job)
    gather = step(shape, chip, trainer, BASE, job)
    assert result.context_s > 0.0
    assert result.flops == pytest.approx(gather.flops, rel=1e-9)


def test_a_ring_hides_behind_long_blocks_and_not_behind_short_ones(
    shape: Shape, chip: Chip
) -> None:
    """Attention grows with the square of the sequence, what travels only with its length."""
    layout = BASE._replace(context=CONTEXT["ring"])
    hop = gather_context_s(shape, chip, layout, LONG)
    long = ring_context_s(shape, chip, layout, LONG, 1e3 * hop, 1.0, 0.0)
    short = ring_context_s(shape, chip, layout, LONG, 1e-3 * hop, 1.0, 0.0)
    assert long < 0.3 * short
    assert short > 0.8 * hop


def test_a_ring_over_the_border_goes_at_the_pace_of_the_network(shape: Shape, chip: Chip) -> None:
    inside = BASE._replace(tp=1.0, cp=8.0)
    across = BASE._replace(tp=1.0, cp=16.0)
    near = ring_context_s(shape, chip, inside, LONG, 1e-9, 1.0, 0.0) / 7.0
    far = ring_context_s(shape, chip, across, 2.0 * LONG, 1e-9, 1.0, 0.0) / 15.0
    rates = chip.scaleup_bytes_s * chip.scaleup_eff / (chip.scaleout_bytes_s * chip.scaleout_eff)
    assert 0.5 * rates < far / near < 1.1 * rates


def test_an_all_to_all_moves_less_the_more_ranks_share(shape: Shape, chip: Chip) -> None:
    times = [exchange_context_s(shape, chip, Layout(cp=cp), 16.0 * LONG) for cp in (2.0, 4.0, 8.0)]
    assert times[0] > times[1] > times[2]


def test_few_key_heads_are_sent_to_each_rank(shape: Shape, chip: Chip) -> None:
    few = shape._replace(kv_heads=2.0)
    two, eight = (exchange_context_s(few, chip, Layout(cp=cp), LONG * cp) for cp in (2.0, 8.0))
    more = exchange_context_s(shape, chip, Layout(cp=8.0), LONG * 8.0)
    assert two < eight < more


def test_an_all_to_all_needs_heads_for_every_rank(shape: Shape) -> None:
    wide = Layout(cp=64.0, context=CONTEXT["all-to-all"])
    code = validity(shape, wide, 64.0, 16.0, LONG, 0.0)
    assert "tp x cp" in REASONS[code]
    assert validity(shape, wide._replace(context=0.0), 64.0, 16.0, LONG, 0.0) == 0


def test_buffers_rank_as_the_parts_that_are_held(shape: Shape) -> None:
    gather, ring, _ = (context_bytes(shape, BASE._replace(context=k), LONG) for k in KINDS)
    assert gather == pytest.approx(ring * BASE.cp / 2.0)


@pytest.mark.parametrize("kind", KINDS)
def test_chips_without_links_never_finish(
    shape: Shape, chip: Chip, trainer: Trainer, kind: float
) -> None:
    cut = chip._replace(scaleup_bytes_s=0.0, scaleout_bytes_s=0.0)
    layout = Layout(cp=4.0, context=kind)
    assert math.isinf(step(shape, cut, trainer, layout, Job(LONG, 16.0)).step_s)
