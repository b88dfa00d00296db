"""Years that are alike cost what the single year costs, whatever the plan may use."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.conftest import TINY
from wattpath import catalog
from wattpath.plan import scenario
from wattpath.plan.build import parts_of, search_periods, with_lending
from wattpath.plan.columns.search import search
from wattpath.plan.compute import slots
from wattpath.plan.halls import halls_of, weather_of
from wattpath.plan.optimise import Optimiser
from wattpath.plan.prices import Prices
from wattpath.plan.result import PLANS
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import expected_w
from wattpath.plan.years.phased import Given, given_of
from wattpath.plan.years.vintages import Horizon
from wattpath.plan.years.yearly import Reader
from wattpath.progress import silent
from wattpath.supply.periods import Periods


def raw_of(years: int, **changes: Any) -> dict[str, Any]:
    """Chat and a batch of documents on the same servers, on a grid with an agreement."""
    raw = copy.deepcopy(TINY)
    raw["demands"][0]["requests"] = "900M requests/day"
    documents = {"name": "documents", "requests": "300M requests/day", "deadline": "24 h"}
    kept = ("kind", "model", "input_tokens", "output_tokens")
    raw["demands"].append(documents | {key: raw["demands"][0][key] for key in kept})
    raw["grid"] = {"limit": "40 MW"}
    raw["baseline"]["supply"] = ["grid", "gas-reciprocating-engine"]
    raw["months_available"] = 60
    raw["horizon"] = {"years": years}
    return raw | changes


def given(asked: Scenario) -> Given:
    prices, weather = Prices.of(asked), weather_of(asked)
    halls = halls_of(asked, weather, prices.book)
    return given_of(asked, weather, prices, halls, search(asked, prices, silent))


def single(asked: Scenario) -> tuple[Optimiser, Periods]:
    """The programme of one year alone, as `wattpath plan` makes it without a horizon."""
    prices, weather = Prices.of(asked), weather_of(asked)
    halls = halls_of(asked, weather, prices.book).halls
    columns = search(asked, prices, silent)
    parts = parts_of(asked, weather, halls, expected_w(columns))
    parts, found = with_lending(asked, parts, slots(columns.deployments, halls), prices)
    periods = search_periods(parts, 4)
    return Optimiser(parts, found, periods), periods


CASES = {
    "lending": {"options": {"levers": ["kv-fp8", "capacity-sharing"]}},
    "calls": {"options": {"levers": ["kv-fp8", "demand-response"]}},
    "refits": {
        "options": {
            "levers": ["kv-fp8"],
            "servers": ["nvidia-gb200-nvl72"],
            "refits": ["liquid-dry-cooler"],
        },
        "baseline": TINY["baseline"] | {"standing_hall": "2 MW"},
    },
}

#: A grid that pays so much for each watt that servers are bought to answer it [USD/W/year].
PAID = {("lever", "demand-response", "set_response_usd_w_year"): 20.0}


@pytest.mark.parametrize("case", CASES)
def test_alike_years_cost_the_single_year_each(case: str) -> None:
    with catalog.drawn(PAID):
        one, periods = single(scenario.from_dict(raw_of(1, **CASES[case])))
        all_of = given(scenario.from_dict(raw_of(3, **CASES[case])))
    horizon = Horizon(
        all_of.years, all_of.parts, all_of.slots, periods, all_of.market, all_of.prices.book
    )
    weights = sum(year.weight for year in all_of.years)
    costs = {}
    for name in PLANS:
        players = all_of.players[name]
        years, alone = horizon.solve(players, rounded=False), one.solve(players)
        assert years.optimal
        costs[name] = alone.objective * one.parts.scale.money_usd
        assert horizon.npv_usd(years) == pytest.approx(costs[name] * weights, rel=1e-7)
        own = all_of.scenario.options.levers[1:] or ["cooling"]
        assert (own[0] in horizon.used_players(years)) is (own[0] in players)
        reader = Reader(horizon.blocks[1])
        hours = reader.run(years.x, players)
        assert hours.cost_usd == pytest.approx(costs[name], rel=0.005)
        assert not hours.exact
        assert (hours.x[reader.year.promised] > 0.0).all() or name in ("baseline", "blue")
    assert costs["both"] <= min(costs["blue"], costs["red"]) * (1 + 1e-9)
