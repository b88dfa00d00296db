"""The expert exchange: published times, limits, growth."""

from __future__ import annotations

import pytest

from wattpath.hardware import Chip, load_chip
from wattpath.hardware.exchange import busiest_share, distinct_places, expert_exchange_s

#: Source aiconfigurator-kernels (DeepEP low latency, H100, 8 of 256 experts, width 7168, 128
#: tokens a rank): ranks, bits, microseconds, error that may only shrink.
PUBLISHED = (
    (8, 8, 36.7, 0.15),
    (8, 16, 67.0, 0.20),
    (16, 8, 102.1, 0.20),
    (32, 8, 143.0, 0.20),
    (64, 8, 166.8, 0.20),
    (64, 16, 304.7, 0.20),
)


@pytest.fixture(scope="module")
def chip() -> Chip:
    return load_chip("nvidia-h100-sxm")


@pytest.mark.parametrize("row", PUBLISHED)
def test_published_low_latency_times(chip: Chip, row: tuple[float, float, float, float]) -> None:
    ranks, bits, microseconds, bound = row
    low = chip._replace(expert_high_s=1.0)
    predicted = expert_exchange_s(low, 128.0, 7168.0, 8.0, float(ranks), float(bits))
    assert predicted * 1e6 == pytest.approx(microseconds, rel=bound)


def test_one_rank_takes_no_time(chip: Chip) -> None:
    assert expert_exchange_s(chip, 1000.0, 7168.0, 8.0, 1.0, 8.0) == 0.0


def test_distinct_places_has_its_limits() -> None:
    assert distinct_places(8.0, 1.0) == pytest.approx(1.0)
    assert distinct_places(8.0, 1e4) == pytest.approx(8.0)
    assert distinct_places(1.0, 5.0) == 1.0


def test_busiest_rank_has_at_least_the_mean(chip: Chip) -> None:
    assert busiest_share(chip, 1.0) == 1.0
    assert busiest_share(chip, 64.0, 0.0) == 1.0
    assert 1.0 < busiest_share(chip, 8.0) < busiest_share(chip, 64.0)


def test_time_grows_with_tokens_without_jumps(chip: Chip) -> None:
    before = expert_exchange_s(chip, 15.0, 7168.0, 8.0, 32.0, 8.0)
    for tokens in range(16, 3000):
        now = expert_exchange_s(chip, float(tokens), 7168.0, 8.0, 32.0, 8.0)
        assert before <= now <= 1.04 * before
        before = now


def test_many_tokens_take_the_way_without_copies(chip: Chip) -> None:
    low = chip._replace(expert_high_s=1e3)
    both = expert_exchange_s(chip, 8192.0, 7168.0, 8.0, 16.0, 8.0)
    assert both < 0.5 * expert_exchange_s(low, 8192.0, 7168.0, 8.0, 16.0, 8.0)


def test_function_equals_plain_python(chip: Chip) -> None:
    args = (chip, 300.0, 7168.0, 8.0, 32.0, 8.0, 1.0)
    assert expert_exchange_s(*args) == pytest.approx(expert_exchange_s.py_func(*args), rel=1e-12)
