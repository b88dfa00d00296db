"""The headline numbers of one plan in one year: each as a sum or a product of what stands before.

Power is that of one hour, energy and carbon are sums over the year, cost and capital sums of
parts, the date the latest of its parts. A part that has a chain of its own is named with the
number by which it can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wattpath import catalog, hardware
from wattpath.economics import annuity, load_book
from wattpath.plan.columns.search import need_of
from wattpath.plan.explain import numbers
from wattpath.plan.explain.step import Number, Step, computed, given, of_entry
from wattpath.plan.result import Chosen, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.units import HOURS, MONTH_S, YEAR_S

#: Field -> unit; the headline numbers of a plan.
FIELDS = {
    "facility_power_peak_w": "W",
    "it_power_peak_w": "W",
    "energy_wh_per_year": "Wh/year",
    "cost_usd_per_year": "USD/year",
    "carbon_kg_per_year": "kg/year",
    "water_m3_per_year": "m3/year",
    "months_to_power": "months",
    "chips": "chips",
    "capital_usd": "USD",
}

#: What a deployment reports of itself, in words and units.
FIGURES = {
    "ttft_s": ("time to first token", "s"),
    "tpot_s": ("time per output token", "s"),
    "batch": ("requests decoded together", "requests"),
    "step_s": ("time of an optimiser step", "s"),
    "mfu": ("share of the peak that training uses", "-"),
    "goodput": ("share of the time that is not lost to stops", "-"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """A feasible plan whose numbers are asked for.

    Parameters
    ----------
    name : str
        As the numbers begin: the plan, and the year if there are several.
    outcome : Outcome
    scenario : Scenario or None
        With the demands of the year.
    """

    name: str
    outcome: Outcome
    scenario: Scenario | None

    def headlines(self) -> Iterator[Number]:
        """Every headline number."""
        chains = {
            "facility_power_peak_w": (self._facility_peak, "IT power x PUE in the highest hour"),
            "it_power_peak_w": (self._it_peak, "units x [idle + load x (at capacity - idle)]"),
            "energy_wh_per_year": (self._energy, "IT energy x PUE over the year"),
            "cost_usd_per_year": (self._cost, "the sum of the parts of a year"),
            "carbon_kg_per_year": (self._carbon, "the sum of supply and what is embodied"),
            "water_m3_per_year": (self._water, "cooling and generation together"),
            "months_to_power": (self._months, "the latest of what must stand"),
            "chips": (self._chips, "units x chips of a unit, over all deployments"),
            "capital_usd": (self._capital, "servers, network and software, and what is new"),
        }
        for field, (factors, law) in chains.items():
            value = getattr(self.outcome, field)
            yield Number(f"{self.name}.{field}", value, FIELDS[field], law, factors)

    # ------------------------------------------------------------------ chips

    def _chips(self) -> Iterator[Step]:
        yield from self._needs()
        for item in self.outcome.chosen:
            yield from numbers.rates(item, self.scenario)
            yield from self.deployment(item)
            yield computed(
                f"{label(item)}: chips", item.units * item.deployment.chips, "chips",
                "units x chips of a unit",
            )  # fmt: skip

    def _needs(self) -> Iterator[Step]:
        for demand in () if self.scenario is None else self.scenario.demands:
            if demand.kind == "training":
                yield given(f"{demand.name}: tokens of a run", demand.tokens, "tokens")
                yield given(f"{demand.name}: time of a run", demand.within / 86400.0, "days")
                words, unit, law = "rate that meets the deadline", "tokens/s", "tokens / time"
            else:
                yield given(f"{demand.name}: requests", demand.requests, "requests/s")
                yield given(f"{demand.name}: spare", demand.spare, "-")
                peak = need_of(demand) / demand.requests / (1.0 + demand.spare)
                law = f"the highest hour of the rhythm {demand.rhythm!r} over its mean"
                yield computed(f"{demand.name}: peak over mean", peak, "-", law)
                words, unit = "capacity that is needed", "requests/s"
                law = "requests x peak over mean x (1 + spare)"
            yield computed(f"{demand.name}: {words}", need_of(demand), unit, law)

    def deployment(self, item: Chosen) -> Iterator[Step]:
        """The operating point of a deployment, its capacity and its units."""
        column = item.deployment
        name = label(item)
        for key, (words, unit) in FIGURES.items():
            if key in column.figures:
                law = "kernels over model, chip and levers"
                yield computed(f"{name}: {words}", column.figures[key], unit, law)
        unit = "requests/s" if "ttft_s" in column.figures else "per s"
        law = "the most that keeps the service level or the deadline"
        yield computed(f"{name}: capacity of a unit", column.capacity, unit, law)
        yield computed(f"{name}: chips of a unit", column.chips, "chips", "whole servers")
        yield computed(f"{name}: share of the demand", item.share, "-", "the cheapest plan")
        law = "the cheapest plan; together at least the capacity that is needed"
        yield computed(f"{name}: units", item.units, "units", law)

    # ------------------------------------------------------------------ power

    def _it_peak(self) -> Iterator[Step]:
        yield from self._needs()
        for item in self.outcome.chosen:
            yield from numbers.rates(item, self.scenario)
            yield from numbers.power(item)
            yield from self.deployment(item)
            yield from _unit_power(item)
        hourly = self.outcome.hourly
        if hourly is not None:
            hour = int(hourly.it_w.argmax())
            yield self._load(hour)

    def _load(self, hour: int) -> Step:
        """The load of all units in an hour."""
        hourly = self.outcome.hourly
        assert hourly is not None
        idle, full = _ends(self.outcome)
        load = (hourly.it_w[hour] - idle) / (full - idle)
        law = f"hour {hour} of {HOURS}, of what the units can do"
        return computed("load in the highest hour", load, "-", law)

    def _facility_peak(self) -> Iterator[Step]:
        for item in self.outcome.chosen:
            yield from numbers.rates(item, self.scenario)
            yield from numbers.power(item)
            yield from self.deployment(item)
            yield from _unit_power(item)
        yield from self._overhead()
        hourly = self.outcome.hourly
        if hourly is not None:
            hour = int(hourly.facility_w.argmax())
            yield self._load(hour)
            law = f"units x [idle + load x (at capacity - idle)] in hour {hour} of {HOURS}"
            yield computed("IT power in the highest hour", hourly.it_w[hour], "W", law)
            yield computed("PUE in the highest hour", hourly.pue[hour], "-", self._physics())

    def _overhead(self) -> Iterator[Step]:
        if self.scenario is not None and self.scenario.fixed_pue is not None:
            yield given("PUE in every hour", self.scenario.fixed_pue, "-")
            return
        for item in self.outcome.chosen:
            yield from numbers.hall(item)

    def _physics(self) -> str:
        """How the overhead of a hall comes about."""
        if self.scenario is None:
            return "fans, pumps, chillers and losses in the hour's weather"
        site = catalog.load("site", self.scenario.site)
        year = self.scenario.weather or site.text("weather") or site.text("climate")
        return f"fans, pumps, chillers and losses in the weather of {year}"

    def _energy(self) -> Iterator[Step]:
        for item in self.outcome.chosen:
            yield from numbers.rates(item, self.scenario)
            yield from numbers.power(item)
            yield from self.deployment(item)
            yield from _unit_power(item)
            law = "units x [idle + load x (at capacity - idle)], summed over the hours"
            yield computed(f"{label(item)}: IT energy", item.energy_wh, "Wh/year", law)
        yield from self._overhead()
        yield from self._year()

    def _year(self) -> Iterator[Step]:
        hourly = self.outcome.hourly
        if hourly is not None:
            it, facility = float(hourly.it_w.sum()), float(hourly.facility_w.sum())
            yield computed("IT energy", it, "Wh/year", "the sum over all hours")
            yield computed("PUE over the year", facility / it, "-", self._physics())

    # ------------------------------------------------------------------ money

    def _cost(self) -> Iterator[Step]:
        for item in self.outcome.chosen:
            yield from numbers.rates(item, self.scenario)
            yield from self.deployment(item)
            yield from numbers.server_money(item, self.scenario)
            yield from self.unit_cost(item)
            yield from numbers.hall_money(item)
        for built in self.outcome.supply:
            yield from numbers.supply_money(built, self.scenario)
        yield from self.water_price()
        yield from self.parts("cost")

    def unit_cost(self, item: Chosen) -> Iterator[Step]:
        """The yearly cost of a unit's servers, and of all units."""
        column, name = item.deployment, label(item)
        server = hardware.load_server(column.server)
        years = server.life_s / YEAR_S
        if self.scenario is not None:
            rate = self.scenario.finance.discount_rate
            yield given("interest", rate, "1/year")
            law = f"i / (1 - (1 + i)^-n) over {years:g} years"
            yield computed("yearly share of a server's price", annuity(rate, years), "1/year", law)
        law = "price x (share + network, storage, maintenance, insurance) + software work"
        yield computed(f"{name}: cost of a unit", column.cost_usd_per_year, "USD/year", law)
        once = column.once_usd_per_year
        law = "price of the work, repaid over the servers' life"
        yield computed(f"{name}: of it one-off software work", once, "USD/year", law)

    def water_price(self) -> Iterator[Step]:
        if self.scenario is not None:
            yield from of_entry(catalog.load("site", self.scenario.site), ("water_price",))

    def parts(self, of: str) -> Iterator[Step]:
        """The parts of a year's cost or carbon, by the names under which they can be asked."""
        parts = self.outcome.cost_parts if of == "cost" else self.outcome.carbon_parts
        unit = "USD/year" if of == "cost" else "kg/year"
        for part, value in parts.items():
            yield computed(part, value, unit, f"{self.name}.{of}_parts has each part's own chain")

    def _capital(self) -> Iterator[Step]:
        servers = 0.0
        for item in self.outcome.chosen:
            yield from of_entry(catalog.load("server", item.deployment.server), ("price_usd",))
            yield from numbers.book("network_share", "storage_share")
            yield from numbers.hall_money(item)
            yield from self.deployment(item)
            law = "price x (1 + network + storage), and one-off software work"
            each = item.deployment.capital_usd
            yield computed(f"{label(item)}: capital of a unit", each, "USD", law)
            servers += item.units * each
        for built in self.outcome.supply:
            yield from numbers.supply_money(built, self.scenario)
        yield computed("servers, network and software work", servers, "USD", "units x capital")
        rest = self.outcome.capital_usd - servers
        yield computed("halls and supply that are new", rest, "USD", "capacity x price per W")

    # ------------------------------------------------------------------ the rest

    def _carbon(self) -> Iterator[Step]:
        for built in self.outcome.supply:
            yield from numbers.supply_carbon(built, self.scenario)
            law = f"what it delivers; {self.name}.energy_wh_per_year has the load's chain"
            yield computed(f"{built.name}: energy", built.energy_wh, "Wh/year", law)
        for item in self.outcome.chosen:
            yield from numbers.embodied(item)
            each = item.deployment.embodied_kg_per_year
            law = "of servers, network and storage, over their lives"
            yield computed(f"{label(item)}: embodied in a unit", each, "kg/year", law)
            yield computed(f"{label(item)}: units", item.units, "units", f"{self.name}.chips")
        yield from numbers.book(*numbers.SHELL)
        yield from self.parts("carbon")

    def _water(self) -> Iterator[Step]:
        for item in self.outcome.chosen:
            yield from numbers.hall(item)
        yield from self._year()
        generation = 0.0
        for built in self.outcome.supply:
            entry = catalog.load("supply", built.key)
            each = entry.get("water") or 0.0
            yield from of_entry(entry, ("water",))
            generation += built.energy_wh * 3600.0 * each
        yield computed("water of generation", generation, "m3/year", "energy x water of each")
        cooling = self.outcome.water_m3_per_year - generation
        yield computed("water of cooling", cooling, "m3/year", self._physics())

    def _months(self) -> Iterator[Step]:
        for item in self.outcome.chosen:
            yield from numbers.dates(item)
            law = "the later of the servers' delivery and the levers' adoption"
            months = item.deployment.lead_time_s / MONTH_S
            yield computed(f"{label(item)}: lead time", months, "months", law)
        if self.scenario is not None:
            yield from of_entry(catalog.load("site", self.scenario.site), ("grid_lead_time",))
        for built in (*self.outcome.cooling, *self.outcome.supply):
            if built.key != "grid" and built in self.outcome.supply:
                yield from of_entry(catalog.load("supply", built.key), ("lead_time",))
            law = "0 where nothing is added to what stands"
            yield computed(f"{built.name}: lead time", built.lead_time_months, "months", law)


def label(item: Chosen) -> str:
    """A deployment in words."""
    column = item.deployment
    return f"{column.demand} on {column.server} ({column.label})"


def _unit_power(item: Chosen) -> Iterator[Step]:
    """IT power of a unit at its two ends."""
    column, name = item.deployment, label(item)
    factor = load_book().it_power_factor
    law = f"servers with their chips, x {factor:g} for network and storage"
    yield computed(f"{name}: IT power of an idle unit", column.idle_w, "W", law)
    if "chip_full_w" in column.figures:
        law = "idle, compute and memory power of its kernels"
        yield computed(f"{name}: power of a chip", column.figures["chip_full_w"], "W", law)
    law = f"servers with chips at that power, x {factor:g} for network and storage"
    yield computed(f"{name}: IT power of a unit at capacity", column.full_w, "W", law)


def _ends(outcome: Outcome) -> tuple[float, float]:
    """IT power of all units idle and at capacity [W]."""
    idle = sum(item.units * item.deployment.idle_w for item in outcome.chosen)
    full = sum(item.units * item.deployment.full_w for item in outcome.chosen)
    return idle, full
