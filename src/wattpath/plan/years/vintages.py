r"""All years in one programme: a block of operation for each, joined by what is built.

Each year's block is that of a single year, with all its costs times the year's weight D_y.
What stands for years is joined by one row for each asset a and year,

.. math:: n_{ay} + z_{ay} = e_{ay} + \sum_{v \le y < v + L} b_{av}

with n in service (a combination of the block's columns), e what stood before, b bought for
year v with life L, and z >= 0 what stands unused. A block charges the yearly capital of what
is in service, so z is charged the same: **the capital of a vintage is paid in every year of
its life within the horizon, whether it is used or not**. What is left to pay at the end is
the residual value. Upkeep is paid for what is in service only, so software that needs fewer
servers and newer chips may retire what stands, at the price of its remaining capital.

Where it breaks down: what is unused may come back at no cost; servers move between halls and
demands from one year to the next at no cost; the years are known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath import units
from wattpath.economics import CostBook, annuity
from wattpath.plan.compute import Slot
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.years.assets import assets_of, floors_of
from wattpath.plan.years.buildings import outage_years
from wattpath.plan.years.horizon import Year
from wattpath.plan.years.market import Market
from wattpath.plan.years.ways import Asset, Way
from wattpath.supply.periods import Periods
from wattpath.supply.program import Program, Solution

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

#: Relative gap at which a programme with whole modules is done.
WHOLE_GAP = 1e-3


@dataclass(frozen=True, slots=True)
class Vintages:
    """Columns of one asset: bought for each year by each way, and unused in each year.

    `rows` join them, one for each year.
    """

    asset: Asset
    bought: dict[tuple[int, int], int]
    unused: Index
    rows: Index

    def alive(self, x: Floats, year: int) -> float:
        """Amount that stands in a year, whoever bought it when [programme]."""
        total = self.asset.standing[year]
        for (way, first), column in self.bought.items():
            if first <= year < first + self.asset.ways[way].life:
                total += self.asset.ways[way].size * float(x[column])
        return total

    def premium(self, x: Floats, year: int) -> float:
        """Yearly capital of what was bought dearer than the year's block counts [money]."""
        total = 0.0
        for (way, first), column in self.bought.items():
            own = self.asset.ways[way]
            if first <= year < first + own.life:
                extra = own.annual[first] - self.asset.annual[year]
                total += extra * own.size * float(x[column])
        return total

    def remaining(self, x: Floats, year: int, unused: float, rate: float) -> float:
        """Present value of the capital still to be paid on what is unused [money].

        The oldest vintages are taken to be the unused ones; the payment of the year itself
        is counted.
        """
        total = 0.0
        for (way, first), column in sorted(self.bought.items(), key=lambda item: item[0][1]):
            own = self.asset.ways[way]
            left = first + own.life - year
            if first > year or left <= 0 or unused <= 0.0:
                continue
            amount = min(unused, own.size * float(x[column]))
            total += amount * own.annual[first] / annuity(rate, float(left))
            unused -= amount
        return total


