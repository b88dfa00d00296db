"""Chains behind the numbers of a plan: they end with the number, and come out at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from wattpath.errors import InputError
from wattpath.plan import explain
from wattpath.plan.explain.step import Step
from wattpath.plan.result import PLANS, PlanResult


@pytest.fixture(scope="module")
def known(tiny_answer: PlanResult) -> dict[str, Step]:
    return {step.factor: step for step in explain.names(tiny_answer.asked, tiny_answer)}


def factors(result: PlanResult, number: str) -> dict[str, float]:
    """Factor -> value, the number itself left out."""
    return {step.factor: step.value for step in result.explain(number)[:-1]}


def one(found: dict[str, float], word: str) -> float:
    """The only factor with a word in it."""
    (value,) = [value for factor, value in found.items() if word in factor]
    return value


def test_every_number_has_a_chain_that_ends_with_it(
    tiny_answer: PlanResult, known: dict[str, Step]
) -> None:
    assert len(known) > 100
    for number, step in known.items():
        steps = tiny_answer.explain(number)
        assert steps[-1].factor == number
        assert steps[-1].value == pytest.approx(step.value, nan_ok=True)
        assert len(steps) > 1
        assert all(each.source and each.evidence and each.unit for each in steps)


def test_every_headline_of_every_plan_is_a_number(known: dict[str, Step]) -> None:
    assert {f"{plan}.{field}" for plan in PLANS for field in explain.FIELDS} <= set(known)


def test_the_factors_come_out_at_the_number(tiny_answer: PlanResult) -> None:
    both = tiny_answer.plans["both"]
    peak = factors(tiny_answer, "both.facility_power_peak_w")
    assert one(peak, "IT power in the highest hour") * one(peak, "PUE in the highest hour") == (
        pytest.approx(both.facility_power_peak_w)
    )
    energy = factors(tiny_answer, "both.energy_wh_per_year")
    assert energy["IT energy"] * energy["PUE over the year"] == (
        pytest.approx(both.energy_wh_per_year)
    )
    water = factors(tiny_answer, "both.water_m3_per_year")
    assert one(water, "of cooling") + one(water, "of generation") == (
        pytest.approx(both.water_m3_per_year)
    )
    months = factors(tiny_answer, "both.months_to_power")
    ends = [value for factor, value in months.items() if factor.endswith(": lead time")]
    assert max(ends) == pytest.approx(both.months_to_power)
    chips = factors(tiny_answer, "both.chips")
    assert sum(_ending(chips, ": chips")) == pytest.approx(both.chips)
    shares = sum(_ending(chips, ": share of the demand"))
    assert shares == pytest.approx(1.0)
    for field, parts in (("cost_usd", both.cost_parts), ("carbon_kg", both.carbon_parts)):
        found = factors(tiny_answer, f"both.{field}_per_year")
        total = sum(found[part] for part in parts)
        assert total == pytest.approx(getattr(both, f"{field}_per_year"), rel=1e-6)


def _ending(found: dict[str, float], word: str) -> Iterator[float]:
    return (value for factor, value in found.items() if factor.endswith(word))


def test_numbers_between_plans_follow_from_their_factors(tiny_answer: PlanResult) -> None:
    share = factors(tiny_answer, "replaceable_share.cost")
    blue, both = share["blue.cost_usd_per_year"], share["both.cost_usd_per_year"]
    assert 1.0 - both / blue == pytest.approx(tiny_answer.replaceable_share["cost"])
    left = factors(tiny_answer, "after_rebound.power")
    grown = left["cost of both over that of blue"] ** -left["Demand for tokens: elasticity"]
    assert grown == pytest.approx(left["growth of demand"])
    assert 1.0 - grown * one(left, "power of both") == (
        pytest.approx(tiny_answer.rebound.share["power"])
    )
    for end, shares in (("low", tiny_answer.rebound.low), ("high", tiny_answer.rebound.high)):
        left = factors(tiny_answer, f"after_rebound.{end}.power")
        last = 1.0 - left["growth of demand"] * one(left, "power of both")
        assert last == pytest.approx(shares["power"])
    for row in tiny_answer.attribution:
        number = f"attribution.{row.lever}.cost_usd_per_year"
        *before, last = tiny_answer.explain(number)
        others = sum(step.value for step in before if step.factor.startswith("part of"))
        assert others + last.value == pytest.approx(before[0].value)
        saved = tiny_answer.plans["baseline"].cost_usd_per_year
        saved -= tiny_answer.plans["both"].cost_usd_per_year
        assert before[0].value == pytest.approx(saved)


def test_what_is_listed_of_a_chip_is_what_kernels_read(tiny_answer: PlanResult) -> None:
    listed = {step.factor.rpartition(": ")[2] for step in tiny_answer.explain("both.chips")}
    assert {"fp32_flops", "bf16_flops", "mem_bytes", "bandwidth_bytes_s"} <= listed
    assert not {"fp64_flops", "fp16_flops", "tf32_flops", "sparse_bf16_flops"} & listed
    cost = {step.factor for step in tiny_answer.explain("both.cost_usd_per_year")}
    assert any("DGX" in factor and factor.endswith("price_usd") for factor in cost)
    assert "Chicago, Illinois: grid_price" in cost


def test_what_the_scenario_states_is_the_users(tiny_answer: PlanResult) -> None:
    steps = {step.factor: step for step in tiny_answer.explain("both.cost_usd_per_year")}
    assert steps["interest"].evidence == "the user's"
    assert steps["interest"].source == "the scenario"


@pytest.mark.parametrize(
    "number", ["both.beauty", "purple.chips", "attribution", "both", "after_rebound", ""]
)
def test_what_names_no_number_is_refused_before_a_plan_is_made(number: str) -> None:
    with pytest.raises(InputError, match="--list"):
        explain.check(number)


def test_a_near_name_is_told(tiny_answer: PlanResult) -> None:
    with pytest.raises(InputError, match=r"Did you mean 'both\.supply\.grid\.capacity_w'"):
        tiny_answer.explain("both.supply.grid.capacity")


def test_a_plan_without_an_answer_says_why(hopeless_answer: PlanResult) -> None:
    with pytest.raises(InputError, match="falls short"):
        hopeless_answer.explain("both.chips")


def test_grids_of_several_sites_are_told_apart(tiny_answer: PlanResult) -> None:
    asked, both = tiny_answer.asked, tiny_answer.plans["both"]
    assert asked is not None
    other = SimpleNamespace(site="us-dallas")
    away = replace(both.supply[0], name="Grid connection, Dallas, Texas", capacity_w=1e5)
    plans = {**tiny_answer.plans, "both": replace(both, supply=(both.supply[0], away))}
    result = replace(tiny_answer, plans=plans)
    several = asked.model_copy(update={"other_sites": [other]})
    found = {step.factor for step in explain.names(several, result)}
    assert f"both.supply.{away.name}.capacity_w" in found
    steps = explain.chain(several, result, f"both.supply.{away.name}.cost_usd_per_year")
    assert any(step.factor.startswith("Dallas") for step in steps)
    assert not any(step.factor.startswith("Chicago") for step in steps)
