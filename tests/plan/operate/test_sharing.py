"""Serving's idle servers do flexible work: less is bought, no hour is used twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from tests.plan.test_compute import DAY, HOURS, hall
from wattpath.plan.compute import Need, Slot, add_compute, slots
from wattpath.plan.operate import sharing
from wattpath.plan.scenario import load
from wattpath.plan.sitepower import add_facility_load
from wattpath.plan.start import players_of
from wattpath.supply.block import add_supply
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import Periods
from wattpath.supply.program import Program
from wattpath.supply.site import site_hours
from wattpath.supply.technology import load_technology

CHAT = Need("chat", 10.0, DAY, flexible=False)
BATCH = Need("batch", 4.0, np.ones(HOURS), flexible=True)
WEEK = Periods(np.arange(168), np.full(168, HOURS / 168), 24, np.zeros(365, dtype=np.int64))


def solve(share: float = 0.6, swap_s: float = 600.0, server: str = "s"):  # type: ignore[no-untyped-def]
    chat = column(1e6, idle=0.4e6, full=1e6)
    batch = replace(column(1e6, idle=0.4e6, full=1e6, demand="batch"), server=server)
    lent = sharing.lent_needs([CHAT, BATCH], share, swap_s)
    needs = [CHAT, BATCH, *lent]
    own = slots([chat, batch], [hall()])
    borrowed = [
        Slot(replace(batch, need_name=need.name, cost_usd_per_year=0.0, idle_w=0.0, full_w=6e5), 0,
             frozenset({sharing.SHARING}))
        for need in lent
    ]  # fmt: skip
    program, scale = Program(), Scale()
    site = site_hours("us-chicago", grid_price_usd_j=np.full(HOURS, 50 / 3.6e9))
    supply = add_supply(program, [load_technology("grid")], site, WEEK, SupplyOptions())
    block = add_compute(program, needs, [hall()], (*own, *borrowed), WEEK, scale)
    sharing.add_pools(program, block)
    add_facility_load(program, block, supply)
    return program.solve(), block


def test_less_is_bought_and_all_work_is_done() -> None:
    alone, _ = solve(share=0.0)
    together, block = solve()
    lent = block.needs[2]
    assert together.objective < alone.objective
    assert alone.x[block.units[1]] == pytest.approx(2.0)
    work = together.x[block.work["batch"]].sum() + together.x[block.work[lent.name]].sum()
    assert work == pytest.approx(1.0)
    # Five servers lend 0.6 x half of themselves for twelve hours, less two swaps of ten minutes.
    duty = 0.3 * (12 - 2 / 6) / 24
    assert lent.duty == pytest.approx(duty)
    done = together.x[block.work[lent.name]].sum() * BATCH.rate
    assert done == pytest.approx(5.0 * duty * 2.0)
    assert together.x[block.units[1]] == pytest.approx((4.0 - done) / 2.0)


def test_no_hour_uses_more_servers_than_stand() -> None:
    solution, block = solve(share=1.0)
    key = (block.needs[2].name, 0)
    lent = (solution.x[block.mean[key]] + solution.x[block.shift[key]]) * 1e6 / 0.6e6
    serving = solution.x[block.units[0]] * WEEK.take(DAY)
    assert (lent >= -1e-9).all()
    assert (lent + serving).max() <= solution.x[block.units[0]] + 1e-6
    assert lent.reshape(7, 24).sum(axis=1) == pytest.approx(lent[:24].sum())


def test_swaps_take_time_until_nothing_is_left_to_lend() -> None:
    quick, slow = (sharing.lent_needs([CHAT, BATCH], 0.6, swap_s)[0] for swap_s in (60.0, 3600.0))
    assert slow.duty < quick.duty
    assert slow.effort > quick.effort > 1.0
    assert sharing.lent_needs([CHAT, BATCH], 0.6, 6.5 * 3600.0) == ()
    flat = replace(CHAT, load=np.ones(HOURS))
    assert sharing.lent_needs([flat, BATCH], 0.6, 600.0) == ()


def test_servers_of_another_kind_lend_nothing() -> None:
    _, block = solve(server="other")
    alone, _ = solve(share=0.0)
    together, _ = solve(server="other")
    assert together.objective == pytest.approx(alone.objective)
    assert len(block.slots) == 3


def test_lending_costs_only_its_part_of_the_one_off_work() -> None:
    from wattpath.plan.prices import Prices

    scenario = load("examples/enterprise.yaml", ["options.levers=[capacity-sharing]"])
    key = scenario.baseline.server
    chat, batch = (replace(column(1e6, demand=d), server=key) for d in ("chat", "batch"))
    needs = sharing.lent_needs([CHAT, BATCH], 0.6, 600.0)
    (slot,) = sharing.lent_slots(
        scenario, needs, slots([chat, batch], [hall()]), Prices.of(scenario)
    )
    lent = slot.deployment
    assert lent.need == needs[0].name
    assert lent.demand == "batch"
    assert 0.0 < lent.cost_usd_per_year == lent.once_usd_per_year < 0.2 * batch.cost_usd_per_year
    assert lent.full_w == batch.full_w - batch.idle_w
    assert (lent.chips, lent.idle_w, lent.embodied_kg_per_year) == (0.0, 0.0, 0.0)
    assert sharing.SHARING in slot.players


def test_lending_is_software() -> None:
    scenario = load("examples/enterprise.yaml", ["options.levers=[capacity-sharing]"])
    assert sharing.SHARING in players_of(scenario)["red"]
