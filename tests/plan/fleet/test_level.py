"""What sampled hours say of a day, and which hours are sampled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.plan.fleet.day import HOURS, Day, stretches
from wattpath.plan.fleet.level import sampled, sure


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 23))
def test_the_late_share_of_a_day_lies_between_its_bounds(seed: int, judged: int) -> None:
    draw = np.random.default_rng(seed)
    shares = np.sort(draw.dirichlet(np.ones(HOURS)))[::-1]
    late = np.sort(draw.random(HOURS) * 0.2)[::-1]  # less traffic is not served later
    hour = np.repeat(np.arange(judged), 200)
    place = np.tile(np.arange(200), judged)
    times = np.where(place < np.round(late * 200)[hour], 2.0, 0.5)
    sample = sampled((times, times), hour, shares[:judged], np.ones(len(hour), dtype=bool))
    best, worst = sample.late((1.0, 1.0))
    truth = float(shares @ np.round(late * 200)) / 200
    assert best - 1e-9 <= truth <= worst + 1e-9
    assert 0.0 <= sample.within((1.0, 1.0))[0] <= 1.0


def test_the_busiest_hours_are_sampled_first_and_then_the_day() -> None:
    hours = np.ones(HOURS)
    hours[[0, 22, 23]] = 3.0, 2.0, 4.0  # a peak around midnight
    day = Day(10.0, hours / hours.mean(), 1.0, 1.0, 1.0)
    first, *_, last = stretches(day, flexible=False)
    assert first.hours == (21, 22, 23, 0)
    assert len(first.judged(day)) == 3
    assert last.judged(day).sum() == pytest.approx(1.0)
    assert len(stretches(day, flexible=True)) == 1


def test_few_requests_make_less_sure() -> None:
    assert sure(0.99, 100.0) < sure(0.99, 10_000.0) < 0.99
    assert sure(1.0, 300.0) == pytest.approx(0.991, abs=1e-3)
