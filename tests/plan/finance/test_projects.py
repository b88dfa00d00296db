"""Plans as projects: nothing of their cost is lost, and plain terms give the plan's own price."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import wattpath
from tests.conftest import TINY
from wattpath.economics import annuity
from wattpath.economics.cashflow import Terms, load_terms, statement
from wattpath.errors import InputError
from wattpath.hardware import load_server
from wattpath.plan.finance.projects import GROUPS, Ledger, projects_of
from wattpath.plan.finance.statements import finance_of
from wattpath.plan.outcome import CALLED, OPERATION_WORK
from wattpath.plan.result import PLANS, PlanResult
from wattpath.units import YEAR_S

#: A multiple of the lives of servers, switches, plants, halls and land [years].
ALL_LIVES = 300


def plain_terms() -> Terms:
    return replace(
        load_terms(), inflation=0.0, debt_share=0.0, tax=0.0, equity_rate=0.08,
        server_residual=0.0, plant_residual=0.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def rich() -> PlanResult:
    """A plan that builds halls, plants and a grid connection beside servers."""
    raw: dict[str, Any] = copy.deepcopy(TINY)
    raw["site"], raw["months_available"] = "us-abilene", 60
    raw["demands"][0]["requests"] = "900M requests/day"
    raw["carbon"] = {"price": "200 USD/t"}
    raw["grid"] = {"limit": "1 MW"}
    raw["baseline"]["supply"] = ["grid", "gas-simple-cycle"]
    raw["options"]["supply"] = ["solar-single-axis"]
    return wattpath.plan(raw, attribute=False)


def test_software_of_operation_is_bought_and_calls_are_income(tiny_answer: PlanResult) -> None:
    assert tiny_answer.asked is not None
    plain, own = plain_terms(), tiny_answer.plans["both"]
    added = {OPERATION_WORK: 9e4, CALLED: -4e4}
    cost = own.cost_usd_per_year + sum(added.values())
    more = replace(own, cost_usd_per_year=cost, cost_parts=own.cost_parts | added)
    ledger = Ledger(tiny_answer.asked, plain)
    project = ledger.project(more, ALL_LIVES)
    found = statement(project.assets, project.running, project.output, plain)
    assert found.price_usd == pytest.approx(cost / project.output[0], rel=1e-6)
    work = next(one for one in project.assets if one.name == "adopting software of operation")
    life = load_server("nvidia-dgx-h100").life_s / YEAR_S
    assert work.group == "software work"
    assert work.price_usd[0] * annuity(ledger.book.rate, life) == pytest.approx(9e4)
    assert project.operation[CALLED] == (-4e4,) * ALL_LIVES
    assert CALLED not in ledger.project(own, 1).operation


@pytest.mark.parametrize("name", ["tiny_answer", "rich"])
def test_plain_terms_give_the_plans_own_cost_of_a_token(
    name: str, request: pytest.FixtureRequest
) -> None:
    result: PlanResult = request.getfixturevalue(name)
    assert result.asked is not None
    projects = projects_of(result.asked, result, plain_terms(), ALL_LIVES)
    assert list(projects) == list(PLANS)
    for plan, project in projects.items():
        found = statement(project.assets, project.running, project.output, plain_terms())
        assert found.price_usd == pytest.approx(project.plan_usd_per_million, rel=1e-6)
        prices = result.plans[plan].prices["chat"]
        assert project.plan_usd_per_million == pytest.approx(prices["usd_per_million_tokens"])


def test_every_class_is_bought_and_nothing_runs_at_a_gain(rich: PlanResult) -> None:
    assert rich.asked is not None
    project = projects_of(rich.asked, rich, load_terms())["both"]
    assert {*project.schedule(), "software work"} == set(GROUPS)
    assert min(min(line) for line in project.operation.values()) >= 0.0
    bought = sum(paid[0] for paid in project.schedule().values())
    capital = rich.plans["both"].capital_usd
    assert capital <= bought <= 1.2 * capital  # interest during construction comes on top


def test_cash_balances_in_every_year_of_every_plan(tiny_answer: PlanResult) -> None:
    assert tiny_answer.asked is not None
    found = finance_of(tiny_answer.asked, tiny_answer, years=11)
    for own in found.asked.values():
        sources = own.revenue + own.drawn + own.residual
        uses = own.operation + own.purchase + own.interest + own.repaid + own.tax + own.owners
        assert np.abs(sources - uses).max() <= 1e-9 * np.abs(sources).max()
        assert abs(own.npv_usd) <= 1e-6 * own.purchase.sum()


def test_price_lives_and_debt_move_what_owners_get(tiny_answer: PlanResult) -> None:
    assert tiny_answer.asked is not None
    level = finance_of(tiny_answer.asked, tiny_answer).levelised["both"].price_usd
    found = finance_of(tiny_answer.asked, tiny_answer, price_usd=2.0 * level)
    own = found.asked["both"]
    assert own.npv_usd > 0.0
    assert own.irr is not None
    assert own.project_irr is not None
    assert own.irr > own.project_irr > found.terms.debt_rate
    worth = [asked.npv_usd for _, asked in found.lives["both"].values()]
    assert worth == sorted(worth, reverse=True)
    told = found.to_json()["plans"]["both"]
    assert told["levelised_by_demand"]["chat"] == pytest.approx(level)
    kinds = told["levelised_by_kind"]["chat"]
    assert 0.0 <= kinds["cached"] < kinds["fresh"] < level < kinds["output"]
    mean = (800.0 * kinds["fresh"] + 200.0 * kinds["output"]) / 1000.0
    assert mean == pytest.approx(level, rel=5e-3)  # no prefix is shared; answers may grow a little
    bare = finance_of(tiny_answer.asked, tiny_answer, {"debt_share": 0.0})
    assert bare.levelised["both"].price_usd > level


def test_years_of_a_horizon_are_the_plans_own() -> None:
    raw: dict[str, Any] = copy.deepcopy(TINY)
    raw["demands"][0]["growth"] = "50 %"
    raw["horizon"] = {"years": 2}
    result = wattpath.plan(raw, attribute=False)
    assert result.asked is not None
    assert result.years is not None
    project = projects_of(result.asked, result, load_terms())["both"]
    assert project.output[1] == pytest.approx(1.5 * project.output[0])
    path = result.years.paths["both"]
    bought = [sum(item.capital_usd for item in year.stock) for year in path.years]
    for year, paid in enumerate(bought):
        total = sum(group[year] for group in project.schedule().values())
        assert paid <= total <= 1.2 * paid
    for year, usd in zip(path.years, project.running, strict=True):
        assert 0.0 < usd < year.outcome.cost_usd_per_year
    with pytest.raises(InputError, match="--years must be left out"):
        projects_of(result.asked, result, load_terms(), 10)


def test_bad_terms_and_prices(tiny_answer: PlanResult) -> None:
    assert tiny_answer.asked is not None
    with pytest.raises(InputError, match=r"--debt-share must lie between 0 and 0\.95"):
        finance_of(tiny_answer.asked, tiny_answer, {"debt_share": 2.0})
    with pytest.raises(InputError, match="--price must be a price greater than 0"):
        finance_of(tiny_answer.asked, tiny_answer, price_usd=0.0)


def test_plans_without_an_answer_are_named(hopeless_answer: PlanResult) -> None:
    assert hopeless_answer.asked is not None
    found = finance_of(hopeless_answer.asked, hopeless_answer)
    assert not found.feasible
    assert found.projects == {}
    assert set(found.reasons) == set(PLANS)
