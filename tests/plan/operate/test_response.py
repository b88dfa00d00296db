"""Calls of the grid: work pauses then and only then, comes back that day, and is paid for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from tests.plan.test_compute import HOURS, hall
from wattpath.plan.build import calls_of
from wattpath.plan.compute import Need, slots
from wattpath.plan.operate.response import RESPONSE, Calls
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.scenario import load
from wattpath.plan.years.horizon import years_of
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import Periods
from wattpath.supply.site import site_hours
from wattpath.supply.technology import load_technology

WEEK = Periods(np.arange(168), np.full(168, HOURS / 168), 24, np.zeros(365, dtype=np.int64))
PRICE = np.tile(np.r_[np.full(16, 50.0), np.full(4, 50.0), np.full(4, 60.0)], 365) / 3.6e9
PRICE[20:24] = 900.0 / 3.6e9  # the first evening is the grid's worst
SHARE, LONGEST_S = 0.25, 3 * 3600.0


def days(calls: Calls | None, curtailed_h: float = 0.0, movable: float = 0.0) -> Optimiser:
    need = Need("batch", 10.0, np.ones(HOURS), True, movable, shed=SHARE, shed_s=LONGEST_S)
    site = site_hours("us-chicago", grid_price_usd_j=PRICE)
    parts = Parts(
        needs=(need,),
        halls=(hall(),),
        technologies=(load_technology("grid"), load_technology("gas-simple-cycle")),
        base_supply=frozenset({"grid", "gas-simple-cycle"}),
        site=replace(site, curtailed_h=curtailed_h),
        options=SupplyOptions(months=120.0),
        scale=Scale(),
        whole=False,
        calls=calls,
    )
    one = column(10.0, idle=0.2e6, full=1e6, demand="batch")
    return Optimiser(parts, slots([one], [hall()]), WEEK)


CALLS = Calls(hours=4 * HOURS / 168, usd_per_w_year=0.05)


def test_work_pauses_when_called_and_comes_back_that_day() -> None:
    block = days(CALLS)
    without = block.solve(frozenset())
    still = block.it_w(without.x)
    assert still == pytest.approx(still[0])
    answered = block.solve(frozenset({RESPONSE}))
    shift = answered.x[block.compute.shift["batch", 0]]
    mean = 0.8 * 5.0
    assert np.flatnonzero(block.called).tolist() == [20, 21, 22, 23]
    given = -shift[20:24]
    assert (given <= SHARE * mean * (1 + 1e-6)).all()
    assert given.sum() == pytest.approx(SHARE * mean * 3.0)  # three hours of four
    assert shift[:24].sum() == pytest.approx(0.0, abs=1e-9)
    assert np.abs(shift[24:]).max() == pytest.approx(0.0, abs=1e-9)
    assert RESPONSE in block.used_players(answered)


def test_what_is_promised_in_every_called_hour_is_paid() -> None:
    block = days(CALLS)
    without, answered = block.solve(frozenset()), block.solve(frozenset({RESPONSE}))
    promised = float(answered.x[block.promised[0]]) * 1e6
    assert promised == pytest.approx(SHARE * 0.8e6 * 5.0 * 3.0 / 4.0 * 1.2)  # at the meter
    unpaid = days(Calls(CALLS.hours, 0.0)).solve(frozenset({RESPONSE}))
    assert answered.objective < unpaid.objective < without.objective
    assert without.x[block.promised[0]] == 0.0


def test_an_agreement_needs_less_own_supply_and_pays_nothing() -> None:
    block = days(CALLS, curtailed_h=CALLS.hours)
    assert block.promised.size == 0
    gas = block.supply.capacity["gas-simple-cycle"]
    without, answered = block.solve(frozenset()), block.solve(frozenset({RESPONSE}))
    assert answered.x[gas] < without.x[gas]
    assert answered.objective < without.objective


def test_nothing_moves_where_nobody_answers() -> None:
    block = days(None)
    assert not block.called.any()
    assert block.solve(frozenset({RESPONSE})).objective == pytest.approx(
        block.solve(frozenset()).objective
    )


def test_calls_are_answered_once_the_lever_is_adopted() -> None:
    given = ["options.levers=[demand-response]", "horizon.years=3", "months_available=4"]
    years = years_of(load("examples/enterprise.yaml", given))
    assert [calls_of(year.scenario) is None for year in years] == [True, False, False]
