"""The other numbers of a plan: rows of its tables, parts of its cost, prices, limits."""

from __future__ import annotations

from collections.abc import Iterator

from wattpath import catalog
from wattpath.plan.explain import numbers
from wattpath.plan.explain.headline import Account, label
from wattpath.plan.explain.step import Number, Step, computed, given, of_entry
from wattpath.plan.result import Binding, Built

#: Groups of numbers that a plan has beside its headlines, as its JSON names them.
GROUPS = ("deployments", "cooling", "supply", "cost_parts", "carbon_parts", "prices", "binding")

#: Field of a hall or technology -> unit, and how it comes about.
BUILT = {
    "capacity_w": ("W", "the least that every hour and the standing capacity ask for"),
    "energy_wh": ("Wh/year", "the sum over all hours"),
    "cost_usd_per_year": ("USD/year", "what is new x [yearly capital], upkeep, energy and fuel"),
    "lead_time_months": ("months", "0 where nothing is added to what stands"),
}


def rows(account: Account) -> Iterator[Number]:
    """Every number of a plan's tables but its headlines."""
    yield from _deployments(account)
    for group, items in (("cooling", account.outcome.cooling), ("supply", account.outcome.supply)):
        keys = [built.key for built in items]
        for built in items:
            alone = keys.count(built.key) == 1
            yield from _built(account, group, built.key if alone else built.name, built)
    yield from _parts(account)
    yield from _prices(account)
    for place, binding in enumerate(account.outcome.binding, start=1):
        yield _limit(account, place, binding)


def _deployments(account: Account) -> Iterator[Number]:
    """Chips of each demand."""
    for demand in dict.fromkeys(item.deployment.demand for item in account.outcome.chosen):
        own = [item for item in account.outcome.chosen if item.deployment.demand == demand]

        def factors(own: list = own) -> Iterator[Step]:  # type: ignore[type-arg]
            for item in own:
                yield from numbers.rates(item, account.scenario)
                yield from account.deployment(item)

        total = sum(item.units * item.deployment.chips for item in own)
        name = f"{account.name}.deployments.{demand}.chips"
        yield Number(name, total, "chips", "units x chips of a unit", factors)


def _built(account: Account, group: str, key: str, built: Built) -> Iterator[Number]:
    """A row of halls and supply, by its name where several have the same key."""
    for field, (unit, law) in BUILT.items():

        def factors(field: str = field) -> Iterator[Step]:
            yield from _behind(account, group, built, field, key)

        name = f"{account.name}.{group}.{key}.{field}"
        yield Number(name, getattr(built, field), unit, law, factors)


def _behind(account: Account, group: str, built: Built, field: str, key: str) -> Iterator[Step]:
    """What a row of halls or supply rests on."""
    of_hall = [
        item
        for item in account.outcome.chosen
        if built.key.startswith(f"{item.cooling} on {item.electrical}")
    ]
    if field == "capacity_w" and group == "cooling":
        peak = account.outcome.it_power_peak_w
        yield computed("IT peak of all halls", peak, "W", f"{account.name}.it_power_peak_w")
    elif field == "capacity_w":
        peak = account.outcome.facility_power_peak_w
        yield computed("facility peak", peak, "W", f"{account.name}.facility_power_peak_w")
        grid = None if account.scenario is None else account.scenario.grid.existing
        if built.key == "grid" and grid is not None:
            yield given("connection that stands", grid, "W")
    elif field == "energy_wh":
        total = account.outcome.energy_wh_per_year
        yield computed("the site's energy", total, "Wh/year", f"{account.name}.energy_wh_per_year")
    elif field == "lead_time_months":
        yield from _lead(account, group, built)
    else:
        if group == "cooling":
            for item in of_hall[:1]:
                yield from numbers.hall_money(item)
        else:
            yield from numbers.supply_money(built, account.scenario)
        row = f"{account.name}.{group}.{key}"
        yield computed("capacity", built.capacity_w, "W", f"{row}.capacity_w")
        yield computed("energy", built.energy_wh, "Wh/year", f"{row}.energy_wh")


def _lead(account: Account, group: str, built: Built) -> Iterator[Step]:
    """Sourced lead times of a row."""
    if group == "cooling":
        for key in built.key.removesuffix(", refitted").split(" on "):
            kind = "cooling" if built.key.startswith(key) else "electrical"
            yield from of_entry(catalog.load(kind, key), ("lead_time_s",))
        yield from numbers.book("shell_lead_s")
    elif built.key != "grid":
        yield from of_entry(catalog.load("supply", built.key), ("lead_time",))
    elif account.scenario is not None:
        site = catalog.load("site", numbers.site_of(built, account.scenario))
        yield from of_entry(site, ("grid_lead_time",))


