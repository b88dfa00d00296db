"""What a scenario pays for its parts: servers, halls, land, plant and connection.

Where it breaks down: interest during the construction of plants is in their price at the
scenario's rate and not at the lender's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wattpath import hardware
from wattpath.economics import CostBook, annuity
from wattpath.economics.cashflow import Asset, Terms
from wattpath.plan.build import site_of, technologies_of
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.compute import Hall
from wattpath.plan.halls import halls_of, weather_of
from wattpath.plan.operate.elsewhere import with_halls_elsewhere
from wattpath.plan.outcome import OPERATION_WORK
from wattpath.plan.prices import Prices
from wattpath.plan.result import Built, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.plan.years.buildings import modular
from wattpath.plan.years.horizon import years_of
from wattpath.plan.years.path import Path, Stock
from wattpath.supply.site import SiteHours
from wattpath.supply.technology import Technology
from wattpath.units import YEAR_S


class Purchases:
    """The prices of a scenario, read once for all of its plans.

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
        own = halls_of(years[-1].scenario, weather, self.book)
        halls = with_halls_elsewhere(years[-1].scenario, own, weather, self.book).halls
        if scenario.horizon.modules:
            halls = tuple(modular(years, hall, self.book) for hall in halls)
        self.halls: dict[str, Hall] = {hall.key: hall for hall in halls}
        self.site: SiteHours = site_of(scenario, weather)
        self.technologies: dict[str, Technology] = {t.key: t for t in technologies_of(scenario)}

    def of(self, outcome: Outcome) -> Iterator[Asset]:
        """Everything that a plan of one year buys."""
        yield from self._servers(outcome)
        yield from self._halls(outcome)
        yield from self._supplies(outcome)
        yield from self._operation_work(outcome)

    def _servers(self, outcome: Outcome) -> Iterator[Asset]:
        terms, book = self.terms, self.book
        write_off = _whole(terms.server_write_off)
        for item in outcome.chosen:
            server = hardware.load_server(item.deployment.server)
            life = whole_years(server.life_s)
            price, once = self.price_usd(item.deployment.capital_usd, item.deployment)
            price, once = item.units * price, item.units * once
            label = f"{item.deployment.demand}: {server.name}"
            yield Asset(label, (price,), life, write_off, terms.server_residual, "servers")
            shares = (("network", book.network_share, book.network_life_s),
                      ("storage", book.storage_share, book.storage_life_s))  # fmt: skip
            for name, share, life_s in shares:
                paid = (price * share,)
                residual = terms.server_residual
                yield Asset(
                    f"{label}, {name}", paid, whole_years(life_s), write_off, residual,
                    "network and storage",
                )  # fmt: skip
            if once > 0.0:
                name = f"{item.deployment.demand}: adopting software on {server.name}"
                yield Asset(name, (once,), life, write_off, 0.0, "software work")

    def _operation_work(self, outcome: Outcome) -> Iterator[Asset]:
        """People's work that adopts levers of operation, repaid like the baseline's servers."""
        yearly = outcome.cost_parts.get(OPERATION_WORK, 0.0)
        if yearly > 0.0:
            life_s = hardware.load_server(self.scenario.baseline.server).life_s
            paid = (yearly / annuity(self.book.rate, life_s / YEAR_S),)
            years = _whole(self.terms.server_write_off)
            name = "adopting software of operation"
            yield Asset(name, paid, whole_years(life_s), years, 0.0, "software work")

    def price_usd(self, capital_usd: float, deployment: Deployment) -> tuple[float, float]:
        """Of a unit: its servers alone, and its part of one-off work [USD]."""
        life = hardware.load_server(deployment.server).life_s / YEAR_S
        once = deployment.once_usd_per_year / annuity(self.book.rate, life)
        return (capital_usd - once) / self.book.servers_capital_usd(1.0), once

    def _halls(self, outcome: Outcome) -> Iterator[Asset]:
        for built in outcome.cooling:
            hall = self.halls[built.key]
            new = self.new_w(built, hall)
            if new > 0.0:
                plant = hall.capital_usd_per_w - self._land_usd_w(hall)
                yield self._plant(built.name, (new * plant,), hall.life_s, "halls")
                land = (new * self._land_usd_w(hall),)
                if hall.refit_w == 0.0:
                    yield self._plant(
                        f"land of {built.name}", land, self.book.site_life_s, "land and site works"
                    )

    def _land_usd_w(self, hall: Hall) -> float:
        """Land and site works of a hall, none for a refit of what stands [USD/W]."""
        return 0.0 if hall.refit_w > 0.0 else self.book.site_usd_w

    def new_w(self, built: Built, hall: Hall) -> float:
        """IT power of a hall that was not there before [W]."""
        upkeep = hall.upkeep_usd_per_w_year
        new = built.cost_usd_per_year - built.capacity_w * upkeep
        new /= hall.cost_usd_per_w_year - upkeep
        return new if new > 1e-9 * built.capacity_w else 0.0

    def _supplies(self, outcome: Outcome) -> Iterator[Asset]:
        for built in outcome.supply:
            paid = self.supply_usd(built)
            if paid > 0.0:
                technology = self.technologies[built.key]
                yield self._plant(built.name, (paid,), technology.life_s, _supply_group(technology))

    def supply_usd(self, built: Built) -> float:
        """Price of what is new of a technology, with interest during construction [USD]."""
        technology = self.technologies[built.key]
        if built.name != technology.name:  # a connection that stands at another site
            return 0.0
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
        return Asset(name, paid, whole_years(life_s), years, terms.plant_residual, group)

    def through(self, path: Path) -> Iterator[Asset]:
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
                whole_years(hardware.load_server(key).life_s),
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
            land = self._land_usd_w(hall) / hall.capital_usd_per_w
            plant, life = _times(paid, 1.0 - land), whole_years(hall.life_s)
            yield Asset(name, plant, life, *write_off, "halls", False)
            life = whole_years(self.book.site_life_s)
            works, group = _times(paid, land), "land and site works"
            if any(works):
                yield Asset(f"land of {name}", works, life, *write_off, group, False)
            return
        technology = self.technologies[key]
        priced, life = _times(paid, self._construction(technology)), whole_years(technology.life_s)
        label = f"{name}, energy" if kind == "storage" else name
        yield Asset(label, priced, life, *write_off, _supply_group(technology), False)


def _supply_group(technology: Technology) -> str:
    return "grid connection" if technology.role == "grid" else "power plant"


def _times(paid: Sequence[float], factor: float) -> tuple[float, ...]:
    return tuple(each * factor for each in paid)


def whole_years(life_s: float) -> int:
    """Whole years of a life [s], at least one."""
    return _whole(life_s / YEAR_S)


def _whole(years: float) -> int:
    """Whole years, at least one."""
    return max(1, round(years))
