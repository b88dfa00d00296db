"""Failures, checkpoints and the published 54 days on 16,384 chips."""

from __future__ import annotations

import math

import pytest

from wattpath.training.goodput import (
    best_interval_s,
    component_shares,
    goodput,
    load_reliability,
    segment_s,
    spares,
    straggler_factor,
)

DAYS_54 = 54.0 * 86400.0


def test_54_days_on_16384_chips_without_having_been_fitted_to_it() -> None:
    """Meta counted 419 unexpected stops and an effective share above 90 %."""
    result = goodput(16384.0, 405e9 * 14.0)
    unexpected = sum(rate for part, rate in result.stops.items() if part != "planned")
    assert unexpected * DAYS_54 == pytest.approx(419.0, rel=0.1)
    assert 0.90 < result.share < 0.97


def test_the_interval_is_the_best_one() -> None:
    best = best_interval_s(10.0, 7200.0)
    assert best == pytest.approx(math.sqrt(2.0 * 10.0 * 7200.0), rel=0.05)

    def share(t: float) -> float:
        return t / segment_s(t, 10.0, 300.0, 7200.0)

    assert share(best) >= max(share(0.8 * best), share(1.25 * best))


def test_losses_add_up_and_grow_with_the_cluster() -> None:
    small, large = goodput(1024.0, 1e12), goodput(65536.0, 1e12)
    assert large.share < small.share < 1.0
    assert sum(large.lost.values()) == pytest.approx(1.0 - large.share)


def test_spares_cover_the_repairs() -> None:
    reliability = load_reliability()
    waiting = 16384.0 * reliability.failure_rate * reliability.repair_s
    assert spares(16384.0, reliability) > waiting
    assert spares(1e6, reliability) > spares(1e4, reliability)


def test_shares_and_stragglers() -> None:
    assert sum(component_shares().values()) == pytest.approx(1.0)
    assert straggler_factor(0.01, 1.0) == 0.0
    assert straggler_factor(0.01, 1e4) > straggler_factor(0.01, 10.0)
