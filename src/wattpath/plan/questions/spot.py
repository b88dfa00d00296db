"""One place with one family of chips: its cheapest plan, and what that plan is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.plan.optimise import Optimiser
from wattpath.plan.outcome import NEGLIGIBLE
from wattpath.plan.questions.odds import Amounts, Latest, Range
from wattpath.plan.uncertainty.distribution import Effect
from wattpath.plan.uncertainty.reading import read_days
from wattpath.supply.periods import full_year
from wattpath.supply.program import Solution
from wattpath.supply.site import load_site
from wattpath.supply.technology import HOUR_S, Technology
from wattpath.units import MONTH_S

Floats = NDArray[np.float64]

#: Input -> what moves: (kind ``hall``, key, attribute) -> its range (see `Effect`).
Halls = dict[tuple[str, str, str], Effect]


@dataclass(frozen=True, slots=True)
class Spot:
    """A solved place.

    Attributes
    ----------
    site, server : str
        Keys.
    facility_w : float
        Peak [W].
    built : tuple of str
        Halls and supplies in use.
    criteria : dict
        Criterion -> what it is made of.
    """

    site: str
    server: str
    facility_w: float
    halls: tuple[str, ...]
    supplies: tuple[str, ...]
    criteria: dict[str, Amounts | Latest]


def spot_of(site: str, server: str, days: Optimiser, solution: Solution, halls: Halls) -> Spot:
    """Read the cheapest plan of a place.

    Parameters
    ----------
    halls : dict
        Ranges of factors on the overhead, water and capital of halls.
    """
    read = read_days(days, solution)
    inside = _Inside(load_site(site), server, days, solution.x, halls)
    return Spot(
        site,
        server,
        read.facility_power_peak_w,
        tuple(days.parts.halls[i].name for i in inside.halls_used),
        tuple(technology.name for technology in inside.supplies),
        {
            "cost": Amounts(read.cost_usd_per_year, tuple(inside.cost())),
            "carbon": Amounts(read.carbon_kg_per_year, tuple(inside.carbon())),
            "water": Amounts(read.water_m3_per_year, tuple(inside.water())),
            "date": Latest(tuple(inside.leads())),
        },
    )


def year_gap(days: Optimiser, solution: Solution, players: frozenset[str]) -> float:
    """Cost over all 8,760 hours against the representative days, less one [-]."""
    used = [days.compute.slots[i] for i in sorted(days.used(solution))]
    parts = replace(days.parts, whole=False)
    year = Optimiser(parts, used, full_year()).solve(players, days.decisions(solution))
    return year.objective / solution.objective - 1.0 if year.optimal else float("nan")


class _Inside:
    """The amounts behind one solution."""

    def __init__(self, entry: Entry, server: str, days: Optimiser, x: Floats, halls: Halls) -> None:
        self.entry, self.server, self.days, self.x = entry, server, days, x
        self.scale, self.halls = days.parts.scale, halls
        self.power = days.compute.it_w(x, days.periods)
        total = float(self.power.sum(axis=0).max())
        count = range(len(days.parts.halls))
        self.halls_used = [i for i in count if self.power[i].max() > NEGLIGIBLE * total]
        block = days.supply
        self.supplies: list[Technology] = [
            technology
            for technology in block.technologies
            if self._capacity_w(technology.key) > NEGLIGIBLE * total
        ]

    def cost(self) -> Iterator[tuple[Range, float]]:
        """Terms of the yearly cost [USD/year]."""
        yield self._server(), self._servers_usd()
        overhead = float(sum(self._overhead_wh().values()))
        energy = self._energy_wh()
        for index, wh in self._overhead_wh().items():
            usd = self._supply_usd() / energy * wh if overhead > 0.0 else 0.0
            yield from self._hall(index, "overhead", usd)
            yield from self._hall(index, "capital", self._hall_usd(index))
        yield from self._grid()
        heat = sum(
            self._delivered_j(t.key) / t.efficiency for t in self.supplies if t.fuel == "gas"
        )
        yield from self._own("gas_price", heat)
        yield from self._imports()
        yield from self._water_prices()

    def carbon(self) -> Iterator[tuple[Range, float]]:
        """Terms of the yearly carbon [kg/year]."""
        yield from self._own("carbon_average", self._delivered_j("grid"))
        for one in self.days.imports:
            energy = one.energy_wh(self.x) * HOUR_S
            yield from _drawn(load_site(one.site.key), "carbon_average", energy)
        each = self.days.carbon_kg(self.x) / self._energy_wh()
        for index, wh in self._overhead_wh().items():
            yield from self._hall(index, "overhead", each * wh)

    def water(self) -> Iterator[tuple[Range, float]]:
        """Terms of the yearly water [m3/year]."""
        for wet, index in self._water_parts():
            yield from self._hall(index, "water", wet)

    def leads(self) -> Iterator[Range]:
        """Lead times of what is built [months]."""
        for kind, key, attribute in self._lead_entries():
            quantity = catalog.load(kind, key).quantity(attribute)
            span = Range.of(f"{kind} {key} {attribute}", quantity)
            yield Range(span.key, *(v / MONTH_S for v in (span.low, span.value, span.high)))

    # ------------------------------------------------------------------ inside

    def _lead_entries(self) -> Iterable[tuple[str, str, str]]:
        yield "server", self.server, "lead_time_s"
        yield "cost", "building", "lead_time"
        for index in self.halls_used:
            hall = self.days.parts.halls[index]
            yield "cooling", hall.cooling, "lead_time_s"
            yield "electrical", hall.electrical, "lead_time_s"
        for technology in self.supplies:
            if technology.role == "grid":
                yield "site", self.entry.key, "grid_lead_time"
            else:
                yield "supply", technology.key, "lead_time"

    def _own(self, attribute: str, amount: float) -> Iterator[tuple[Range, float]]:
        """A number of the site, drawn for it alone."""
        yield from _drawn(self.entry, attribute, amount)

    def _hall(self, index: int, attribute: str, amount: float) -> Iterator[tuple[Range, float]]:
        """Factors on a hall's overhead, water or capital; the same in all places."""
        hall = self.days.parts.halls[index]
        for key in (hall.cooling, hall.electrical):
            effect = self.halls.get(("hall", key, attribute))
            if effect is not None:
                share = 0.5 if attribute == "capital" else 1.0
                span = Range(effect.loads[0][0], effect.low, effect.value, effect.high)
                yield span, share * amount

    def _server(self) -> Range:
        """Factor on the price of the servers."""
        quantity = catalog.load("server", self.server).quantity("price_usd")
        low, high = quantity.low / quantity.value, quantity.high / quantity.value
        return Range(f"server {self.server} price_usd", low, 1.0, high)

    def _servers_usd(self) -> float:
        """Yearly cost of servers that follows their price [USD/year]."""
        counts = self.x[self.days.compute.units]
        return float(
            sum(
                n * (s.deployment.cost_usd_per_year - s.deployment.once_usd_per_year)
                for n, s in zip(counts, self.days.compute.slots, strict=True)
            )
        )

    def _hall_usd(self, index: int) -> float:
        hall = self.days.parts.halls[index]
        return self.days.compute.hall_w(self.x, index) * hall.cost_usd_per_w_year

    def _overhead_wh(self) -> dict[int, float]:
        """Energy that each hall in use takes beside its IT [Wh/year]."""
        found = {}
        for index in self.halls_used:
            hall = self.days.parts.halls[index]
            beside = (self.days.periods.take(hall.variable) - 1.0) * self.power[index]
            fixed = hall.fixed * self.days.compute.hall_w(self.x, index)
            found[index] = float(self.days.periods.weights @ (beside + fixed))
        return found

    def _energy_wh(self) -> float:
        return float(self.days.periods.weights @ self.days.facility_w(self.x))

    def _supply_usd(self) -> float:
        """What the supply costs [USD/year]."""
        columns = [
            column
            for name, column in self.days.program.columns.items()
            if name.startswith(self.days.supply.prefix)
        ]
        index = np.concatenate(columns)
        own = float(self.days.program.cost(index) @ self.x[index])
        there = sum(one.cost(self.days.program, self.x) for one in self.days.imports)
        return (own + there) * self.scale.money_usd

    def _capacity_w(self, key: str) -> float:
        column = self.days.supply.capacity.get(key)
        return 0.0 if column is None else float(self.x[column]) * self.scale.power_w

    def _delivered_j(self, key: str) -> float:
        """Output of a technology with an output of its own [J/year]."""
        columns = self.days.supply.output.get(key)
        if columns is None:
            return 0.0
        wh = float(self.days.periods.weights @ self.x[columns]) * self.scale.power_w
        return wh * HOUR_S

    def _grid(self) -> Iterator[tuple[Range, float]]:
        """Price, charges and connection of the grid."""
        energy, capacity = self._delivered_j("grid"), self._capacity_w("grid")
        if capacity <= 0.0:
            return
        yield from self._own("grid_price", energy)
        yield from self._own("delivery_charge", energy)
        yield from self._own("demand_charge", capacity)
        grid = next(t for t in self.days.supply.technologies if t.key == "grid")
        yearly = grid.capital_usd_w_year(self.days.parts.options.rate) / grid.capex_usd_w
        yield from self._own("connection_cost", capacity * yearly)

    def _imports(self) -> Iterator[tuple[Range, float]]:
        """Price and charges of the grids of other sites."""
        for one in self.days.imports:
            there, energy = load_site(one.site.key), one.energy_wh(self.x) * HOUR_S
            yield from _drawn(there, "grid_price", energy)
            yield from _drawn(there, "delivery_charge", energy)
            used = float(self.x[one.connection]) * self.scale.power_w
            yield from _drawn(there, "demand_charge", used)

    def _water_prices(self) -> Iterator[tuple[Range, float]]:
        """Price of water at each site."""
        entries = [self.entry, *(load_site(one.site.key) for one in self.days.imports)]
        for place, entry in enumerate(entries):
            parts = self._water_parts()
            wet = sum(wet for wet, i in parts if self.days.parts.halls[i].site == place)
            yield from _drawn(entry, "water_price", wet)

    def _water_parts(self) -> Iterator[tuple[float, int]]:
        """Cooling water of each hall in use [m3/year]."""
        for index in self.halls_used:
            water = self.days.periods.take(self.days.parts.halls[index].water)
            yield float(self.days.periods.weights @ (self.power[index] * water)) * HOUR_S, index


def _drawn(entry: Entry, attribute: str, amount: float) -> Iterator[tuple[Range, float]]:
    """A number of a site, which is the same wherever it counts."""
    if attribute in entry.quantities:
        quantity = entry.quantities[attribute]
        yield Range.of(f"site {entry.key} {attribute}", quantity), amount
