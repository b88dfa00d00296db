"""The search loses nothing to its bounds and accounts for every layout."""

from __future__ import annotations

import pytest

from wattpath.hardware import Chip
from wattpath.models import Shape
from wattpath.training import Job, Space, Trainer, search, step
from wattpath.training.search import divisors

JOB = Job(2048.0, 128.0)
SPACE = Space(tp=(1.0, 2.0, 4.0, 8.0), micro_batch=(1.0, 2.0))


def test_pruning_changes_nothing_but_the_work(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    every = search(shape, chip, trainer, JOB, 64.0, SPACE, prune=False)
    bounded = search(shape, chip, trainer, JOB, 64.0, SPACE)
    assert bounded.best == every.best
    assert bounded.size == every.size
    assert bounded.bounded > 0
    assert every.bounded == 0


def test_results_are_sorted_and_reproducible(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    result = search(shape, chip, trainer, JOB, 64.0, SPACE)
    times = [found.step_s for found in result.best]
    assert times == sorted(times)
    first = result.best[0]
    again = step(shape, chip, trainer, first.layout, JOB)
    assert again.step_s == pytest.approx(first.step_s)
    assert again.memory_bytes <= chip.mem_bytes


def test_what_does_not_fit_says_by_how_much(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    tiny = chip._replace(mem_bytes=1e9)
    result = search(shape, tiny, trainer, JOB, 64.0, SPACE)
    assert result.best == ()
    assert result.refused["does not fit in memory"] > 0
    assert result.smallest_excess > 0.0


def test_chips_without_links_say_so(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    alone = chip._replace(scaleup_bytes_s=0.0, scaleout_bytes_s=0.0)
    result = search(shape, alone, trainer, JOB, 64.0, SPACE)
    assert result.best == ()
    assert any("no link" in reason for reason in result.refused)
    assert result.size == search(shape, chip, trainer, JOB, 64.0, SPACE).size


def test_divisors() -> None:
    assert divisors(12.0) == (1.0, 2.0, 3.0, 4.0, 6.0, 12.0)
    assert divisors(12.0, 3.0) == (1.0, 2.0, 3.0)
