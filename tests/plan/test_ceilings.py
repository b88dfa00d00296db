"""What one unit more of a ceiling is worth: the dual is the slope of the cost."""

from __future__ import annotations

import copy

import pytest

from tests.conftest import TINY
from wattpath.plan import scenario
from wattpath.plan.ceilings import step, worths
from wattpath.plan.frontier import AXES, Ground, with_limit
from wattpath.plan.limits import binding
from wattpath.progress import silent


def ground_of(key: str) -> Ground:
    """A choice between halls that take water and halls that take power, one of which stands."""
    made = copy.deepcopy(TINY)
    made["demands"][0]["requests"] = "300M requests/day"
    made["grid"] = {"existing": "2 MW"}
    made["options"]["cooling"] = ["air-evaporative-hyperscale"]
    if key == "power":
        made["baseline"]["standing_hall"] = "1 MW"
    return Ground(scenario.from_dict(made), silent)


@pytest.mark.parametrize(("key", "unit"), [("water", "USD/m3"), ("power", "USD/W/year")])
def test_the_worth_of_a_ceiling_is_the_slope_of_the_cost(key: str, unit: str) -> None:
    ground = ground_of(key)
    axis = AXES[key]
    cheapest = axis.of(ground.plan(ground.scenario))
    least = ground.least(axis)
    costs, found = [], []
    middle = 0.5 * (least + cheapest)
    for ceiling in (middle, 1.001 * middle):
        days = ground.days(with_limit(ground.scenario, axis, ceiling))
        solution = days.solve(ground.players)
        assert solution.optimal
        costs.append(solution.objective * days.parts.scale.money_usd)
        found.append(list(worths(days, solution)))
        assert found[-1][0] in binding(days, solution, ground.players)
    (first,), (second,) = found
    slope = (costs[0] - costs[1]) / (0.001 * middle)
    assert second.worth * (1 - 1e-6) <= slope <= first.worth * (1 + 1e-6)
    assert (first.constraint, first.unit) == (axis.path, unit)
    assert f"{first.constraint} binds at" in first.sentence
    for limited in (with_limit(ground.scenario, axis, 1e3 * cheapest), ground.scenario):
        days = ground.days(limited)
        assert list(worths(days, days.solve(ground.players))) == []


def test_a_limit_is_told_in_a_step_small_beside_it() -> None:
    assert [step(limit) for limit in (1e9, 3e5, 500.0, 3.0)] == [
        (1e6, "MW"),
        (1e3, "kW"),
        (1.0, "W"),
        (1.0, "W"),
    ]
