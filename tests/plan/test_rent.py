"""Chip-hours that follow the load, and the price at which renting equals buying."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wattpath
from wattpath.errors import InputError
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.compute import Need
from wattpath.plan.rent import Price, Rented, following_s, one_year, price_of
from wattpath.plan.result import Chosen
from wattpath.units import HOUR_S, HOURS

EXAMPLES = Path(__file__).parents[2] / "examples"
OFFICE = np.tile(np.r_[np.full(12, 0.1), np.full(12, 0.8)], 365)


def chosen(units: float, capacity: float, share: float = 1.0) -> Chosen:
    """A column of eight chips a unit."""
    own = Deployment(
        "chat", "server", "chip", (), frozenset(), ("air",), "tp8", 8.0, 1.0, capacity,
        100.0, 900.0, 1e5, 5e5, 100.0, 0.0, 0.0,
    )  # fmt: skip
    return Chosen(own, "air", "chain", units, share, 0.0)


def need(flexible: bool = False) -> Need:
    return Need("chat", 10.0, np.ones(HOURS) if flexible else OFFICE, flexible)


def test_units_follow_the_hours() -> None:
    # 10/s x 0.8 x 1.25 = 10/s by day: four units of 2.5/s; 1.25/s by night: one unit.
    time_s = following_s(chosen(4.0, 2.5), need(), spare=0.25)
    assert time_s == pytest.approx(8.0 * (4 * 12 + 1 * 12) * 365 * HOUR_S)


def test_work_that_may_wait_rents_only_what_it_runs() -> None:
    assert following_s(chosen(5.0, 20.0), need(flexible=True), 0.0) == pytest.approx(
        4.0 * HOURS * HOUR_S
    )


def test_work_on_lent_servers_rents_the_chips_of_its_own_hours() -> None:
    own = chosen(5.0, 20.0)
    server = replace(own.deployment, server="nvidia-dgx-h100")
    lent = replace(own, deployment=replace(server, chips=0.0))
    whole = replace(own, deployment=server)
    hours = [following_s(one, need(flexible=True), 0.0) for one in (lent, whole)]
    assert hours[0] == pytest.approx(hours[1])
    assert hours[0] > 0.0


@given(units=st.integers(1, 40), spare=st.floats(0.0, 0.5))
def test_following_never_takes_more_than_always(units: int, spare: float) -> None:
    item = chosen(float(units), 10.0 / units)
    hours = following_s(item, need(), spare) / HOUR_S
    assert 8.0 * HOURS - 1e-6 <= hours <= 8.0 * units * HOURS + 1e-6


@given(st.floats(0.5, 20.0))
def test_at_the_break_even_price_both_cost_the_same(buy: float) -> None:
    price = Price(2.0, 1.0, 4.0, "estimate", 2022, 2023)
    own = Rented(
        8.0, {"always": 7e4 * HOUR_S, "following": 3e4 * HOUR_S}, buy * 1e5, 1e4, True, price
    )
    for way in own.rented_s:
        assert own.usd_per_year(way, own.even_usd_h(way)) == pytest.approx(buy * 1e5)
    share = own.even_share(price.value)
    assert 7e4 * share * price.value + 1e4 == pytest.approx(buy * 1e5)


def test_the_price_is_for_its_own_generation() -> None:
    price = price_of()
    assert price.low < price.value < price.high
    assert price.covers("nvidia-h100-nvl")
    assert not price.covers("nvidia-b200-sxm")
    assert price_of(3.0).covers("nvidia-b200-sxm")


@pytest.mark.parametrize("usd", [0.0, -1.0, float("nan"), 1e6])
def test_a_price_must_be_one(usd: float) -> None:
    with pytest.raises(InputError, match="price above 0 USD"):
        price_of(usd)


def test_several_years_are_refused() -> None:
    scenario = wattpath.load_scenario(EXAMPLES / "enterprise.yaml", ["horizon.years=3"])
    with pytest.raises(InputError, match=r"be 1 to compare with renting\. Got 3"):
        one_year(scenario)
