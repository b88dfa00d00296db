"""Classes of requests: who waits for whom."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.serving.fleet import simulate_fleet
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.measures import Level, measure
from wattpath.serving.options import Options

COUNT = 400


@pytest.fixture(scope="module")
def crowd(replica):
    """More than two replicas of eight places can serve at once, every fourth urgent."""
    few = replica._replace(engine=replica.engine._replace(max_sequences=8.0))
    made = generate(COUNT, Pattern(14.0, 600.0, 150.0))
    return few, made, (np.arange(COUNT) % 4 != 0).astype(np.int64)


def test_the_urgent_wait_less_and_nobody_is_forgotten(crowd) -> None:
    replica, made, priority = crowd
    plain = simulate_fleet(replica, made, 2, Options())
    run = simulate_fleet(replica, made, 2, Options(classes=2), priority=priority)
    assert np.all(np.isfinite(run.done_s))
    assert run.preempted > 0.0
    urgent = priority == 0
    wait, before = run.first_s - made.arrival_s, plain.first_s - made.arrival_s
    assert np.mean(wait[urgent]) < 0.5 * np.mean(before[urgent])
    assert np.mean(wait[~urgent]) > np.mean(before[~urgent])


def test_one_class_is_no_class(crowd) -> None:
    replica, made, _ = crowd
    plain = simulate_fleet(replica, made, 2, Options())
    same = np.full(COUNT, 2, dtype=np.int64)
    run = simulate_fleet(replica, made, 2, Options(classes=3), priority=same)
    assert np.array_equal(run.done_s, plain.done_s)


def test_each_class_is_held_to_its_own_level(crowd) -> None:
    replica, made, priority = crowd
    run = simulate_fleet(replica, made, 2, Options(classes=2), priority=priority)
    urgent, rest = measure(run, made, (Level(1.0, 0.05), Level(1e9, 1e9)), priority)
    assert urgent.requests + rest.requests == COUNT
    assert rest.within == 1.0
    assert 0.0 <= urgent.within <= 1.0
    assert np.all(np.diff(urgent.ttft_s) >= 0.0)
    assert urgent.ttft_s[-1] < rest.ttft_s[-1]
