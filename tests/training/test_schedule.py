"""Simulated schedules against the closed forms."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wattpath.errors import InputError
from wattpath.training import Layout
from wattpath.training.schedule import NAMES, simulate
from wattpath.training.steptime import bubble_s

CODES = {"1f1b": 1.0, "interleaved": 1.0, "zero-bubble": 3.0, "dualpipe": 4.0}


@pytest.mark.parametrize("stages", [2, 4, 8])
@pytest.mark.parametrize("schedule", NAMES)
def test_bubbles_match_the_closed_form(schedule: str, stages: int) -> None:
    chunks = 2 if schedule == "interleaved" else 1
    count = 4 * stages
    played = simulate(
        schedule, stages, count, 1.0 / chunks, 2.0 / chunks, 1.0 / chunks, chunks=chunks
    )
    layout = Layout(pp=float(stages), vpp=float(chunks), schedule=CODES[schedule])
    closed = 3.0 * count + bubble_s(layout, 1.0, 2.0, 1.0, 0.0)
    if schedule == "dualpipe":  # the formula of its authors is an upper bound of this play
        assert 3.0 * count <= played.length_s <= closed + 1e-9 + (stages == 2)
    else:
        assert played.length_s == pytest.approx(closed)


def test_all_work_is_done_once_and_in_order() -> None:
    played = simulate("interleaved", 4, 8, 0.5, 1.0, chunks=2, send_s=0.01)
    keys = [(s.kind, s.microbatch, s.chunk, s.rank) for s in played.slots]
    assert len(keys) == len(set(keys)) == 2 * 8 * 4 * 2
    for rank in range(4):
        own = sorted((s for s in played.slots if s.rank == rank), key=lambda s: s.start_s)
        assert all(b.start_s >= a.end_s - 1e-12 for a, b in pairwise(own))


def test_live_microbatches_are_those_of_the_memory_model() -> None:
    assert simulate("1f1b", 4, 16, 1.0, 2.0).live == (4, 3, 2, 1)
    assert simulate("zero-bubble", 4, 16, 1.0, 2.0, 1.0).live[0] <= 4
    assert max(simulate("dualpipe", 4, 16, 1.0, 2.0, 1.0).live) <= 5


def test_a_slow_last_stage_sets_the_pace() -> None:
    even = simulate("1f1b", 4, 32, 1.0, 2.0)
    slow = simulate("1f1b", 4, 32, [1.0, 1.0, 1.0, 1.5], [2.0, 2.0, 2.0, 3.0])
    assert slow.length_s == pytest.approx(even.length_s + 32 * 1.5, rel=0.02)


def test_sizes_that_do_not_suit_are_refused() -> None:
    with pytest.raises(InputError, match="schedule"):
        simulate("gpipe", 4, 8, 1.0, 2.0)
    with pytest.raises(InputError, match="interleaved"):
        simulate("interleaved", 4, 6, 1.0, 2.0, chunks=2)
    with pytest.raises(InputError, match="DualPipe"):
        simulate("dualpipe", 3, 6, 1.0, 2.0)
