"""Questions of scenarios that lend servers or work at other sites: the same numbers as the plan."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conftest import TINY
from tests.plan.finance.test_projects import ALL_LIVES, plain_terms
from wattpath.economics.cashflow import statement
from wattpath.plan import scenario, study
from wattpath.plan.finance.projects import projects_of
from wattpath.plan.frontier import frontier_of
from wattpath.plan.place import power
from wattpath.plan.questions.fit import fit
from wattpath.plan.questions.place import place
from wattpath.plan.questions.shock import shock
from wattpath.plan.result import PLANS, PlanResult
from wattpath.plan.scenario import Scenario
from wattpath.plan.uncertainty.model import Draws, Frame, Solved
from wattpath.plan.uncertainty.reading import FIELDS
from wattpath.plan.uncertainty.study import central_case, prepare
from wattpath.progress import silent

LEVERS = {"lent": ["capacity-sharing"], "far": ["place-shifting"], "alone": []}
DALLAS = {"site": "us-dallas", "power": "1 MW", "network": "10 Gbit/s"}


def raw(kind: str, **changes: Any) -> dict[str, Any]:
    """Office chat with batch beside it, large enough that lending repays its software."""
    made = copy.deepcopy(TINY)
    chat = made["demands"][0] | {"requests": "2000M requests/day"}
    shared = {key: chat[key] for key in ("kind", "model", "input_tokens", "output_tokens")}
    batch = {"name": "batch", "requests": "600M requests/day", "deadline": "24 h", **shared}
    made["demands"], made["months_available"] = [chat, batch], 36
    made["options"] = {"levers": LEVERS[kind]}
    made["grid"] = {"existing": "20 MW"}
    if kind == "far":
        made["grid"] = {"existing": "4.5 MW", "limit": "4.5 MW"}
        made["other_sites"] = [DALLAS]
    return made | changes


def asked(kind: str, **changes: Any) -> Scenario:
    return scenario.from_dict(raw(kind, **changes))


@pytest.fixture(scope="module")
def plans() -> dict[str, PlanResult]:
    return {kind: study.run(asked(kind), attribute=False) for kind in ("lent", "far")}


def test_the_scenarios_do_use_what_they_offer(plans: dict[str, PlanResult]) -> None:
    cost = {name: one.cost_usd_per_year for name, one in plans["lent"].plans.items()}
    assert cost["red"] < 0.95 * cost["baseline"]
    assert any(c.deployment.need_name for c in plans["lent"].plans["both"].chosen)
    assert any("Dallas" in built.name for built in plans["far"].plans["both"].supply)


@pytest.mark.parametrize("kind", ["lent", "far"])
def test_the_central_case_is_the_plan_and_draws_move_it(
    kind: str, plans: dict[str, PlanResult]
) -> None:
    own = asked(kind)
    start = central_case(own, *prepare(own))
    for name in PLANS:
        for field in FIELDS:
            found = getattr(start.base[name], field)
            assert found == pytest.approx(getattr(plans[kind].plans[name], field), rel=1e-6)
    assert isinstance(start.model, Draws)
    assert isinstance(start.solved, Solved)
    frame = Frame(0, None, start.solved.days.periods)
    key = {"lent": "one-off", "far": "grid-price us-dallas"}[kind]
    assert key in {one.key for one in start.inputs}
    middle, high = (start.model.fast({key: z}, frame)["both"] for z in (0.0, 1.0))
    assert middle.cost_usd_per_year == pytest.approx(start.base["both"].cost_usd_per_year, rel=3e-3)
    assert high.cost_usd_per_year > middle.cost_usd_per_year
    full = start.model.full({key: 1.0})["both"]
    assert high.cost_usd_per_year == pytest.approx(full.cost_usd_per_year, rel=3e-3)


@pytest.mark.parametrize("kind", ["lent", "far"])
def test_a_frontier_ends_at_the_plan(kind: str, plans: dict[str, PlanResult]) -> None:
    found = frontier_of(asked(kind), "date", 1, silent)
    cheapest = plans[kind].plans["both"]
    assert found.points[-1].cost_usd == pytest.approx(cheapest.cost_usd_per_year, rel=1e-6)
    assert found.points[-1].value == pytest.approx(cheapest.months_to_power)


def test_a_shock_starts_from_years_that_lend() -> None:
    own = asked("lent", horizon={"years": 2})
    answer = shock(own, silent, factor=4.0, year=2)
    path = study.run(own, attribute=False).years
    assert path is not None
    assert answer.before_usd == pytest.approx(path.paths["both"].found_npv_usd, rel=1e-6)
    assert answer.same is not None
    assert answer.same.unused_servers == pytest.approx(0.75, abs=0.01)


def test_a_shock_knows_the_grid_of_other_sites() -> None:
    narrow = asked("alone", grid={"existing": "4.5 MW", "limit": "4.5 MW"})
    assert "falls short" in shock(narrow, silent, factor=4.0).reasons[0]
    assert shock(asked("far"), silent, factor=4.0).feasible


@pytest.mark.parametrize("kind", ["lent", "far"])
def test_the_power_of_a_plan_fits_the_plan(kind: str, plans: dict[str, PlanResult]) -> None:
    own = plans[kind].plans["both"]
    there = sum(built.capacity_w for built in own.supply if "Dallas" in built.name)
    best = fit(asked(kind), 4e6, silent).plans["both"]
    assert best.worst is not None
    assert best.worst.facility_w == pytest.approx(4e6, rel=1e-4)
    less = 4e6 / (own.facility_power_peak_w - there)
    assert best.multiple == pytest.approx(less, rel=2e-3)


def test_places_lend_and_are_no_other_site_to_themselves() -> None:
    cost = {}
    for kind in LEVERS:
        found = place(asked(kind), silent, sites=("us-dallas",), draws=2)
        cost[kind] = found.ranked[0].standings["cost"].value
        assert found.gap < 0.01
    assert cost["lent"] < 0.95 * cost["alone"]
    assert cost["far"] == pytest.approx(cost["alone"], rel=1e-6)


@pytest.mark.parametrize("kind", ["lent", "far"])
def test_lenders_and_owners_pay_all_of_it(kind: str, plans: dict[str, PlanResult]) -> None:
    found_of = projects_of(asked(kind), plans[kind], plain_terms(), ALL_LIVES)
    for plan, project in found_of.items():
        found = statement(project.assets, project.running, project.output, plain_terms())
        assert found.price_usd == pytest.approx(project.plan_usd_per_million, rel=1e-6), plan


def test_a_site_supplies_its_own_load_only(
    plans: dict[str, PlanResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = plans["far"].plans["both"]
    monkeypatch.setattr(power, "of_plan", lambda *_: both)
    load = power.facility_load(asked("far"), None, silent)
    there = sum(built.energy_wh for built in both.supply if "Dallas" in built.name)
    assert there > 0.0
    assert load.power_w.sum() == pytest.approx(both.energy_wh_per_year - there, rel=1e-6)
