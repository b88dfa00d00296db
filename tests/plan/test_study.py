"""Whole plans on small scenarios: order of the four, sums that add up, balances, reasons."""

from __future__ import annotations

import copy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wattpath.errors import InputError
from wattpath.plan import scenario, study
from wattpath.plan.coalitions import Coalitions, Halves
from wattpath.plan.kept import keeping
from wattpath.plan.optimise import Optimiser
from wattpath.plan.result import PLANS, PlanResult
from wattpath.plan.saving import coalitions_of

RAW: dict[str, Any] = {
    "name": "Small mix",
    "site": "us-abilene",
    "months_available": 48,
    "demands": [
        {
            "name": "chat",
            "kind": "serving",
            "model": "Llama 3.1 8B",
            "requests": "900M requests/day",
            "input_tokens": 900,
            "output_tokens": 300,
            "shared_prefix": 0.3,
            "ttft": "2 s",
            "tpot": "40 ms",
        },
        {
            "name": "batch",
            "kind": "serving",
            "model": "Llama 3.1 8B",
            "requests": "300M requests/day",
            "input_tokens": 3000,
            "output_tokens": 300,
            "deadline": "24 h",
        },
    ],
    "grid": {"limit": "2 MW"},
    "baseline": {
        "server": "nvidia-dgx-h100",
        "cooling": "air-chiller-economiser",
        "electrical": "modern-double-conversion",
        "supply": ["grid", "gas-simple-cycle"],
        "levers": ["prefix-caching"],
    },
    "options": {
        "servers": ["nvidia-dgx-b200"],
        "cooling": ["air-evaporative-hyperscale"],
        "supply": ["solar-single-axis", "battery-lithium"],
        "levers": ["fp8-weights", "load-shifting"],
    },
}


def solved(**changes: Any) -> PlanResult:
    raw = copy.deepcopy(RAW)
    raw.update(changes)
    return study.run(scenario.from_dict(raw))


@pytest.fixture(scope="module")
def result() -> PlanResult:
    return solved()


def test_more_freedom_never_costs_more(result: PlanResult) -> None:
    cost = {name: plan.cost_usd_per_year for name, plan in result.plans.items()}
    assert result.feasible
    assert cost["blue"] <= cost["baseline"] * (1 + 1e-7)
    assert cost["red"] <= cost["baseline"] * (1 + 1e-7)
    assert cost["both"] <= min(cost["blue"], cost["red"]) * (1 + 1e-7)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.floats(0.5, 6.0),
    st.floats(0.0, 200.0),
    st.floats(20.0, 120.0),
    st.booleans(),
)
def test_order_holds_for_any_prices(
    limit_mw: float, carbon_usd_t: float, price: float, whole: bool
) -> None:
    raw = copy.deepcopy(RAW)
    raw["grid"] = {"limit": f"{limit_mw} MW", "price": f"{price} USD/MWh"}
    raw["carbon"] = {"price": f"{carbon_usd_t} USD/t"}
    raw["whole_units"] = whole
    raw["options"]["supply"] = ["gas-reciprocating-engine", "solar-single-axis"]
    plans = study.run(scenario.from_dict(raw), attribute=False).plans
    cost = {name: plan.cost_usd_per_year for name, plan in plans.items()}
    slack = 1 + (1e-5 if whole else 1e-7)
    assert cost["both"] <= min(cost["blue"], cost["red"]) * slack
    assert max(cost["blue"], cost["red"]) <= cost["baseline"] * slack


def test_attribution_adds_up_in_every_column(result: PlanResult) -> None:
    base, both = result.plans["baseline"], result.plans["both"]
    for column, field in (
        ("power_w", "facility_power_peak_w"),
        ("cost_usd_per_year", "cost_usd_per_year"),
        ("carbon_kg_per_year", "carbon_kg_per_year"),
        ("energy_wh_per_year", "energy_wh_per_year"),
    ):
        total = sum(getattr(row, column) for row in result.attribution)
        assert total == pytest.approx(getattr(base, field) - getattr(both, field), rel=1e-9)


def test_parts_of_cost_and_carbon_add_up(result: PlanResult) -> None:
    for plan in result.plans.values():
        assert sum(plan.cost_parts.values()) == pytest.approx(plan.cost_usd_per_year, rel=1e-6)
        assert sum(plan.carbon_parts.values()) == pytest.approx(plan.carbon_kg_per_year)


def test_supply_meets_the_load_in_every_hour(result: PlanResult) -> None:
    for plan in result.plans.values():
        assert plan.hourly is not None
        supply = sum(plan.hourly.supply_w.values())
        gap = np.abs(supply - plan.hourly.facility_w).max()
        assert gap <= 1e-5 * plan.facility_power_peak_w
        assert np.all(plan.hourly.pue >= 1.0)
        assert plan.energy_wh_per_year == pytest.approx(plan.hourly.facility_w.sum())


def test_the_demand_is_served(result: PlanResult) -> None:
    for plan in result.plans.values():
        for name in ("chat", "batch"):
            own = [item for item in plan.chosen if item.deployment.demand == name]
            need = own[0].deployment.figures["need"]
            capacity = sum(item.units * item.deployment.capacity for item in own)
            assert capacity >= need * (1 - 1e-6)
            assert sum(item.share for item in own) == pytest.approx(1.0)


