"""The share after the rebound: the price alone decides, and elasticity one gives cost back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattpath.plan.rebound import elasticity, rebound

share = st.floats(0.0, 0.95)


@given(share, share)
def test_the_rebound_takes_and_never_gives(power: float, cost: float) -> None:
    found = rebound({"power": power, "cost": cost, "months_to_power": 0.5})
    assert found.growth >= 1.0
    assert found.low["power"] <= found.share["power"] <= found.high["power"] <= power + 1e-12
    assert set(found.share) == {"power", "cost"}
    assert found.growth == pytest.approx((1.0 - cost) ** -elasticity().value)


def test_a_saving_of_power_without_one_of_cost_stays() -> None:
    assert rebound({"power": 0.3, "cost": 0.0}).share["power"] == pytest.approx(0.3)


def test_elastic_demand_spends_more_than_it_saved() -> None:
    found = rebound({"power": 0.5, "cost": 0.5})
    assert elasticity().high > 1.0 > elasticity().low
    assert found.low["cost"] < 0.0 < found.high["cost"]


def test_an_infeasible_plan_has_none() -> None:
    assert math.isnan(rebound({"power": math.nan, "cost": math.nan}).share["power"])
