r"""The plans as projects that lenders and owners pay for.

A plan's yearly cost is capital repaid in equal parts and the cost of running it. Here the capital
is what is paid, once and again at the end of each life, and the rest is operation:

.. math::
    O = \text{cost} - \sum_a K_a \, a(r, n_a)

with the price K of each asset a, its life n and the annuity a at the scenario's rate r. So with
no tax, no debt, no inflation and owners who ask r, over a span that is a multiple of all lives,
the levelised price is the plan's own cost per token. People's work that adopts levers of operation
is bought like other software work; what the grid pays for calls is an operation below zero.

Of a plan over several years every purchase is made when the plan makes it; of a plan of one year
the same output is sold in every year of a span, and what wears out is bought again.

Where it breaks down: the output is sold from the first day, all in one year; interest during the
construction of plants is in their price at the scenario's rate and not at the lender's; a carbon
price of the scenario counts as paid.
"""

from __future__ import annotations

from collections.abc import Mapping

from wattpath import hardware
from wattpath.economics import TokenSplit, annuity
from wattpath.economics.cashflow import Terms
from wattpath.errors import InputError
from wattpath.plan.demand import Demand, ServingDemand
from wattpath.plan.finance.project import GROUPS, Project
from wattpath.plan.finance.purchases import Purchases, whole_years
from wattpath.plan.outcome import CALLED, OPERATION_WORK
from wattpath.plan.outcome import YEAR_S as MET_YEAR_S
from wattpath.plan.result import Outcome, PlanResult
from wattpath.plan.scenario import Scenario
from wattpath.plan.tokens import split_of
from wattpath.plan.years.path import Path
from wattpath.units import YEAR_S

__all__ = ["GROUPS", "Ledger", "Project", "projects_of"]

#: Lines of operation.
UPKEEP, HALLS, WATER, SUPPLY, WORK = (
    "maintenance and insurance of servers",
    "upkeep of halls, land and staff",
    "cooling water",
    "energy, fuel and upkeep of supply",
    "software work, repaid by the year",
)

MILLION = 1e6


