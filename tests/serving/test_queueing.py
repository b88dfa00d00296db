from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from wattpath.serving.queueing import (
    lognormal_quantile,
    mean_wait_s,
    normal_quantile,
    wait_quantile_s,
)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("cv", [0.0, 1.0])
def test_mean_wait_matches_a_simulated_queue(load: float, cv: float) -> None:
    random = np.random.default_rng(7)
    count = 400_000
    gaps = random.exponential(1.0 / load, count)
    service = random.exponential(1.0, count) if cv else np.ones(count)
    wait = np.zeros(count)
    for i in range(1, count):
        wait[i] = max(0.0, wait[i - 1] + service[i - 1] - gaps[i])
    assert mean_wait_s(load, 1.0, cv) == pytest.approx(wait.mean(), rel=0.06)
    if cv:
        tail = wait_quantile_s(load, mean_wait_s(load, 1.0, cv), 0.99)
        assert tail == pytest.approx(np.quantile(wait, 0.99), rel=0.08)


def test_limits_of_the_wait() -> None:
    assert mean_wait_s(0.0, 1.0, 1.0) == 0.0
    assert math.isinf(mean_wait_s(1.0, 1.0, 1.0))
    assert wait_quantile_s(0.005, 0.01, 0.99) == 0.0  # 99.5 % do not wait at all


@pytest.mark.parametrize("p", [0.5, 0.9, 0.99, 0.01])
def test_normal_quantile(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(NormalDist().inv_cdf(p), abs=5e-4)


def test_lognormal_quantile_of_a_fixed_length() -> None:
    assert lognormal_quantile(3.0, 0.0, 0.99) == 3.0
    draws = np.random.default_rng(1).lognormal(-0.5 * math.log(1.25), math.log(1.25) ** 0.5, 10**6)
    assert lognormal_quantile(1.0, 0.5, 0.99) == pytest.approx(np.quantile(draws, 0.99), rel=0.02)
