"""A bank of deployments: the same columns as a search, and each server searched once."""

from __future__ import annotations

from typing import Any

import pytest

from wattpath.plan.columns.search import search
from wattpath.plan.front import load_scenario
from wattpath.plan.prices import Prices
from wattpath.projects import bank as module
from wattpath.projects.bank import Bank


@pytest.fixture(scope="module")
def searched() -> list[str]:
    return []


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, searched: list[str]) -> list[str]:
    searched.clear()

    def count(asked: Any, *rest: Any) -> Any:
        searched.append(asked.baseline.server)
        return search(asked, *rest)

    monkeypatch.setattr(module, "search", count)
    return searched


def test_a_bank_finds_what_a_search_finds(tiny: dict[str, Any], counted: list[str]) -> None:
    asked = load_scenario(tiny)
    prices, bank = Prices.of(asked), Bank()
    found = bank.columns(asked, prices)
    whole = search(asked, prices, module.silent)
    assert set(found.deployments) == set(whole.deployments)
    assert counted == ["nvidia-dgx-h100", "nvidia-dgx-h200"]
    one = found.deployments[0]
    group = (one.demand, one.server, one.levers)
    few = bank.columns(asked, prices, only=frozenset({group}))
    assert {(d.demand, d.server, d.levers) for d in few.deployments} == {group}
    assert len(counted) == 2


def test_one_off_work_is_that_of_the_own_need(tiny: dict[str, Any], counted: list[str]) -> None:
    tiny["options"] = {"servers": [], "levers": ["kv-fp8"]}
    asked, bank = load_scenario(tiny), Bank()
    prices = Prices.of(asked)
    bank.columns(asked, prices)
    tiny["demands"][0]["requests"] = "80M requests/day"
    larger = load_scenario(tiny)
    found = {d.label + str(d.levers): d for d in bank.columns(larger, prices).deployments}
    fresh = {d.label + str(d.levers): d for d in search(larger, prices, module.silent).deployments}
    assert counted == ["nvidia-dgx-h100"]
    assert found.keys() == fresh.keys()
    for key, one in found.items():
        assert one.cost_usd_per_year == pytest.approx(fresh[key].cost_usd_per_year)
        assert one.capital_usd == pytest.approx(fresh[key].capital_usd)


def test_other_demands_are_searched_for_themselves(
    tiny: dict[str, Any], counted: list[str]
) -> None:
    tiny["options"] = {"servers": [], "levers": []}
    first, bank = load_scenario(tiny), Bank()
    bank.columns(first, Prices.of(first))
    tiny["demands"][0]["name"] = "talk"
    other = load_scenario(tiny)
    found = bank.columns(other, Prices.of(other)).deployments
    assert {one.demand for one in found} == {"talk"}
    assert len(counted) == 2