def _parts(account: Account) -> Iterator[Number]:
    """Parts of the yearly cost and carbon."""
    for of, unit in (("cost", "USD/year"), ("carbon", "kg/year")):
        for part, value in getattr(account.outcome, f"{of}_parts").items():

            def factors(of: str = of, part: str = part) -> Iterator[Step]:
                yield from _part(account, of, part)

            name = f"{account.name}.{of}_parts.{part}"
            yield Number(name, value, unit, "all that is listed above of it", factors)


def _part(account: Account, of: str, part: str) -> Iterator[Step]:
    """What a part of cost or carbon rests on."""
    outcome = account.outcome
    if part.startswith("servers"):
        for item in outcome.chosen:
            yield from numbers.server_money(item, account.scenario)
            yield from account.unit_cost(item)
            yield computed(f"{label(item)}: units", item.units, "units", f"{account.name}.chips")
    elif part == "halls":
        for item in outcome.chosen:
            yield from numbers.hall_money(item)
        for built in outcome.cooling:
            law = f"{account.name}.cooling.{built.key}.cost_usd_per_year"
            yield computed(built.name, built.cost_usd_per_year, "USD/year", law)
    elif part == "cooling water":
        yield from account.water_price()
        total, law = outcome.water_m3_per_year, f"{account.name}.water_m3_per_year"
        yield computed("water", total, "m3/year", law)
    elif part == "embodied in buildings":
        yield from numbers.book(*numbers.SHELL)
        for built in outcome.cooling:
            law = "of it only what is new counts"
            yield computed(f"{built.name}: capacity", built.capacity_w, "W", law)
    elif part == "embodied in servers":
        for item in outcome.chosen:
            yield from numbers.embodied(item)
            each = item.deployment.embodied_kg_per_year
            yield computed(f"{label(item)}: embodied in a unit", each, "kg/year", "over its life")
            yield computed(f"{label(item)}: units", item.units, "units", f"{account.name}.chips")
    for built in outcome.supply:
        if of == "carbon" and part.startswith("supply"):
            yield from numbers.supply_carbon(built, account.scenario)
            law = f"{account.name}.supply.{built.key}.energy_wh"
            yield computed(f"{built.name}: energy", built.energy_wh, "Wh/year", law)
        elif part == f"supply: {built.name}":
            yield from _behind(account, "supply", built, "cost_usd_per_year", built.key)


def _prices(account: Account) -> Iterator[Number]:
    """Prices of tokens and requests."""
    for demand, prices in account.outcome.prices.items():
        for price, value in prices.items():

            def factors(demand: str = demand) -> Iterator[Step]:
                total, law = account.outcome.cost_usd_per_year, f"{account.name}.cost_usd_per_year"
                yield computed("cost of a year", total, "USD/year", law)
                yield from _asked(account, demand)

            law = "cost of the demand's servers and its share by energy of the rest, over its year"
            unit = "USD/1000 requests" if "requests" in price else "USD/million tokens"
            yield Number(f"{account.name}.prices.{demand}.{price}", value, unit, law, factors)


def _asked(account: Account, name: str) -> Iterator[Step]:
    """What is asked of a demand, in its own units."""
    demands = () if account.scenario is None else account.scenario.demands
    for demand in (one for one in demands if one.name == name):
        if demand.kind == "training":
            yield given(f"{name}: tokens of a run", demand.tokens, "tokens")
            yield given(f"{name}: time of a run", demand.within / 86400.0, "days")
        else:
            yield given(f"{name}: requests", demand.requests, "requests/s")
            yield given(f"{name}: input", demand.input_tokens, "tokens/request")
            yield given(f"{name}: output", demand.output_tokens, "tokens/request")


def _limit(account: Account, place: int, binding: Binding) -> Number:
    """What stops the rest: the worth of one unit more of a limit."""

    def factors() -> Iterator[Step]:
        cost, law = account.outcome.cost_usd_per_year, f"{account.name}.cost_usd_per_year"
        yield computed("cost of a year under the limit", cost, "USD/year", law)
        yield computed(binding.constraint, binding.worth, binding.unit, binding.sentence)

    law = "dual of the limit in the programme of representative days"
    name = f"{account.name}.binding.{place}"
    return Number(name, binding.worth, binding.unit, law, factors)