class Horizon:
    """The programme of all years, with bounds for any coalition of players.

    Parameters
    ----------
    years : sequence of Year
    parts : sequence of Parts
        One for each year.
    slots : sequence of Slot
        Deployments in halls; each year takes those that can run by then.
    periods : Periods
        Time steps of every year.
    market : Market
        What can be bought when.
    book : CostBook
        What halls cost.
    branched : bool
        Whether whole modules are whole columns of the programme.
    """

    def __init__(
        self,
        years: Sequence[Year],
        parts: Sequence[Parts],
        slots: Sequence[Slot],
        periods: Periods,
        market: Market,
        book: CostBook,
        *,
        branched: bool = False,
    ) -> None:
        self._given = (years, parts, slots, periods, market, book)
        self._exact: Horizon | None = None
        self._integer = branched
        self.years, self.market, self.periods = tuple(years), market, periods
        self.program = Program()
        self.blocks = [
            Optimiser(
                part,
                market.slots_in(year, slots, floor),
                periods,
                self.program,
                prefix=f"y{year.index}.",
                weight=year.weight,
            )
            for year, part, floor in zip(years, parts, floors_of(years), strict=True)
        ]
        assets = assets_of(self.years, self.blocks, market, book)
        self.vintages = [self._join(asset) for asset in assets]
        self._share_crews()
        self._share_standing()

    @property
    def parts(self) -> Parts:
        """Of the last year."""
        return self.blocks[-1].parts

    def allow(self, players: frozenset[str]) -> None:
        """Let the plan use what needs these players only, in every year."""
        for block in self.blocks:
            block.allow(players)

    def solve(self, players: frozenset[str], *, rounded: bool = True) -> Solution:
        """The plan of least net present value that uses no other players.

        Parameters
        ----------
        players : frozenset of str
        rounded : bool
            Whether whole modules are rounded up from the continuous optimum, year by year,
            and all else solved again; else they may be fractions.
        """
        self.allow(players)
        self._free_units()
        solution = self.program.solve(method="simplex")
        if not (rounded and solution.optimal and self.crews):
            return solution
        for columns, counts in self._whole_units(solution.x):
            self.program.set_bounds(columns, counts, counts)
        whole = self.program.solve(method="simplex")
        self._free_units()
        return whole if whole.optimal else self._exactly(players)

    def _exactly(self, players: frozenset[str]) -> Solution:
        """The optimum with whole modules, by branch and bound."""
        if self._exact is None:
            self._exact = Horizon(*self._given, branched=True)
        return self._exact._branched(players)

    def _branched(self, players: frozenset[str]) -> Solution:
        self.allow(players)
        return self.program.solve(gap=WHOLE_GAP)

    def _free_units(self) -> None:
        """Any number of whole units up to what the crews can finish."""
        for key, (_, columns) in self.crews.items():
            self.program.set_bounds(columns, 0.0, self.most[key])

    def _whole_units(self, x: Floats) -> Iterator[tuple[Index, Floats]]:
        """Columns of whole units with their counts, rounded up in sum over the years."""
        for vintage in self.vintages:
            for place, way in enumerate(vintage.asset.ways):
                columns = [c for (own, _), c in vintage.bought.items() if own == place]
                if way.whole and columns:
                    total = np.ceil(np.cumsum(x[columns]) - 1e-6)
                    yield np.array(columns), np.diff(total, prepend=0.0)

    def npv_usd(self, solution: Solution) -> float:
        """Net present value of all costs at the beginning of the first year [USD]."""
        return solution.objective * self.parts.scale.money_usd

    def cost_usd(self, x: Floats, year: int) -> float:
        """Cost of a year: its block, what stands unused, and dearer or cheaper vintages."""
        return self.blocks[year].cost_usd(x) + self.beside_usd(x, year)

    def beside_usd(self, x: Floats, year: int) -> float:
        """Capital of a year that its block does not charge [USD/year]."""
        money = sum(
            one.asset.annual[year] * float(x[one.unused[year]]) + one.premium(x, year)
            for one in self.vintages
        )
        return money * self.parts.scale.money_usd

    def used_players(self, solution: Solution) -> frozenset[str]:
        """The players without whom a solution would not be possible."""
        return frozenset().union(*(block.used_players(solution) for block in self.blocks))

    def shortfall(self, players: frozenset[str]) -> str:
        """The smallest relaxation that lets these players serve every year, in words."""
        return Horizon(*self._given)._relaxed(players)

    def _relaxed(self, players: frozenset[str]) -> str:
        """See `shortfall`; the programme is of no other use afterwards."""
        self.allow(players)
        program = self.program
        program.set_cost(np.arange(program.shape[1]), 0.0)
        lacking = []
        for block in self.blocks:
            power = program.variables(f"missing power {block.supply.prefix}", 1, cost=1.0)
            program.add(block.supply.balance_rows, power, 1.0)
            lacking.append(int(power[0]))
        late = self._late_units()
        solution = program.solve(method="simplex")
        if not solution.optimal:
            return "no relaxation of supply or crews serves all years."
        for year, column in zip(self.years, lacking, strict=True):
            if solution.x[column] > 1e-9:
                amount = units.show(float(solution.x[column]) * self.parts.scale.power_w, "W")
                return f"in {year.label} the supply falls short by {amount} in the worst hour."
        for (crew, first), column in late.items():
            if solution.x[column] > 1e-9:
                count = f"{np.ceil(solution.x[column] - 1e-9):.0f}"
                label = self.years[first].label
                return f"for {label} the crews would have to finish {count} more units of {crew}."
        return "each year can be served alone, but not all of them with whole units."

    def _late_units(self) -> dict[tuple[str, int], int]:
        """Columns of units beyond what crews can finish, at a small cost."""
        late: dict[tuple[str, int], int] = {}
        for (crew, first), (row, columns) in self.crews.items():
            column = self.program.variables(f"late {crew} for {first}", 1, cost=1e-3)
            self.program.add(row, column, -1.0)
            self.program.set_bounds(columns, 0.0, np.inf)
            late[crew, first] = int(column[0])
        return late

    # ------------------------------------------------------------------ inside

    def _join(self, asset: Asset) -> Vintages:
        """Columns of what is bought and unused, and the rows that join the years."""
        program, count = self.program, len(self.years)
        name = f"{asset.kind} {asset.key}"
        weights = np.array([year.weight for year in self.years])
        unused = program.variables(f"unused {name}", count, cost=weights * np.array(asset.annual))
        standing = np.array(asset.standing)
        rows = program.rows(f"{name} in service", count, lower=standing, upper=standing)
        program.add(rows, unused, 1.0)
        for year, (columns, amounts) in enumerate(asset.uses):
            program.add(rows[year], columns, amounts)
        bought: dict[tuple[int, int], int] = {}
        for place, way in enumerate(asset.ways):
            for first in range(way.first, count):
                alive = np.arange(first, min(first + way.life, count))
                extra = way.annual[first] - np.array(asset.annual)[alive]
                cost = way.size * float(weights[alive] @ extra)
                column = program.variables(
                    f"{name} by {place} for {first}", 1,
                    cost=cost, integer=way.whole and self._integer,
                )  # fmt: skip
                program.add(rows[alive], column, -way.size)
                bought[place, first] = int(column[0])
        return Vintages(asset, bought, unused, rows)

    def _share_standing(self) -> None:
        """Refitted rooms, those under work and those used as they are: all of the standing hall."""
        halls, unit = self.parts.halls, self.parts.scale.power_w
        refits = {hall.key: hall for hall in halls if hall.refit_w > 0.0}
        if not refits:
            return
        own = [vintage for vintage in self.vintages if vintage.asset.key in refits]
        whole = max(hall.refit_of_w for hall in refits.values()) / unit
        for year, block in enumerate(self.blocks):
            label = f"{block.compute.prefix}standing hall and all its refits"
            row = self.program.rows(label, 1, upper=whole)
            self.program.add(row, block.compute.standing, 1.0)
            for vintage in own:
                hall = refits[vintage.asset.key]
                columns, amounts = vintage.asset.uses[year]
                self.program.add(row, columns, hall.refit_w * amounts)
                self.program.add(row, int(vintage.unused[year]), hall.refit_w)
                for (place, first), column in vintage.bought.items():
                    if year < first <= year + outage_years(hall):
                        size = vintage.asset.ways[place].size
                        self.program.add(row, column, hall.refit_w * size)

    def _share_crews(self) -> None:
        """Whole units of one kind that the crews can finish for each year, all halls together."""
        self.crews: dict[tuple[str, int], tuple[int, Index]] = {}
        crews: dict[tuple[str, int], list[int]] = {}
        self.most: dict[tuple[str, int], float] = {}
        most = self.most
        for vintage in self.vintages:
            for (place, first), column in vintage.bought.items():
                way: Way = vintage.asset.ways[place]
                if way.crew:
                    crews.setdefault((way.crew, first), []).append(column)
                    most[way.crew, first] = max(most.get((way.crew, first), 0.0), way.most[first])
        for (crew, first), columns in crews.items():
            row = self.program.rows(f"crews of {crew} for {first}", 1, upper=most[crew, first])
            self.program.add(row, np.array(columns), 1.0)
            self.program.set_bounds(np.array(columns), 0.0, most[crew, first])
            self.crews[crew, first] = int(row[0]), np.array(columns)
