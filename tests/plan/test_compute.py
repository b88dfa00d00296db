"""The compute and facility blocks against hand-made cases with a simple supply."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from wattpath.plan.compute import (
    Hall,
    Need,
    add_compute,
    slots,
)
from wattpath.plan.sitepower import add_facility_load
from wattpath.supply.block import add_supply
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import full_year
from wattpath.supply.program import Program
from wattpath.supply.site import site_hours
from wattpath.supply.technology import load_technology

HOURS = 8760
DAY = np.tile(np.r_[np.full(12, 0.5), np.full(12, 1.0)], 365)


def hall(key: str = "air", variable: float = 1.2, fixed: float = 0.0, *, new: bool = False) -> Hall:
    return Hall(
        key=key,
        cooling=key,
        electrical="ups",
        name=key,
        accepts=("air",),
        new=new,
        variable=np.full(HOURS, variable),
        fixed=fixed,
        water=np.zeros(HOURS),
        cost_usd_per_w_year=0.5,
        capital_usd_per_w=5.0,
        lead_time_months=12.0,
    )


def solve(needs, halls, columns, price_usd_mwh, *, shift=True, whole=False):  # type: ignore[no-untyped-def]
    periods, scale = full_year(), Scale()
    site = site_hours("us-chicago", grid_price_usd_j=price_usd_mwh / 3.6e9)
    program = Program()
    supply = add_supply(
        program, [load_technology("grid")], site, periods, SupplyOptions(), scale=scale
    )
    chosen = slots(columns, halls)
    block = add_compute(program, needs, halls, chosen, periods, scale, whole=whole)
    add_facility_load(program, block, supply)
    if not shift:
        for index in block.shift.values():
            program.set_bounds(index, 0.0, 0.0)
    return program.solve(), block, periods, supply.output["grid"]


def test_interactive_power_follows_the_load() -> None:
    one = column(1e6, idle=0.4e6, full=1e6)  # capacity 2 per unit
    need = Need("chat", 10.0, DAY, flexible=False)
    solution, block, periods, grid = solve([need], [hall(fixed=0.1)], [one], np.full(HOURS, 10.0))
    units = solution.x[block.units[0]]
    assert units == pytest.approx(5.0)
    expected = units * (0.4 + 0.6 * DAY)
    np.testing.assert_allclose(block.it_w(solution.x, periods)[0] / 1e6, expected, atol=1e-6)
    np.testing.assert_allclose(solution.x[grid], 1.2 * expected + 0.1 * units, atol=1e-6)
    assert solution.x[block.capacity[0]] == pytest.approx(units)


def test_flexible_work_moves_to_cheap_hours_and_keeps_its_energy() -> None:
    one = column(10.0, idle=0.0, full=1e6)
    price = np.tile(np.r_[np.full(12, 300.0), np.full(12, 1.0)], 365)
    need = Need("chat", 10.0, np.ones(HOURS), flexible=True, movable=0.5)
    still, block, periods, _ = solve([need], [hall()], [one], price, shift=False)
    moved, _, _, _ = solve([need], [hall()], [one], price)
    assert moved.objective < still.objective
    before, after = (block.it_w(s.x, periods)[0] / 1e6 for s in (still, moved))
    np.testing.assert_allclose(before, 5.0, atol=1e-5)
    np.testing.assert_allclose(
        after.reshape(365, 24).sum(axis=1), before.reshape(365, 24).sum(axis=1), rtol=1e-6
    )
    assert after[:12].max() == pytest.approx(2.5, abs=1e-4)  # half of it may leave
    assert after[12:24].mean() == pytest.approx(7.5, abs=1e-4)


def test_the_cheaper_hall_wins_and_players_are_told_apart() -> None:
    halls = [hall("old", 1.5), hall("new", 1.1, new=True)]
    one = column(1e3, idle=0.0, full=1e6, players=frozenset({"fp4"}))
    chosen = slots([one], halls)
    assert [slot.players for slot in chosen] == [{"fp4"}, {"fp4", "cooling"}]
    need = Need("chat", 2.0, np.ones(HOURS), flexible=False)
    solution, block, _, _ = solve([need], halls, [one], np.full(HOURS, 100.0))
    np.testing.assert_allclose(solution.x[block.units], [0.0, 1.0], atol=1e-6)


def test_whole_units_round_up() -> None:
    one = column(1e6, idle=0.4e6, full=1e6)
    need = Need("chat", 9.0, np.ones(HOURS), flexible=False)
    solution, block, _, _ = solve([need], [hall()], [one], np.full(HOURS, 10.0), whole=True)
    assert solution.x[block.units[0]] == pytest.approx(5.0)


def test_a_liquid_server_finds_no_air_hall() -> None:
    assert slots([column(1.0, cooling=("liquid",))], [hall()]) == ()