def test_only_red_and_both_use_software_and_only_blue_and_both_new_chips(
    result: PlanResult,
) -> None:
    for name in PLANS:
        used = {lever for item in result.plans[name].chosen for lever in item.deployment.levers}
        servers = {item.deployment.server for item in result.plans[name].chosen}
        if name in ("baseline", "blue"):
            assert used == {"prefix-caching"}
        if name in ("baseline", "red"):
            assert servers == {"nvidia-dgx-h100"}


#: Players of the coalitions below.
NAMES = ("precision", "load-shifting", "chips", "cooling", "supply")


@pytest.fixture(scope="module")
def days() -> Optimiser:
    """The programme of representative days."""
    question = scenario.from_dict(RAW)
    prices = study.Prices.of(question)
    halls = study.halls_of(question, study.weather_of(question), prices.book)
    columns = study.search(question, prices, lambda stage, share: None)
    parts = study.parts_of(question, study.weather_of(question), halls.halls, 5e6)
    periods = study.search_periods(parts)
    return Optimiser(parts, study.slots(columns.deployments, halls.halls), periods)


def test_a_coalition_that_is_known_from_a_larger_one_is_right(days: Optimiser) -> None:
    """Each inherited value equals a solve of its own, alone or in halves."""
    coalitions = Coalitions(days, NAMES)
    masks = sorted(range(32), key=lambda mask: -mask.bit_count())
    values = {mask: coalitions.value(mask) for mask in masks}
    assert len(coalitions.solved) < 32
    halves = Halves(partial(coalitions_of, days, NAMES))
    halves.solve_all(lambda share: None)
    for mask in masks:
        members = frozenset(name for i, name in enumerate(NAMES) if mask >> i & 1)
        cost = days.headline(days.solve(members))[1]
        assert -values[mask][1] == pytest.approx(cost, rel=1e-6)
        assert -halves.value(mask)[1] == pytest.approx(cost, rel=1e-6)


def test_an_interrupted_split_goes_on(
    days: Optimiser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []

    def interrupt(share: float) -> None:
        told.append(share)
        if len(told) == 2:
            raise KeyboardInterrupt

    with keeping(tmp_path):
        with pytest.raises(KeyboardInterrupt):
            Coalitions(days, NAMES).solve_all(interrupt)
        first = Coalitions(days, NAMES)
        before = len(first.solved)
        first.solve_all(lambda share: None)
        assert 0 < before < len(first.solved)
    with keeping(tmp_path):
        again = Coalitions(days, NAMES)
        monkeypatch.setattr(days, "solve", None)  # nothing is left to solve
        for mask in range(32):
            assert again.value(mask).tolist() == first.value(mask).tolist()
        monkeypatch.undo()
        days.program.set_cost([0], days.program.cost([0]) + 1.0)
        assert not Coalitions(days, NAMES).solved  # another programme
        days.program.set_cost([0], days.program.cost([0]) - 1.0)


def test_same_input_same_output(result: PlanResult) -> None:
    again = solved().to_json()
    first = result.to_json()
    for answer in (first, again):
        answer.pop("seconds")
    assert again == first


def test_price_of_carbon_never_raises_emissions() -> None:
    plain, priced = (
        study.run(scenario.from_dict({**RAW, "carbon": {"price": p}}), attribute=False)
        for p in ("0 USD/t", "500 USD/t")
    )
    before = plain.plans["both"].carbon_parts["supply (direct)"]
    after = priced.plans["both"].carbon_parts["supply (direct)"]
    assert after <= before * (1 + 1e-6)


def test_a_supply_that_is_too_small_says_by_how_much() -> None:
    base = {**RAW["baseline"], "supply": ["grid"]}
    result = solved(baseline=base, options={}, grid={"limit": "1 MW"})
    assert not result.feasible
    (reason,) = result.plans["baseline"].reasons
    assert "falls short by" in reason
    assert "MW" in reason
    assert "grid.limit" in reason


def test_too_little_time_for_a_hall_is_an_answer() -> None:
    result = solved(months_available=3)
    assert not result.feasible
    assert "months" in result.plans["both"].reasons[0]


def test_a_quality_floor_keeps_lossy_levers_out() -> None:
    demands = copy.deepcopy(RAW["demands"])
    for demand in demands:
        demand["quality"] = {"max_loss_nats": 0.0}
    options = {**RAW["options"], "levers": ["fp4-weights"], "servers": ["nvidia-dgx-b200"]}
    result = solved(demands=demands, options=options)
    used = {lever for item in result.plans["both"].chosen for lever in item.deployment.levers}
    assert "fp4-weights" not in used
    assert any(row.reason == "quality floor" for row in result.refusals)


def test_a_baseline_that_contradicts_itself_is_refused() -> None:
    raw = copy.deepcopy(RAW)
    raw["baseline"]["levers"] = ["fp8-weights", "fp4-weights"]
    with pytest.raises(InputError, match=r"baseline\.levers must stand together"):
        study.run(scenario.from_dict(raw))


def test_without_options_all_plans_are_one(tiny: dict[str, Any]) -> None:
    result = study.run(scenario.from_dict({**tiny, "options": {}}))
    assert result.attribution == ()
    assert result.replaceable_share["cost"] == pytest.approx(0.0, abs=1e-9)
