"""One slot is one server: the replay must queue as the theory of M/G/1 says."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.serving import Layout
from wattpath.serving.queueing import mean_wait_s
from wattpath.serving.simulator import replay

COUNT, LOAD = 120_000, 0.6


def _answers(random, kind):
    if kind == "M/D/1":
        return np.full(COUNT, 400.0)
    if kind == "M/M/1":
        return np.ceil(random.exponential(400.0, COUNT)) + 1.0
    return np.ceil(random.gamma(0.5, 800.0, COUNT)) + 1.0  # squared variation 2


@pytest.mark.parametrize("kind", ["M/M/1", "M/D/1", "M/G/1"])
def test_waits_are_those_of_the_theory(chip, dense, settings, engine, kind) -> None:
    random = np.random.default_rng(22)
    outputs, nothing = _answers(random, kind), np.zeros(COUNT)
    arrivals = np.cumsum(random.exponential(1.0, COUNT))
    arrivals *= COUNT / arrivals[-1] * outputs.mean() * 0.00695 / LOAD
    one = engine._replace(max_sequences=1.0, request_s=0.0)
    case = (chip, dense, Layout(8.0), settings, one)
    run = replay(*case, arrivals, np.full(COUNT, 8.0), outputs, nothing, 0.0)
    before = np.concatenate([[0.0], run.done_s[:-1]])
    waits = np.maximum(0.0, before - arrivals)
    service = run.done_s - np.maximum(before, arrivals)
    load = service.mean() * COUNT / arrivals[-1]
    assert load == pytest.approx(LOAD, abs=0.05)
    theory = mean_wait_s(load, service.mean(), service.std() / service.mean())
    assert waits.mean() == pytest.approx(theory, rel=0.02)
