r"""The plans as projects that lenders and owners pay for.

A plan's yearly cost is capital repaid in equal parts and the cost of running it. Here the capital
is what is paid, once and again at the end of each life, and the rest is operation:

.. math::
    O = \text{cost} - \sum_a K_a \, a(r, n_a)

with the price K of each asset a, its life n and the annuity a at the scenario's rate r. So with
no tax, no debt, no inflation and owners who ask r, over a span that is a multiple of all lives,
the levelised price is the plan's own cost per token.

Of a plan over several years every purchase is made when the plan makes it; of a plan of one year
the same output is sold in every year of a span, and what wears out is bought again.

Where it breaks down: the output is sold from the first day, all in one year; interest during the
construction of plants is in their price at the scenario's rate and not at the lender's; a carbon
price of the scenario counts as paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wattpath import hardware
from wattpath.economics import CostBook, TokenSplit, annuity
from wattpath.economics.cashflow import Asset, Terms
from wattpath.errors import InputError
from wattpath.plan.build import site_of, technologies_of
from wattpath.plan.compute import Hall
from wattpath.plan.demand import Demand, ServingDemand
from wattpath.plan.deployment import Deployment
from wattpath.plan.halls import halls_of, weather_of
from wattpath.plan.outcome import YEAR_S as MET_YEAR_S
from wattpath.plan.prices import Prices
from wattpath.plan.result import Built, Outcome, PlanResult
from wattpath.plan.scenario import Scenario
from wattpath.plan.tokens import split_of
from wattpath.plan.years.assets import modular
from wattpath.plan.years.horizon import years_of
from wattpath.plan.years.path import Path, Stock
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.units import YEAR_S

#: Classes of purchases, in the order of a schedule.
GROUPS = (
    "servers",
    "network and storage",
    "software work",
    "halls",
    "land and site works",
    "power plant",
    "grid connection",
)

#: Lines of operation.
UPKEEP, HALLS, WATER, SUPPLY, WORK = (
    "maintenance and insurance of servers",
    "upkeep of halls, land and staff",
    "cooling water",
    "energy, fuel and upkeep of supply",
    "software work, repaid by the year",
)

MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Project:
    """A plan as what is bought, run and sold.

    Attributes
    ----------
    name : str
        Of the plan.
    assets : tuple of Asset
        Each in one of `GROUPS`.
    operation : dict of str to tuple of float
        Each line in the years 1 to n [real USD].
    output : tuple of float
        Of the years 1 to n [million tokens].
    plan_usd_per_million : float
        The plan's own cost over its tokens [USD]; of several years, of the last one.
    demands : dict of str to float
        Each demand's cost of a token over that of the mean token of the plan [-].
    kinds : dict of str to TokenSplit
        The same for the kinds of tokens of each service, of a plan of one year [-].
    """

    name: str
    assets: tuple[Asset, ...]
    operation: dict[str, tuple[float, ...]]
    output: tuple[float, ...]
    plan_usd_per_million: float
    demands: dict[str, float]
    kinds: dict[str, TokenSplit] = field(default_factory=dict)

    @property
    def running(self) -> list[float]:
        """All operation of each year [real USD]."""
        return [sum(year) for year in zip(*self.operation.values(), strict=True)]

    def schedule(self) -> dict[str, list[float]]:
        """Purchases of each class at the beginning of each year [real USD]."""
        found = {group: [0.0] * len(self.output) for group in GROUPS}
        for asset in self.assets:
            for year, paid in enumerate(asset.purchases(len(self.output)).tolist()):
                found[asset.group][year] += paid
        return {group: paid for group, paid in found.items() if any(paid)}


class Ledger:
    """What a scenario pays for its parts, read once for all of its plans.

    Parameters
    ----------
    scenario : Scenario
    terms : Terms
        Lives of write-off and residual values.
    """

    def __init__(self, scenario: Scenario, terms: Terms) -> None:
        self.scenario, self.terms = scenario, terms
        self.book: CostBook = Prices.of(scenario).book
        weather = weather_of(scenario)
        years = years_of(scenario)
        halls = halls_of(years[-1].scenario, weather, self.book).halls
        if scenario.horizon.modules:
            halls = tuple(modular(years, hall, self.book) for hall in halls)
        self.halls: dict[str, Hall] = {hall.key: hall for hall in halls}
        self.site: SiteHours = site_of(scenario, weather)
        self.technologies: dict[str, Technology] = {t.key: t for t in technologies_of(scenario)}

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
            (*self._servers(outcome), *self._halls(outcome), *self._supplies(outcome)),
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
            tuple(self._bought(path)),
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
        return max((_years(life) for life in lives), default=1)

    # ------------------------------------------------------------------ purchases

    def _servers(self, outcome: Outcome) -> Iterator[Asset]:
        terms, book = self.terms, self.book
        write_off = _whole(terms.server_write_off)
        for item in outcome.chosen:
            server = hardware.load_server(item.deployment.server)
            life = _years(server.life_s)
            price, once = self._price_usd(item.deployment.capital_usd, item.deployment)
            price, once = item.units * price, item.units * once
            label = f"{item.deployment.demand}: {server.name}"
            yield Asset(label, (price,), life, write_off, terms.server_residual, "servers")
            shares = (("network", book.network_share, book.network_life_s),
                      ("storage", book.storage_share, book.storage_life_s))  # fmt: skip
            for name, share, life_s in shares:
                paid = (price * share,)
                residual = terms.server_residual
                yield Asset(
                    f"{label}, {name}", paid, _years(life_s), write_off, residual,
                    "network and storage",
                )  # fmt: skip
            if once > 0.0:
                name = f"{item.deployment.demand}: adopting software on {server.name}"
                yield Asset(name, (once,), life, write_off, 0.0, "software work")

    def _price_usd(self, capital_usd: float, deployment: Deployment) -> tuple[float, float]:
        """Of a unit: its servers alone, and its part of one-off work [USD]."""
        life = hardware.load_server(deployment.server).life_s / YEAR_S
        once = deployment.once_usd_per_year / annuity(self.book.rate, life)
        return (capital_usd - once) / self.book.servers_capital_usd(1.0), once

    def _halls(self, outcome: Outcome) -> Iterator[Asset]:
        for built in outcome.cooling:
            hall = self.halls[built.key]
            new = self._new_w(built, hall)
            if new > 0.0:
                plant = hall.capital_usd_per_w - self.book.site_usd_w
                yield self._plant(built.name, (new * plant,), hall.life_s, "halls")
                land = (new * self.book.site_usd_w,)
                yield self._plant(
                    f"land of {built.name}", land, self.book.site_life_s, "land and site works"
                )

    def _new_w(self, built: Built, hall: Hall) -> float:
        """IT power of a hall that was not there before [W]."""
        upkeep = hall.upkeep_usd_per_w_year
        new = built.cost_usd_per_year - built.capacity_w * upkeep
        new /= hall.cost_usd_per_w_year - upkeep
        return new if new > 1e-9 * built.capacity_w else 0.0

    def _supplies(self, outcome: Outcome) -> Iterator[Asset]:
        for built in outcome.supply:
            paid = self._supply_usd(built)
            if paid > 0.0:
                technology = self.technologies[built.key]
                yield self._plant(built.name, (paid,), technology.life_s, _supply_group(technology))

    def _supply_usd(self, built: Built) -> float:
        """Price of what is new of a technology, with interest during construction [USD]."""
        technology = self.technologies[built.key]
        standing = 0.0
        if technology.role == "grid" and self.scenario.grid.existing is not None:
            standing = self.scenario.grid.existing
        power = max(0.0, built.capacity_w - standing) * self._capex_usd_w(technology)
        return (power + built.energy_j * technology.capex_usd_j) * self._construction(technology)

    def _capex_usd_w(self, technology: Technology) -> float:
        grid = technology.role == "grid"
        return self.site.connection_usd_w if grid else technology.capex_usd_w

    def _construction(self, technology: Technology) -> float:
        """Price with interest during construction over that without."""
        repaid = annuity(self.book.rate, technology.life_s / YEAR_S)
        return technology.capital_usd_w_year(self.book.rate) / technology.capex_usd_w / repaid

    def _plant(self, name: str, paid: tuple[float, ...], life_s: float, group: str) -> Asset:
        terms = self.terms
        years = _whole(terms.plant_write_off)
        return Asset(name, paid, _years(life_s), years, terms.plant_residual, group)

    def _bought(self, path: Path) -> Iterator[Asset]:
        """Purchases of all years, each asset with its own row."""
        rows: dict[tuple[str, str], list[Stock | None]] = {}
        for index, year in enumerate(path.years):
            for stock in year.stock:
                row = rows.setdefault((stock.kind, stock.key), [None] * len(path.years))
                row[index] = stock
        for (kind, key), stocks in rows.items():
            paid = tuple(0.0 if one is None else one.capital_usd for one in stocks)
            if any(paid):
                name = next(one.name for one in stocks if one is not None)
                yield from self._row(kind, key, name, paid)

    def _row(self, kind: str, key: str, name: str, paid: tuple[float, ...]) -> Iterator[Asset]:
        """An asset's purchases as rows of their classes."""
        if kind == "server":
            life, part = (
                _years(hardware.load_server(key).life_s),
                self.book.servers_capital_usd(1.0),
            )
            terms = (_whole(self.terms.server_write_off), self.terms.server_residual)
            yield Asset(name, _times(paid, 1.0 / part), life, *terms, "servers", False)
            rest = _times(paid, 1.0 - 1.0 / part)
            label = f"{name}, network and storage"
            yield Asset(label, rest, life, *terms, "network and storage", False)
            return
        write_off = (_whole(self.terms.plant_write_off), self.terms.plant_residual)
        if kind == "hall":
            hall = self.halls[key]
            land = self.book.site_usd_w / hall.capital_usd_per_w
            plant, life = _times(paid, 1.0 - land), _years(hall.life_s)
            yield Asset(name, plant, life, *write_off, "halls", False)
            life = _years(self.book.site_life_s)
            works = _times(paid, land)
            yield Asset(f"land of {name}", works, life, *write_off, "land and site works", False)
            return
        technology = self.technologies[key]
        priced, life = _times(paid, self._construction(technology)), _years(technology.life_s)
        label = f"{name}, energy" if kind == "storage" else name
        yield Asset(label, priced, life, *write_off, _supply_group(technology), False)

    # ------------------------------------------------------------------ operation and output

    def _operation(self, outcome: Outcome) -> dict[str, float]:
        """Cost of a year without capital, by line [USD/year]."""
        rate, book = self.book.rate, self.book
        hardware_usd = sum(
            item.units * self._price_usd(item.deployment.capital_usd, item.deployment)[0]
            for item in outcome.chosen
        )
        upkeep = (book.server_maintenance + book.insurance) * book.servers_capital_usd(hardware_usd)
        halls = 0.0
        for built in outcome.cooling:
            hall = self.halls[built.key]
            plant = hall.capital_usd_per_w - book.site_usd_w
            yearly = plant * annuity(rate, hall.life_s / YEAR_S)
            yearly += book.site_usd_w * annuity(rate, book.site_life_s / YEAR_S)
            halls += built.cost_usd_per_year - self._new_w(built, hall) * yearly
        supply = sum(
            built.cost_usd_per_year
            - self._supply_usd(built) * annuity(rate, self.technologies[built.key].life_s / YEAR_S)
            for built in outcome.supply
        )
        water = outcome.cost_parts["cooling water"]
        return {UPKEEP: upkeep, HALLS: halls, WATER: water, SUPPLY: supply}

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


def _supply_group(technology: Technology) -> str:
    return "grid connection" if technology.role == "grid" else "power plant"


def _work_usd(outcome: Outcome) -> float:
    """One-off software work of a year, repaid over the life of the servers [USD/year]."""
    return sum(item.units * item.deployment.once_usd_per_year for item in outcome.chosen)


def _yearly_tokens(demand: Demand) -> float:
    if isinstance(demand, ServingDemand):
        return demand.requests * MET_YEAR_S * (demand.input_tokens + demand.output_tokens)
    return demand.tokens / demand.within * MET_YEAR_S


def _times(paid: Sequence[float], factor: float) -> tuple[float, ...]:
    return tuple(each * factor for each in paid)


def _years(life_s: float) -> int:
    return _whole(life_s / YEAR_S)


def _whole(years: float) -> int:
    """Whole years, at least one."""
    return max(1, round(years))
