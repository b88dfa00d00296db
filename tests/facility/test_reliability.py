"""Availability: binomials, order of redundancies, and the share of common causes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath import catalog, facility
from wattpath.facility.reliability import at_least


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
    assert "h a year without power" in double.explain()


def test_performance_carries_it() -> None:
    weather = facility.load_weather("us-newark")
    chain = facility.load_electrical("modern-eco", "2N")
    hours = facility.performance("liquid-dry-cooler", chain, weather)
    assert hours.availability == facility.availability("modern-eco", "2N").total
