"""Availability: binomials, order of redundancies, and the share of common causes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import catalog, facility
from wattpath.facility.reliability import at_least

PARTS = (
    "transformer_failure_s",
    "transformer_repair_s",
    "ups_failure_s",
    "ups_repair_s",
    "distribution_failure_s",
    "distribution_repair_s",
    "transfer_failure",
)


def test_binomial() -> None:
    assert at_least(1, 1, 0.9) == pytest.approx(0.9)
    assert at_least(1, 2, 0.9) == pytest.approx(0.99)
    assert at_least(4, 5, 0.98) == pytest.approx(0.98**5 + 5 * 0.98**4 * 0.02)


@given(needed=st.integers(1, 8), spare=st.integers(0, 4), each=st.floats(0.5, 0.9999))
def test_spares_help(needed: int, spare: int, each: float) -> None:
    here = at_least(needed, needed + spare, each)
    assert 0.0 <= here <= 1.0 + 1e-12
    assert at_least(needed, needed + spare + 1, each) >= here - 1e-12


@pytest.mark.parametrize("chain", catalog.names("electrical"))
def test_redundancy_orders_availability(chain: str) -> None:
    bare, spare, double = (facility.availability(chain, r) for r in ("N", "N+1", "2N"))
    assert bare.total < spare.total < double.total < 1.0
    assert 0.5 < bare.downtime_h_year < 20.0
    assert double.downtime_h_year < 0.5
    assert bare.downtime_h_year > 5.0 * double.downtime_h_year
    assert "h a year without power" in double.explain()


@pytest.mark.parametrize("redundancy", ["N", "N+1", "2N"])
def test_chains_differ_by_their_own_parts(redundancy: str) -> None:
    chains = [key for key in catalog.names("electrical") if key != "lossless"]
    found = {key: facility.availability(key, redundancy) for key in chains}
    totals = sorted(one.total for one in found.values())
    assert all(later - sooner > 1e-10 for sooner, later in pairwise(totals))
    for key in chains:
        given = catalog.load("electrical", key).quantities
        assert set(PARTS) <= set(given), key


@pytest.mark.parametrize("redundancy", ["N", "N+1", "2N"])
@pytest.mark.parametrize("part", PARTS)
def test_each_part_counts(part: str, redundancy: str) -> None:
    key = "modern-double-conversion"
    here = facility.availability(key, redundancy).total
    usual = catalog.load("electrical", key).si(part)
    better = 2.0 if part.endswith("failure_s") else 0.5
    with catalog.drawn({("electrical", key, part): better * usual}):
        assert facility.availability(key, redundancy).total > here


def test_batteries_too_short_for_the_generators_bridge_nothing() -> None:
    key = ("electrical", "modern-eco", "ride_through_s")
    held = facility.availability("modern-eco", "2N")
    with catalog.drawn({key: 5.0}):
        none = facility.availability("modern-eco", "2N")
    disturbed_h = (15.0 + 1.2) * 3.0
    assert none.downtime_h_year - held.downtime_h_year == pytest.approx(disturbed_h, rel=0.01)


def test_performance_carries_it() -> None:
    weather = facility.load_weather("us-newark")
    chain = facility.load_electrical("modern-eco", "2N")
    hours = facility.performance("liquid-dry-cooler", chain, weather)
    assert hours.availability == facility.availability("modern-eco", "2N").total
