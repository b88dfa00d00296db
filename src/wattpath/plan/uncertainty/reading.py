"""The headlines of a plan, read from representative days or from a whole year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.optimise import Optimiser
from wattpath.plan.outcome import NEGLIGIBLE
from wattpath.plan.result import Outcome
from wattpath.supply.program import Solution
from wattpath.supply.terms import lead_months
from wattpath.units import HOUR_S, MONTH_S

Floats = NDArray[np.float64]

#: Demand -> server and levers -> capacity, or its share.
Shares = dict[str, dict[tuple[str, tuple[str, ...]], float]]

#: Headlines of a plan: fields of `Reading`.
FIELDS = (
    "facility_power_peak_w",
    "cost_usd_per_year",
    "energy_wh_per_year",
    "carbon_kg_per_year",
    "water_m3_per_year",
    "months_to_power",
    "chips",
)

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a plan comes to; NaN where it is infeasible.

    Attributes
    ----------
    servers : mapping
        Demand -> server that carries most of it.
    levers : frozenset of str
        Levers in use by more than a twentieth of any demand's capacity.
    The other fields are those of `wattpath.plan.result.Outcome`.
    """

    facility_power_peak_w: float = NAN
    cost_usd_per_year: float = NAN
    energy_wh_per_year: float = NAN
    carbon_kg_per_year: float = NAN
    water_m3_per_year: float = NAN
    months_to_power: float = NAN
    chips: float = NAN
    servers: Mapping[str, str] = field(default_factory=dict)
    levers: frozenset[str] = frozenset()


#: Share of a demand's capacity above which a lever counts as used.
USED = 0.05


def read_days(days: Optimiser, solution: Solution) -> Reading:
    """The headlines of a solution on representative days."""
    if not solution.optimal:
        return Reading()
    x = solution.x
    power, cost, carbon, energy = (float(value) for value in days.headline(solution))
    units = x[days.compute.units]
    members = [slot.deployment for slot in days.compute.slots]
    chips = sum(count * own.chips for count, own in zip(units, members, strict=True))
    shares: Shares = {}
    for count, own in zip(units, members, strict=True):
        of = shares.setdefault(own.demand, {})
        key = (own.server, own.levers)
        of[key] = of.get(key, 0.0) + float(count) * own.capacity
    months = _months(days, solution, shares)
    water = _water_m3(days, x)
    return Reading(power, cost, energy, carbon, water, months, float(chips), *_used(shares))


def read_outcome(outcome: Outcome) -> Reading:
    """The headlines of an outcome over the whole year."""
    if not outcome.feasible:
        return Reading()
    shares: Shares = {}
    for item in outcome.chosen:
        own = item.deployment
        of = shares.setdefault(own.demand, {})
        key = (own.server, own.levers)
        of[key] = of.get(key, 0.0) + item.share
    servers, levers = _used(shares)
    figures = {name: float(getattr(outcome, name)) for name in FIELDS}
    return Reading(servers=servers, levers=levers, **figures)


def _used(
    shares: Shares,
) -> tuple[dict[str, str], frozenset[str]]:
    """The server that carries most of each demand, and the levers in use."""
    servers: dict[str, str] = {}
    levers: set[str] = set()
    for demand, parts in shares.items():
        total = sum(parts.values())
        by_server: dict[str, float] = {}
        by_lever: dict[str, float] = {}
        for (server, own), amount in parts.items():
            by_server[server] = by_server.get(server, 0.0) + amount
            for lever in own:
                by_lever[lever] = by_lever.get(lever, 0.0) + amount
        servers[demand] = max(by_server, key=lambda server: by_server[server])
        levers |= {lever for lever, amount in by_lever.items() if amount > USED * total}
    return servers, frozenset(levers)


def _months(days: Optimiser, solution: Solution, shares: Shares) -> float:
    """Lead time of the slowest part that is built [months]."""
    x, block, supply = solution.x, days.compute, days.supply
    leads = [0.0]
    for count, slot in zip(x[block.units], block.slots, strict=True):
        own = slot.deployment
        if count * own.capacity > NEGLIGIBLE * sum(shares[own.demand].values()):
            leads.append(own.lead_time_s / MONTH_S)
    least = NEGLIGIBLE * float(days.facility_w(x).max()) / days.parts.scale.power_w
    built = zip(x[block.capacity], days.parts.halls, strict=True)
    leads += [hall.lead_time_months for new, hall in built if new > least]
    for technology in supply.technologies:
        stands = supply.options.existing_w.get(technology.key, 0.0) / days.parts.scale.power_w
        if x[supply.capacity[technology.key]] > stands * (1.0 + NEGLIGIBLE) + least:
            leads.append(lead_months(technology, supply.site, supply.options))
    return float(max(leads))


def _water_m3(days: Optimiser, x: Floats) -> float:
    """Water of cooling and of generation [m3/year]; what sun and wind spill counts too."""
    weights, unit = days.periods.weights, days.parts.scale.power_w
    power = days.compute.it_w(x, days.periods)
    total = 0.0
    for index, hall in enumerate(days.parts.halls):
        total += float(weights @ (power[index] * days.periods.take(hall.water))) * HOUR_S
    block = days.supply
    for technology in block.technologies:
        key = technology.key
        if key in block.output:
            output = x[block.output[key]]
        else:
            output = block.potential[key] * x[block.capacity[key]]
        total += float(weights @ output) * unit * HOUR_S * technology.water_m3_j
    return total
