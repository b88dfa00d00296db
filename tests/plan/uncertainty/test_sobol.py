"""Indices of a function whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wattpath.plan.uncertainty.distribution import FARTHEST
from wattpath.plan.uncertainty.sobol import normal_points, sobol_indices

Floats = NDArray[np.float64]

A, B = 7.0, 0.1


def ishigami(u: Floats) -> Floats:
    """sin x1 + A sin^2 x2 + B x3^4 sin x1 on -pi..pi."""
    x = np.pi * (2.0 * u - 1.0)
    return np.asarray(np.sin(x[:, 0]) * (1.0 + B * x[:, 2] ** 4) + A * np.sin(x[:, 1]) ** 2)


def known() -> tuple[Floats, Floats]:
    """Its first-order and total indices in closed form."""
    one = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    two = A**2 / 8.0
    both = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    total = one + two + both
    return np.array([one, two, 0.0]) / total, np.array([one + both, two, both]) / total


def test_ishigami() -> None:
    first, total = sobol_indices(ishigami, 3, power=13, seed=1)
    expected = known()
    assert first == pytest.approx(expected[0], abs=0.01)
    assert total == pytest.approx(expected[1], abs=0.01)


def test_alone_is_never_more_than_with_others() -> None:
    first, total = sobol_indices(ishigami, 3, power=6, seed=2)
    assert np.all(first <= total)
    assert np.all(first >= 0.0)


def test_a_constant_has_no_indices() -> None:
    first, total = sobol_indices(lambda u: np.full(u.shape[0], 4.0), 2, power=4)
    assert not first.any()
    assert not total.any()


def test_points_are_repeatable_normal_and_extend() -> None:
    short, long = normal_points(16, 5, 3), normal_points(64, 5, 3)
    assert np.array_equal(short, long[:16])
    assert not np.array_equal(short, normal_points(16, 5, 4))
    assert np.abs(long).max() <= FARTHEST + 1e-9
    assert long.mean(axis=0) == pytest.approx(np.zeros(5), abs=0.1)
    assert long.std(axis=0) == pytest.approx(np.ones(5), abs=0.15)
    assert normal_points(4, 0, 0).shape == (4, 0)
