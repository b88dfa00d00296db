"""Software of operation is paid by the share of work that it may move, and only where it pays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.plan.columns.test_deployment import column
from tests.plan.operate.test_response import CALLS, LONGEST_S, SHARE, WEEK, days
from tests.plan.test_compute import HOURS, hall
from wattpath.plan.build import needs_of
from wattpath.plan.compute import Need, add_compute, slots
from wattpath.plan.operate.adoption import SHIFTING
from wattpath.plan.operate.provisioning import OVERSUBSCRIPTION, add_provision
from wattpath.plan.operate.response import RESPONSE
from wattpath.plan.optimise import Optimiser
from wattpath.plan.scenario import load
from wattpath.supply.options import Scale
from wattpath.supply.periods import full_year
from wattpath.supply.program import Program


def paying(once: dict[str, float]) -> Optimiser:
    free = days(CALLS)
    need = Need("batch", 10.0, np.ones(HOURS), True, SHARE, shed=SHARE, shed_s=LONGEST_S, once=once)
    parts = replace(free.parts, needs=(need,))
    one = column(10.0, idle=0.2e6, full=1e6, demand="batch")
    return Optimiser(parts, slots([one], [hall()]), WEEK)


def test_shifting_costs_its_people_once_and_all_of_them_for_all_work() -> None:
    both = frozenset({SHIFTING})
    free, paid = paying({SHIFTING: 0.0, RESPONSE: 0.0}), paying({SHIFTING: 5e3, RESPONSE: 0.0})
    with_free, with_paid = free.solve(both), paid.solve(both)
    share = float(sum(with_paid.x[c].sum() for c in paid.compute.adopted[SHIFTING]))
    assert share == pytest.approx(1.0)
    scale = paid.parts.scale.money_usd
    assert (with_paid.objective - with_free.objective) * scale == pytest.approx(5e3, rel=1e-6)
    assert paid.used_players(with_paid) == both


def test_what_costs_more_than_it_saves_is_not_adopted() -> None:
    dear = paying({SHIFTING: 1e12, RESPONSE: 1e12})
    found = dear.solve(frozenset({SHIFTING, RESPONSE}))
    assert found.objective == pytest.approx(dear.solve(frozenset()).objective)
    assert not dear.used_players(found)


def test_a_promise_to_the_grid_needs_the_software_that_answers() -> None:
    block = paying({SHIFTING: 0.0, RESPONSE: 1e12})
    found = block.solve(frozenset({SHIFTING, RESPONSE}))
    assert block.used_players(found) == {SHIFTING}
    assert found.x[block.promised[0]] == pytest.approx(0.0, abs=1e-9)


def test_only_capped_units_pay_for_their_controller() -> None:
    one = replace(column(1e6, idle=0.4e6, full=1e6), rated_w=1.4e6)
    need = Need("chat", 10.0, np.ones(HOURS), flexible=False)
    sizes = []
    for usd in (0.0, 1e3, 1e12):
        program, periods = Program(), full_year()
        block = add_compute(program, [need], [hall()], slots([one], [hall()]), periods, Scale())
        add_provision(program, block, 1.25, usd)
        solution = program.solve()
        sizes.append(block.hall_w(solution.x, 0) / 1e6)
        if usd == 1e3:
            assert solution.x[block.adopted[OVERSUBSCRIPTION][0]].sum() == pytest.approx(5.0)
    assert sizes == pytest.approx([5.6, 5.6, 7.0])


def test_a_scenario_pays_person_months_of_what_it_offers() -> None:
    batch = ["demands.0.ttft=null", "demands.0.tpot=null", "demands.0.deadline=24 hours"]
    offered = [*batch, "options.levers=[load-shifting]"]
    (need,) = needs_of(load("examples/enterprise.yaml", offered))
    assert set(need.once) == {SHIFTING}
    assert 2e4 < need.once[SHIFTING] < 1e5  # six months of people over a server's life
    assert not needs_of(load("examples/enterprise.yaml", batch))[0].once