class Ledger:
    """What a scenario pays for its parts, read once for all of its plans.

    Parameters
    ----------
    scenario : Scenario
    terms : Terms
        Lives of write-off and residual values.
    """

    def __init__(self, scenario: Scenario, terms: Terms) -> None:
        self.scenario = scenario
        self.bought = Purchases(scenario, terms)
        self.book = self.bought.book

    def project(self, outcome: Outcome, years: int) -> Project:
        """A plan of one year, which stands for all years of a span.

        Parameters
        ----------
        outcome : Outcome
            Feasible.
        years : int
            Of the span.
        """
        lines = self._operation(outcome)
        output = sum(self._tokens().values())
        mean = outcome.cost_usd_per_year / output
        split = split_of(self.scenario, outcome)
        return Project(
            outcome.name,
            tuple(self.bought.of(outcome)),
            {name: (usd,) * years for name, usd in lines.items()},
            (output,) * years,
            mean,
            self._demands(outcome, mean),
            {name: TokenSplit(*(usd / mean for usd in prices)) for name, prices in split.items()},
        )

    def through(self, path: Path) -> Project:
        """A plan over its own years.

        Parameters
        ----------
        path : Path
            Feasible.
        """
        lines = [
            self._operation(year.outcome) | {WORK: _work_usd(year.outcome)} for year in path.years
        ]
        names = {name: None for line in lines for name in line}
        output = [sum(self._tokens(year.multiples).values()) for year in path.years]
        last = path.years[-1].outcome
        mean = last.cost_usd_per_year / output[-1]
        return Project(
            path.name,
            tuple(self.bought.through(path)),
            {name: tuple(line.get(name, 0.0) for line in lines) for name in names},
            tuple(output),
            mean,
            self._demands(last, mean) if len(last.prices) == 1 else {},
        )

    def span(self, result: PlanResult) -> int:
        """Years of the longest-lived servers of any plan."""
        lives = [
            hardware.load_server(item.deployment.server).life_s
            for outcome in result.plans.values()
            for item in outcome.chosen
        ]
        return max((whole_years(life) for life in lives), default=1)

    def _operation(self, outcome: Outcome) -> dict[str, float]:
        """Cost of a year without capital, by line [USD/year]."""
        rate, book = self.book.rate, self.book
        hardware_usd = sum(
            item.units * self.bought.price_usd(item.deployment.capital_usd, item.deployment)[0]
            for item in outcome.chosen
        )
        upkeep = (book.server_maintenance + book.insurance) * book.servers_capital_usd(hardware_usd)
        halls = 0.0
        for built in outcome.cooling:
            hall = self.bought.halls[built.key]
            plant = hall.capital_usd_per_w - book.site_usd_w
            yearly = plant * annuity(rate, hall.life_s / YEAR_S)
            yearly += book.site_usd_w * annuity(rate, book.site_life_s / YEAR_S)
            halls += built.cost_usd_per_year - self.bought.new_w(built, hall) * yearly
        supply = sum(
            built.cost_usd_per_year
            - self.bought.supply_usd(built)
            * annuity(rate, self.bought.technologies[built.key].life_s / YEAR_S)
            for built in outcome.supply
        )
        water = outcome.cost_parts["cooling water"]
        lines = {UPKEEP: upkeep, HALLS: halls, WATER: water, SUPPLY: supply}
        called = outcome.cost_parts.get(CALLED, 0.0)
        return lines | {CALLED: called} if called != 0.0 else lines

    def _repaid(self, technology: str) -> float:
        """Share of a technology's price that is repaid in a year [1/year]."""
        life_s = self.bought.technologies[technology].life_s
        return annuity(self.book.rate, life_s / YEAR_S)

    def _tokens(self, multiples: Mapping[str, float] | None = None) -> dict[str, float]:
        """Output of each demand in a year [million tokens]."""
        return {
            demand.name: _yearly_tokens(demand) * (multiples or {}).get(demand.name, 1.0) / MILLION
            for demand in self.scenario.demands
        }

    def _demands(self, outcome: Outcome, mean_usd: float) -> dict[str, float]:
        """Each demand's token over the mean one."""
        return {
            name: prices["usd_per_million_tokens"] / mean_usd
            for name, prices in outcome.prices.items()
        }


def projects_of(
    scenario: Scenario, result: PlanResult, terms: Terms, years: int | None = None
) -> dict[str, Project]:
    """All plans of a result that have an answer.

    Parameters
    ----------
    scenario : Scenario
    result : PlanResult
        Its answer.
    terms : Terms
    years : int, optional
        Of the span; without it, the life of the servers. A horizon has its own years.

    Raises
    ------
    InputError
        If a span is given beside a horizon.
    """
    ledger = Ledger(scenario, terms)
    if result.years is not None:
        if years is not None:
            hint = f"The plan has {len(result.years.labels)} years of its own."
            raise InputError("--years", "be left out for a scenario with a horizon", years, hint)
        paths = result.years.paths
        return {name: ledger.through(path) for name, path in paths.items() if path.feasible}
    span = years or ledger.span(result)
    return {
        name: ledger.project(outcome, span)
        for name, outcome in result.plans.items()
        if outcome.feasible
    }


def _work_usd(outcome: Outcome) -> float:
    """One-off software work of a year, repaid over the life of the servers [USD/year]."""
    deployed = sum(item.units * item.deployment.once_usd_per_year for item in outcome.chosen)
    return deployed + outcome.cost_parts.get(OPERATION_WORK, 0.0)


def _yearly_tokens(demand: Demand) -> float:
    if isinstance(demand, ServingDemand):
        return demand.requests * MET_YEAR_S * (demand.input_tokens + demand.output_tokens)
    return demand.tokens / demand.within * MET_YEAR_S
