"""The polynomial finds what a polynomial is made of, and admits what it does not know."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.plan.uncertainty.sobol import normal_points
from wattpath.plan.uncertainty.surrogate import fit


def test_a_quadratic_is_found() -> None:
    z = normal_points(128, 12, 0)
    y = 3.0 + 2.0 * z[:, 4] + z[:, 7] ** 2 + 0.5 * z[:, 1] * z[:, 4]
    found = fit(z, y)
    assert found.explained > 0.97
    assert found(z) == pytest.approx(y, abs=0.05)
    assert {((4, 1),), ((7, 2),), ((1, 1), (4, 1))} <= set(found.terms)


def test_noise_is_not_explained() -> None:
    z = normal_points(128, 12, 0)
    y = np.random.default_rng(0).standard_normal(128)
    assert fit(z, y).explained < 0.2


def test_a_constant_is_itself() -> None:
    z = normal_points(16, 3, 0)
    found = fit(z, np.full(16, 5.0))
    assert found.terms == ()
    assert found(z) == pytest.approx(np.full(16, 5.0))
