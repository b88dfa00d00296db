r"""What comes from outside the catalogue's machines: demand, lead times, warm years.

A demand of m months from now is what the scenario expects times :math:`f^{m/12}`, with one f
for all demands of requests; growth of later years is off by the same f a year. What is
trained is a decision, and stays. Lead times move what can stand when: a plan that nothing in
time can serve has no answer in that draw. A warmer year moves overhead and water of every
hall as if all its hours were warmer by so much.

Where it breaks down: all demands miss their forecast alike; hours keep the shape of the
weather year, and sun and wind do not move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wattpath import catalog, facility, levers
from wattpath.catalog import Entry
from wattpath.facility import FacilityHours, Weather
from wattpath.plan.build import technologies_of
from wattpath.plan.columns.search import servers_of
from wattpath.plan.demand import Demand, ServingDemand
from wattpath.plan.scenario import Scenario
from wattpath.plan.spans import limits_of, placed, steps, taken
from wattpath.plan.uncertainty.distribution import Effect, Target
from wattpath.plan.uncertainty.inputs import Collector, alone
from wattpath.plan.years.horizon import MONTHS, grown

#: What the demand of a year is over what was expected a year before.
GROWTH: Target = ("scenario", "demand", "growth_factor")

#: Interest of the scenario.
RATE: Target = ("scenario", "finance", "discount_rate")

#: IT power over capacity at which halls are compared.
LOAD = 0.8


def demand(found: Collector, scenario: Scenario) -> None:
    """How far requests may be from their forecast."""
    if not any(isinstance(each, ServingDemand) for each in scenario.demands):
        return
    known = catalog.load("outlook", "demand").quantity("growth_factor")
    found.effect(
        GROWTH, (known.low, known.value, known.high),
        alone("demand", "Growth of the demand"), evidence=known.evidence,
    )  # fmt: skip


def own(found: Collector, scenario: Scenario) -> None:
    """The ranges that the scenario gives values of its own."""
    for path, (low, high) in scenario.spans.items():
        at = steps(path)
        *parents, last = at
        span = low, float(taken(scenario, at)), high
        target = "scenario", ".".join(map(str, parents)), str(last)
        named = _named(scenario, path)
        found.effect(target, span, alone(f"scenario {named}", named), limits_of(scenario, at))


def _named(scenario: Scenario, path: str) -> str:
    """A path with demands by their names."""
    first, _, rest = path.partition(".")
    place, _, last = rest.partition(".")
    return f"{first}.{scenario.demands[int(place)].name}.{last}" if first == "demands" else path


def dates(found: Collector, scenario: Scenario) -> None:
    """Lead times of servers, software, buildings, grid and plants."""
    delivery = alone("lead servers", "Delivery of servers")
    for server in servers_of(scenario):
        found.add(catalog.load("server", server.key), ["lead_time_s"], delivery)
    adoption = alone("lead levers", "Adoption of software")
    for lever in levers.by_names([*scenario.baseline.levers, *scenario.options.levers]):
        found.add(catalog.load("lever", lever.key), ["adopt"], adoption)
    _buildings(found, scenario)
    for technology in technologies_of(scenario):
        if technology.role == "grid":
            entry = catalog.load("site", scenario.site, "site")
            found.add(entry, ["grid_lead_time"], alone("lead grid", "Time to a grid connection"))
        else:
            own = alone(f"lead {technology.key}", f"{technology.name}: lead time")
            found.add(catalog.load("supply", technology.key), ["lead_time"], own)


def _buildings(found: Collector, scenario: Scenario) -> None:
    """Lead times of buildings, modules, cooling and chains, which all slip together."""
    buildings = alone("lead halls", "Time to build halls")
    found.add(catalog.load("cost", "building"), ["lead_time"], buildings)
    for name in scenario.horizon.modules:
        found.add(catalog.load("module", name), ["lead_time_s"], buildings)
    base, options = scenario.baseline, scenario.options
    for kind, names in (
        ("cooling", [base.cooling, *options.cooling]),
        ("electrical", [base.electrical, *options.electrical]),
    ):
        for name in dict.fromkeys(names):
            entry = catalog.load(kind, name)
            span = entry.quantity("lead_time_s")
            ends = (span.low / span.value, 1.0, span.high / span.value)
            found.effect(("hall", entry.key, "lead"), ends, buildings, evidence=span.evidence)


def weather(found: Collector, scenario: Scenario, year: Weather) -> None:
    """What colder and warmer years do to the overhead and the water of each cooling system."""
    if scenario.fixed_pue is not None:
        return
    known = catalog.load("outlook", "weather").quantity("warmth")
    base, options = scenario.baseline, scenario.options
    for name in dict.fromkeys([base.cooling, *options.cooling]):
        entry = catalog.load("cooling", name)
        middle, cold, warm = (
            means(facility.performance(entry.key, base.electrical, warmer(year, shift)))
            for shift in (known.value, known.low, known.high)
        )
        for place, attribute in enumerate(("overhead", "water")):
            if middle[place] > 0.0:
                _moved(
                    found,
                    entry,
                    attribute,
                    cold[place] / middle[place],
                    warm[place] / middle[place],
                )


def _moved(found: Collector, entry: Entry, attribute: str, cold: float, warm: float) -> None:
    """One factor of a hall, which rises or falls with the warmth."""
    sign = 1.0 if warm >= cold else -1.0
    low, high = min(cold, warm, 1.0), max(cold, warm, 1.0)
    found.effect(
        ("hall", entry.key, f"{attribute} weather"), (low, 1.0, high),
        alone("warmth", "Warmth of the years to come", sign), evidence="estimate",
    )  # fmt: skip


def warmer(year: Weather, kelvin: float) -> Weather:
    """The weather year with every hour warmer at the same relative humidity."""
    return year if kelvin == 0.0 else replace(year, dry_bulb_c=year.dry_bulb_c + kelvin)


def means(hours: FacilityHours) -> tuple[float, float]:
    """Mean overhead at `LOAD` [W per W of IT] and mean water [m3/J]."""
    variable = float(hours.facility_w_per_it_w.mean())
    fixed = hours.facility_w_per_it_capacity_w / LOAD
    return variable + fixed - 1.0, float(hours.water_m3_per_it_j.mean())


def values_of(effects: Mapping[Target, Effect], z: Mapping[str, float]) -> dict[Target, float]:
    """What is drawn at a point of the inputs."""
    return {target: effect.at(z) for target, effect in effects.items()}


def asked_of(scenario: Scenario, values: Mapping[Target, float]) -> Scenario:
    """The scenario with the drawn interest and demand, and its own values that have a range."""
    for path in scenario.spans:
        *parents, last = steps(path)
        target = "scenario", ".".join(map(str, parents)), str(last)
        if target in values:
            scenario = placed(scenario, steps(path), values[target])
    changes: dict[str, object] = {}
    if RATE in values:
        changes["finance"] = scenario.finance.model_copy(update={"discount_rate": values[RATE]})
    if GROWTH in values:
        ahead = scenario.months_available / MONTHS
        changes["demands"] = [_missed(own, values[GROWTH], ahead) for own in scenario.demands]
    return scenario.model_copy(update=changes)


def _missed(own: Demand, factor: float, years: float) -> Demand:
    """A demand that grows by a factor a year beside its forecast."""
    if not isinstance(own, ServingDemand) or factor == 1.0:
        return own
    rates = own.growth or [0.0]
    off = own.model_copy(update={"growth": [(1.0 + rate) * factor - 1.0 for rate in rates]})
    return grown(off, factor**years)
