from __future__ import annotations

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.serving.generator import Pattern, Sessions, generate, generate_sessions
from wattpath.serving.requests import Requests


def _three() -> Requests:
    three = np.array([1.0, 2.0, 3.0])
    blocks, starts = np.array([0, 1, 0]), np.array([0, 2, 3, 3])
    return Requests(np.array([0.0, 1.0, 4.0]), three, three, blocks, starts)


def test_copies_follow_each_other_and_share_nothing() -> None:
    many = _three().repeated(7)
    assert list(many.arrival_s) == [0.0, 1.0, 4.0, 6.0, 7.0, 10.0, 12.0]
    assert list(many.inputs) == [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0]
    assert list(many.blocks) == [0, 1, 0, 2, 3, 2, 4, 5]
    assert list(many.starts) == [0, 2, 3, 3, 5, 6, 6, 8]


def test_a_list_can_be_stretched_and_parted() -> None:
    assert _three().at_rate(1.0).rate == pytest.approx(1.0)
    part = _three().chosen(np.array([True, False, True]))
    assert list(part.blocks) == [0, 1]
    assert list(part.starts) == [0, 2, 2]


def test_same_seed_same_requests() -> None:
    one, two, other = (generate(100, Pattern(2.0, 50.0, 60.0), seed) for seed in (1, 1, 2))
    assert np.array_equal(one.arrival_s, two.arrival_s)
    assert np.array_equal(one.outputs, two.outputs)
    assert not np.array_equal(one.inputs, other.inputs)


@pytest.mark.parametrize("burst", [0.0, 0.5, 1.0, 3.0])
def test_stated_statistics_are_met(burst) -> None:
    made = generate(40_000, Pattern(5.0, 800.0, 200.0, 0.7, burst))
    gaps = np.diff(made.arrival_s)
    assert made.rate == pytest.approx(5.0, rel=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(burst, abs=0.1)
    assert made.inputs.mean() == pytest.approx(800.0, rel=0.02)
    assert made.inputs.std() / made.inputs.mean() == pytest.approx(0.7, rel=0.05)


def test_busy_hours_get_more() -> None:
    rhythm = np.array([0.5, 1.5])
    made = generate(20_000, Pattern(20_000 / 36_000, 10.0, 10.0, rhythm=rhythm))
    hour = (made.arrival_s // 3600.0).astype(int) % 2
    assert np.mean(hour) == pytest.approx(0.75, abs=0.02)


def test_sessions_grow_by_their_own_words() -> None:
    made = generate_sessions(5000, Pattern(1.0, 300.0, 200.0), Sessions(4.0, 30.0, 1024.0))
    assert len(made) == 5000
    assert np.all(np.diff(made.arrival_s) >= 0.0)
    assert made.inputs.min() > 1024.0
    again = np.unique(made.blocks).size / made.blocks.size
    assert again < 0.6  # later turns repeat what earlier ones said


def test_impossible_patterns_are_refused() -> None:
    with pytest.raises(InputError, match="burst_cv"):
        generate(5, Pattern(1.0, 10.0, 10.0, burst_cv=-1.0))
