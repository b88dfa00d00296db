"""The search loses nothing to its bounds and accounts for every layout."""

from __future__ import annotations

import random

import pytest

from wattpath.hardware import Chip
from wattpath.models import Shape
from wattpath.training import Job, Space, Trainer, search, step
from wattpath.training.search import again as timed_again
from wattpath.training.search import divisors

JOB = Job(2048.0, 128.0)
CHOICES = {
    "tp": (1.0, 2.0, 4.0, 8.0),
    "pp": (1.0, 2.0, 4.0, 8.0),
    "vpp": (1.0, 2.0),
    "cp": (1.0, 2.0, 4.0),
    "ep": (1.0, 4.0, 8.0),
    "micro_batch": (1.0, 2.0),
    "zero": (0.0, 1.0, 2.0, 3.0),
    "recompute": (0.0, 1.0, 2.0),
    "schedule": (1.0, 3.0, 4.0),
    "sequence_parallel": (0.0, 1.0),
    "context": (0.0, 1.0, 2.0),
}
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


@pytest.mark.parametrize("kind", ["dense", "mixture"])
def test_the_search_times_a_layout_as_a_step_does(
    shape: Shape, mixture: Shape, chip: Chip, trainer: Trainer, kind: str
) -> None:
    """Random layouts: every part that depends on a degree is computed with that degree."""
    model = shape if kind == "dense" else mixture
    roomy = chip._replace(mem_bytes=1e15)
    draw = random.Random(7)
    compared = 0
    while compared < 40:
        choice = {name: (draw.choice(values),) for name, values in CHOICES.items()}
        space = Space(**choice) if kind == "mixture" else Space(**{**choice, "ep": (1.0,)})
        for found in search(model, roomy, trainer, JOB, 64.0, space, keep=1).best:
            again = step(model, roomy, trainer, found.layout, JOB)
            assert found.step_s == pytest.approx(again.step_s, rel=1e-9)
            assert found.memory_bytes == pytest.approx(again.memory_bytes, rel=1e-9)
            compared += 1


def test_layouts_timed_again_are_those_of_the_search(
    mixture: Shape, chip: Chip, trainer: Trainer
) -> None:
    first = search(mixture, chip, trainer, JOB, 64.0, SPACE, keep=6)
    listed = [found.layout for found in reversed(first.best)]
    assert timed_again(mixture, chip, trainer, JOB, 64.0, listed, 4).best == first.best[:4]
    tiny = chip._replace(mem_bytes=1e9)
    assert timed_again(mixture, tiny, trainer, JOB, 64.0, listed, 4).best == ()
    assert timed_again(mixture, chip, trainer, JOB, 64.0, [], 4).best == ()


def test_progress_grows_from_none_to_all(shape: Shape, chip: Chip, trainer: Trainer) -> None:
    shares: list[float] = []
    search(shape, chip, trainer, JOB, 64.0, SPACE, report=shares.append)
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert 0.9 < shares[-1] < 1.0


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
