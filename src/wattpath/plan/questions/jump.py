"""A horizon in which efficiency jumps in one year, and what was bought before it stays bought.

The years are those of `wattpath.plan.years.vintages`: from the jump's year on, every unit does so
many times the work at the same power, or a new chip can be bought. A plan that did not see it
coming holds what it bought for the years before, and chooses the rest anew.

Where it breaks down: servers and halls come in any size; the pool of deployments is what any
single year uses, with the jump and without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from wattpath import catalog, hardware
from wattpath.errors import InputError, UnknownNameError
from wattpath.plan.build import parts_of, search_periods, with_lending
from wattpath.plan.columns.search import search, servers_of
from wattpath.plan.compute import Slot, slots
from wattpath.plan.halls import halls_of, weather_of
from wattpath.plan.limits import missing
from wattpath.plan.operate.elsewhere import with_halls_elsewhere
from wattpath.plan.prices import Prices
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import expected_w, players_of
from wattpath.plan.years.horizon import Year, years_of
from wattpath.plan.years.market import Market, market_of
from wattpath.plan.years.phased import year_parts
from wattpath.plan.years.pool import Alone, Pool, alone, pool_of
from wattpath.plan.years.vintages import Horizon
from wattpath.progress import Progress
from wattpath.supply.periods import Periods
from wattpath.supply.program import Solution
from wattpath.units import YEAR_S

#: Largest growth of demand that is looked at.
MOST_GROWTH = 1e3


@dataclass(frozen=True, slots=True)
class Jump:
    """What changes, and when.

    Attributes
    ----------
    year : int
        From 0.
    factor : float
        Work of a unit over that before, at the same power [-].
    servers : tuple of str
        Keys that can be bought from that year on.
    """

    year: int
    factor: float = 1.0
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JumpMarket(Market):
    """A market in which units do more work from a year on."""

    factor: float
    year: int

    def slots_in(self, year: Year, slots: Sequence[Slot], floor: float) -> tuple[Slot, ...]:
        """See `Market.slots_in`."""
        found = Market.slots_in(self, year, slots, floor)
        if year.index < self.year:
            return found
        return tuple(
            replace(s, deployment=replace(s.deployment, capacity=s.deployment.capacity * factor))
            for s in found
            for factor in (self.factor,)
        )


def after(market: Market, jump: Jump, years: int, *, jumps: bool) -> JumpMarket:
    """The market with a jump, or as it would be without: its servers are then never sold."""
    first = dict(market.servers)
    for key in jump.servers:
        if key in first:
            first[key] = max(first[key], jump.year) if jumps else years
    values = {field.name: getattr(market, field.name) for field in fields(Market)}
    factor = jump.factor if jumps else 1.0
    return JumpMarket(**{**values, "servers": first}, factor=factor, year=jump.year)


def servers_with(name: str, option: str = "--chip") -> tuple[str, ...]:
    """Servers of this name, or with this chip, that the catalogue prices.

    Parameters
    ----------
    name : str
    option : str
        Where the name was given, for the error message.

    Raises
    ------
    InputError
        If there is none.
    """
    keys = catalog.names("server")
    known = {*keys, *catalog.names("chip")}
    try:
        return (hardware.load_server(name).key,)
    except UnknownNameError:
        pass
    try:
        chip = catalog.load("chip", name).key
    except UnknownNameError:
        hint = UnknownNameError(option, "chip", name, known).hint
        raise InputError(option, "name a chip or server of the catalogue", name, hint) from None
    found = [hardware.load_server(key) for key in keys]
    priced = tuple(s.key for s in found if s.chip_key == chip and s.price_usd is not None)
    if not priced:
        raise InputError(option, "name a chip of a server whose price is known", name)
    return priced


def over_years(scenario: Scenario, jump: Jump) -> Scenario:
    """The scenario with a horizon, the life of its servers if it has none, and the new chip."""
    horizon = scenario.horizon
    if horizon.years == 1:
        life = max(server.life_s for server in servers_of(scenario))
        horizon = horizon.model_copy(update={"years": max(2, round(life / YEAR_S))})
    horizon = horizon.model_copy(update={"modules": []})
    base = hardware.load_server(scenario.baseline.server, "baseline.server").key
    if base in jump.servers and len(jump.servers) == 1:
        raise InputError("--chip", "be new to the scenario, whose baseline has it", base)
    new = tuple(key for key in jump.servers if key != base)
    servers = list(dict.fromkeys([*scenario.options.servers, *new]))
    options = scenario.options.model_copy(update={"servers": servers})
    changes = {"horizon": horizon, "options": options, "whole_units": False}
    return scenario.model_copy(update=changes)


class Timeline:
    """One plan through the years, with the jump and without.

    Parameters
    ----------
    scenario : Scenario
        With a horizon (see `over_years`).
    jump : Jump
    plan : str
        Whose freedoms count.
    progress : callable
    """

    def __init__(self, scenario: Scenario, jump: Jump, plan: str, progress: Progress) -> None:
        self.scenario, self.jump = scenario, jump
        self.years, self.prices = years_of(scenario), Prices.of(scenario)
        self.players = players_of(scenario)[plan]
        weather = weather_of(scenario)
        final = self.years[-1].scenario
        halls = halls_of(final, weather, self.prices.book)
        halls = with_halls_elsewhere(final, halls, weather, self.prices.book)
        columns = search(scenario, self.prices, progress)
        self._refusals = columns.refusals + halls.refusals
        found = slots(columns.deployments, halls.halls)
        most = max(max(year.multiples.values()) for year in self.years)
        last = parts_of(final, weather, halls.halls, expected_w(columns) * most)
        first = year_parts(last, self.years[0], self.years[-1])
        first, self._slots = with_lending(final, first, found, self.prices)
        self.parts = tuple(year_parts(first, year, self.years[0]) for year in self.years)
        self.periods: Periods = search_periods(last)
        market = market_of(self.years, self._slots, halls.halls, self.prices.book)
        count = len(self.years)
        self._markets = {jumps: after(market, jump, count, jumps=jumps) for jumps in (False, True)}
        progress("Each year alone", 0.0)
        self.alone = {jumps: self._alone(jumps, progress) for jumps in (False, True)}

    def unserved(self) -> tuple[str, ...]:
        """Why the first year that cannot be served cannot, before the jump or after."""
        for jumps in (False, True):
            for year, one in zip(self.years, self.alone[jumps], strict=True):
                if not one.solutions["plan"].optimal:
                    reasons = missing(one.block, self._refusals, self.players)
                    return tuple(f"in {year.label}: {reason}" for reason in reasons)
        return ()

    def usd_alone(self, year: int, *, jumps: bool) -> float:
        """What a year costs if all of it is newly bought [USD/year]."""
        one = self.alone[jumps][year]
        return one.solutions["plan"].objective * one.block.parts.scale.money_usd

    def horizon(self, *, jumps: bool) -> Course:
        """All years together."""
        if not hasattr(self, "_pool"):
            self._pool: Pool = pool_of([*self.alone[False], *self.alone[True]], self._slots)
        horizon = Horizon(
            self.years,
            [self._pool.parts(part) for part in self.parts],
            self._pool.members(self._slots),
            self.periods,
            self._pool.market(self._markets[jumps]),
            self.prices.book,
        )
        return Course(horizon, self.players, self.jump.year)

    def _alone(self, jumps: bool, progress: Progress) -> list[Alone]:
        def done(share: float) -> None:
            progress("Each year alone", 0.5 * (share + jumps))

        return alone(
            self.years, self.parts, self._slots, self.periods, self._markets[jumps],
            {"plan": self.players}, done,
        )  # fmt: skip


class Course:
    """The programme of all years for one plan, with demand that may grow after the jump."""

    def __init__(self, horizon: Horizon, players: frozenset[str], year: int) -> None:
        self.horizon, self.players, self.year = horizon, players, year
        for block in horizon.blocks[year:]:
            block.compute.most_units[:] *= MOST_GROWTH
            for key in block.compute.most_shift:
                block.compute.most_shift[key] *= MOST_GROWTH
        horizon.allow(players)

    def solve(self, growth: float = 1.0) -> Solution:
        """The cheapest years with so many times the demand from the jump on."""
        program = self.horizon.program
        for block in self.horizon.blocks[self.year :]:
            for need in block.compute.needs:
                if not need.of:
                    row = block.compute.demand_rows[need.name]
                    program.set_rows([row], need.multiple * growth, np.inf)
        return program.solve(method="simplex")

    def hold(self, other: Course, x: np.ndarray) -> None:
        """Keep what another course buys for the years before the jump."""
        bought = {
            (v.asset.kind, v.asset.key, *place): float(x[column])
            for v in other.horizon.vintages
            for place, column in v.bought.items()
        }
        for vintage in self.horizon.vintages:
            for place, column in vintage.bought.items():
                if place[1] < self.year:
                    count = bought.get((vintage.asset.kind, vintage.asset.key, *place), 0.0)
                    self.horizon.program.set_bounds([column], count, count)
