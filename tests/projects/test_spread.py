"""Ranges of a replan: drawn shares about its own, and values of inputs that projects share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from wattpath.projects.spread import DRAWN, Drawn, points


def test_ranges_stand_about_the_own_share() -> None:
    values = np.array([[0.2, 0.1], [0.3, 0.2], [0.4, 0.3], [0.3, 0.2]])
    drawn = Drawn(np.array([0.3, 0.2]), values)
    low, middle, high = drawn.about({"power": 0.3, "cost": 0.2}).replaceable["power"]
    assert low < 0.3 < high
    assert middle == pytest.approx(0.3, abs=0.01)
    moved = drawn.about({"power": 0.65, "cost": 0.2}).replaceable["power"]
    assert moved[2] - moved[0] == pytest.approx(0.5 * (high - low))


def test_ranges_of_many_draws_are_quantiles() -> None:
    random = np.random.default_rng(1)
    left = 0.7 * np.exp(0.1 * random.standard_normal((4000, 2)))
    found = Drawn(np.array([0.3, 0.3]), 1.0 - left).about({"power": 0.3, "cost": 0.3})
    want = np.quantile(1.0 - left[:, 0], [0.1, 0.5, 0.9])
    assert found.replaceable["power"] == pytest.approx(tuple(want), abs=0.005)


def test_draws_without_an_answer_are_counted() -> None:
    values = np.array([[0.2, 0.1], [0.3, 0.2], [np.nan, np.nan], [0.3, 0.2]])
    found = Drawn(np.array([0.3, 0.2]), values).about({"power": 0.3, "cost": 0.2})
    assert found.infeasible == pytest.approx(0.25)
    assert all(np.isnan(found.replaceable[key]).all() for key in DRAWN)


def test_an_input_has_the_same_values_in_all_projects() -> None:
    one, other = points(["engine", "prices"], 16), points(["gas-price", "engine"], 16)
    assert one[:, 0] == pytest.approx(other[:, 1])
    assert not np.allclose(one[:, 1], other[:, 0])


def test_values_are_one_from_each_interval() -> None:
    shares = np.sort(norm.cdf(points(["engine"], 16)[:, 0]))
    assert (np.floor(shares * 16).astype(int) == np.arange(16)).all()
