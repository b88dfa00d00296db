"""The least number of replicas, and spares for failures."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.plan.fleet.replica_count import (
    least_replicas,
    smallest_kept,
    spare_units,
    unit_availability,
)
from wattpath.training.goodput import load_reliability


def _day(needed: int):
    def attempt(replicas: int) -> SimpleNamespace:
        return SimpleNamespace(replicas=replicas, kept=replicas >= needed)

    return attempt


@settings(deadline=None)
@given(st.integers(1, 500), st.floats(0.6, 1.7))
def test_the_fewest_that_keep_the_level_are_found(needed: int, off: float) -> None:
    trials = least_replicas(_day(needed), max(1, round(needed * off)))
    kept = smallest_kept(trials)
    assert kept is not None
    assert needed <= kept.replicas <= max(needed + 1, 1.07 * needed)
    assert len(trials) <= 14


def test_what_no_number_keeps_is_never_the_answer() -> None:
    trials = least_replicas(_day(10_000), 5)
    assert smallest_kept(trials) is None
    assert max(one.replicas for one in trials) >= 15


@settings(deadline=None)
@given(st.integers(1, 300), st.floats(0.8, 0.9999))
def test_spares_grow_with_the_target(units: int, up: float) -> None:
    low, high = (spare_units(units, up, target) for target in (0.99, 0.9999))
    assert 0 <= low <= high


def test_one_unit_that_is_up_often_enough_needs_no_spare() -> None:
    assert spare_units(1, 0.9999, 0.999) == 0
    assert spare_units(1, 0.99, 0.999) == 1


def test_larger_units_fail_more_often() -> None:
    usual = load_reliability()
    one, eight = (unit_availability(chips, usual) for chips in (8.0, 72.0))
    assert 0.8 < eight < one < 1.0
    assert one == pytest.approx(1.0 - 8.0 * usual.failure_rate * usual.repair_s, rel=0.01)
