"""The smooth joins keep between their limits and have no kink."""

from __future__ import annotations

import math

import pytest

from wattpath.hardware.roofline import at_least, overlap, pipelined


@pytest.mark.parametrize(("a", "b"), [(1e-6, 1e-3), (1e-3, 1e-6), (2.0, 2.0), (0.0, 3.0)])
def test_overlap_is_at_least_the_longer_and_below_the_sum(a: float, b: float) -> None:
    assert max(a, b) <= overlap(a, b) <= min(a + b, 1.26 * max(a, b))


def test_overlap_of_nothing_is_nothing() -> None:
    assert overlap(0.0, 0.0) == 0.0


@pytest.mark.parametrize(("a", "b"), [(1e-6, 1e-3), (2.0, 2.0), (0.0, 3.0)])
def test_pipelined_stages_take_little_more_than_the_longer(a: float, b: float) -> None:
    assert max(a, b) <= pipelined(a, b) <= 1.1 * max(a, b)


def test_endless_stays_endless() -> None:
    assert math.isinf(overlap(math.inf, 1.0))
    assert math.isinf(overlap(math.inf, math.inf))
    assert math.isinf(pipelined(math.inf, 1.0))


def test_at_least_tends_to_both_limits() -> None:
    assert at_least(1.0, 64.0) == pytest.approx(64.0, rel=1e-3)
    assert at_least(1e5, 64.0) == pytest.approx(1e5, rel=1e-6)


def test_functions_equal_plain_python() -> None:
    assert overlap(2.0, 3.0) == pytest.approx(overlap.py_func(2.0, 3.0))
    assert pipelined(2.0, 3.0) == pytest.approx(pipelined.py_func(2.0, 3.0))
    assert at_least(2.0, 3.0) == pytest.approx(at_least.py_func(2.0, 3.0))
