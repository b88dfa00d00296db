r"""How far a hall's overhead, water and cost may lie from their values.

A cooling system has two dozen numbers with ranges. Each is moved alone to its low and to its
high end, the year is simulated, and the changes of the mean overhead are added in squares,

.. math:: 1 + \sqrt{\sum_i \max(\delta_i^+, 0)^2}, \qquad
          1 - \sqrt{\sum_i \max(\delta_i^-, 0)^2}

which gives one factor on the overhead in all hours, and one on water in the same way.

Where it breaks down: numbers are taken as independent and their effects as adding up, and the
hours keep the shape of the central case.
"""

from __future__ import annotations

import math
from dataclasses import replace

from wattpath import catalog, facility
from wattpath.catalog import Entry, Quantity
from wattpath.facility import FacilityHours, Weather
from wattpath.plan.scenario import Scenario
from wattpath.plan.uncertainty.distribution import Target
from wattpath.plan.uncertainty.inputs import Collector, alone
from wattpath.plan.uncertainty.outside import means

#: Numbers that are costs and times, or that no physics of a year reads.
ASIDE = (
    "capital_usd_per_it_w",
    "building_usd_per_it_w",
    "maintenance_per_year",
    "building_maintenance_per_year",
    "redundant_share",
    "lead_time_s",
    "life_s",
    "grid_outages",
    "grid_repair_s",
    "grid_feeds",
    "generator_start_failure",
    "generator_units",
    "ups_units",
    "ups_failure_s",
    "ups_repair_s",
    "transformer_failure_s",
    "transformer_repair_s",
    "transformer_units",
    "distribution_failure_s",
    "distribution_repair_s",
    "disturbances",
    "transfer_failure",
    "generator_start_s",
    "restart_s",
    "ride_through_s",
    "common_cause",
    "swing_share",
    "swing_s",
    "swing_duty",
    "battery_round_trip",
    "battery_cycles",
    "heat_pump_carnot",
    "heat_pump_approach_k",
)

#: Parts of a hall's capital.
CAPITAL = ("capital_usd_per_it_w", "building_usd_per_it_w")


def halls(found: Collector, scenario: Scenario, weather: Weather) -> None:
    """Overhead, water and cost of every cooling system and chain that may be built.

    Parameters
    ----------
    found : Collector
        Receives the effects.
    """
    base, options = scenario.baseline, scenario.options
    for name in dict.fromkeys([base.cooling, *options.cooling]):
        entry = catalog.load("cooling", name)
        _physics(found, entry, scenario, weather)
        _capital(found, entry)
    for name in dict.fromkeys([base.electrical, *options.electrical]):
        entry = catalog.load("electrical", name)
        _physics(found, entry, scenario, weather)
        _capital(found, entry)


def _physics(found: Collector, entry: Entry, scenario: Scenario, weather: Weather) -> None:
    """Factors on the overhead and the water, unless the scenario fixes the PUE."""
    if scenario.fixed_pue is not None:
        return
    base = scenario.baseline
    cooling = entry.key if entry.kind == "cooling" else base.cooling
    chain = entry.key if entry.kind == "electrical" else base.electrical
    overhead, water = means(facility.performance(cooling, chain, weather))
    up, down = [0.0, 0.0], [0.0, 0.0]
    for quantity in _unsure(entry):
        ends = []
        for value in (quantity.low, quantity.high):
            with catalog.drawn({(entry.kind, entry.key, quantity.attribute): value}):
                ends.append(means(facility.performance(cooling, chain, weather)))
        for place, middle in enumerate((overhead, water)):
            if middle > 0.0:
                moves = [end[place] / middle - 1.0 for end in ends]
                up[place] += max(*moves, 0.0) ** 2
                down[place] += min(*moves, 0.0) ** 2
    words = {"overhead": "overhead", "water": "water of cooling"}
    for place, (attribute, word) in enumerate(words.items()):
        key = f"{attribute} {entry.key}"
        low, high = 1.0 - math.sqrt(down[place]), 1.0 + math.sqrt(up[place])
        inputs = alone(key, f"{entry.name}: {word}")
        found.effect(("hall", entry.key, attribute), (max(low, 0.05), 1.0, high), inputs)


def _unsure(entry: Entry) -> list[Quantity]:
    """Numbers of an entry with a range that a year's simulation reads."""
    return [
        quantity
        for name, quantity in entry.quantities.items()
        if quantity.low < quantity.high and name not in ASIDE
    ]


def _capital(found: Collector, entry: Entry) -> None:
    """A factor on the capital of the entry's part of a hall; all halls move together."""
    parts = [entry.quantities[name] for name in CAPITAL if name in entry.quantities]
    value = sum(part.value for part in parts)
    if value > 0.0:
        ends = (sum(part.low for part in parts) / value, 1.0, sum(p.high for p in parts) / value)
        found.effect(
            ("hall", entry.key, "capital"), ends, alone("plant", "Building and plant"),
            evidence="estimate",
        )  # fmt: skip


def drawn_hours(hours: FacilityHours, effects: dict[Target, float]) -> FacilityHours:
    """A hall's year with the factors of a draw.

    Parameters
    ----------
    hours : FacilityHours
        Of the central case.
    effects : dict
        Target of an `Effect` -> its value in the draw.
    """
    parts = (hours.cooling, hours.electrical)

    def factor(attribute: str) -> float:
        names = (attribute, f"{attribute} weather")
        moved = [effects.get(("hall", p, name), 1.0) - 1.0 for p in parts for name in names]
        return max(1.0 + sum(moved), 0.05)

    over, water = factor("overhead"), factor("water")
    capital = _mixed(parts, effects)
    return replace(
        hours,
        facility_w_per_it_w=1.0 + (hours.facility_w_per_it_w - 1.0) * over,
        facility_w_per_it_capacity_w=hours.facility_w_per_it_capacity_w * over,
        water_m3_per_it_j=hours.water_m3_per_it_j * water,
        lead_time_s=hours.lead_time_s * max(effects.get(("hall", p, "lead"), 1.0) for p in parts),
        capital_usd_per_it_w=hours.capital_usd_per_it_w * capital,
        maintenance_usd_per_it_w_year=hours.maintenance_usd_per_it_w_year * capital,
    )


def _mixed(parts: tuple[str, str], effects: dict[Target, float]) -> float:
    """The factor on a hall's capital: that of each part by its share."""
    entries = (catalog.load("cooling", parts[0]), catalog.load("electrical", parts[1]))
    weights = [
        sum(entry.quantities[n].value for n in CAPITAL if n in entry.quantities)
        for entry in entries
    ]
    factors = [effects.get(("hall", part, "capital"), 1.0) for part in parts]
    return sum(w * f for w, f in zip(weights, factors, strict=True)) / sum(weights)
