"""Reading a solved programme as an outcome."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.demand import ServingDemand
from wattpath.plan.optimise import Optimiser
from wattpath.plan.result import Binding, Built, Chosen, Hourly, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.supply.program import Solution
from wattpath.supply.terms import yearly_usd_w
from wattpath.units import HOUR_S, HOURS, MONTH_S

Floats = NDArray[np.float64]
#: The year that the hours make up [s].
YEAR_S = HOURS * HOUR_S

#: Capacities and units below this share of the whole count as not built.
NEGLIGIBLE = 1e-5

#: Parts of the yearly cost: adopting what moves or caps work, and what the grid pays for calls.
OPERATION_WORK = "software of operation"
CALLED = "paid by the grid for demand response"


def read(
    name: str,
    scenario: Scenario,
    year: Optimiser,
    solution: Solution,
    binding: tuple[Binding, ...],
    beside_usd: float = 0.0,
) -> Outcome:
    """The outcome of an optimal solution over the whole year.

    Parameters
    ----------
    binding : tuple of Binding
        What holds the plan back (see `wattpath.plan.limits`).
    beside_usd : float
        Capital of what stands unused, which the year's own law does not count [USD/year].
    """
    x = solution.x
    cost = solution.objective * year.parts.scale.money_usd + beside_usd
    facility, it = year.facility_w(x), year.it_w(x)
    chosen, halls = tuple(_chosen(year, x)), tuple(_halls(year, x))
    supply = (*_supply(year, x), *_elsewhere(year, x))
    costs = _costs(year, x, halls, supply)
    if beside_usd != 0.0:
        costs["capital of what stands unused"] = beside_usd
    carbon = _carbon(year, x)
    return Outcome(
        name=name,
        feasible=True,
        reasons=(),
        cost_usd_per_year=cost,
        it_power_peak_w=float(it.max()),
        facility_power_peak_w=float(facility.max()),
        energy_wh_per_year=float(facility.sum()),
        carbon_kg_per_year=sum(carbon.values()),
        water_m3_per_year=water_m3(year, x),
        months_to_power=_months(chosen, halls, supply),
        chips=sum(item.units * item.deployment.chips for item in chosen),
        capital_usd=_capital(year, x, chosen),
        cost_parts=costs,
        carbon_parts=carbon,
        chosen=chosen,
        cooling=halls,
        supply=supply,
        prices=dict(_token_prices(scenario, chosen, cost)),
        binding=binding,
        hourly=Hourly(it, facility, _hourly(year, x, facility), facility / it),
    )


def _chosen(year: Optimiser, x: Floats) -> Iterator[Chosen]:
    """Deployments in use, largest first within each demand."""
    block = year.compute
    for need in year.parts.needs:
        members = block.members(need.name)
        counts = np.array([x[block.units[i]] for i in members])
        capacity = np.array([block.slots[i].deployment.capacity for i in members]) * counts
        total = capacity.sum()
        share = capacity / total if total > 0.0 else capacity
        if need.flexible:
            share = x[block.work[need.name]] / need.multiple
        for place in np.argsort(-capacity):
            if capacity[place] <= NEGLIGIBLE * total:
                continue
            slot = block.slots[members[place]]
            column = slot.deployment
            duty = float(need.load.mean())
            if need.flexible:
                duty = float(x[block.work[need.name][place]]) * need.rate / capacity[place]
                duty *= need.effort
            power = counts[place] * (column.idle_w + (column.full_w - column.idle_w) * duty)
            hall = year.parts.halls[slot.hall]
            power *= hall.it_share
            yield Chosen(
                column,
                hall.cooling,
                hall.electrical,
                float(counts[place]),
                float(share[place]),
                float(power) * HOURS,
            )


def _halls(year: Optimiser, x: Floats) -> Iterator[Built]:
    power = year.compute.it_w(x, year.periods)
    for index, hall in enumerate(year.parts.halls):
        unit = year.parts.scale.power_w
        new = float(x[year.compute.capacity[index]]) * unit
        standing = float(x[year.compute.standing[index]]) * unit
        least = NEGLIGIBLE * max(1.0, power.sum(axis=0).max())
        if new + standing <= least:
            continue
        yield Built(
            hall.key,
            hall.name,
            new + standing,
            float(power[index].sum()),
            new * hall.cost_usd_per_w_year + standing * hall.upkeep_usd_per_w_year,
            hall.lead_time_months if new > least else 0.0,
        )


def _supply(year: Optimiser, x: Floats) -> Iterator[Built]:
    """Technologies that are built, with their energy and yearly cost."""
    block, scale, weights = year.supply, year.parts.scale, year.periods.weights
    facility = float(year.facility_w(x).max())
    kept = _kept_share(year, x)
    for technology in block.technologies:
        key = technology.key
        capacity = float(x[block.capacity[key]]) * scale.power_w
        if capacity <= NEGLIGIBLE * facility:
            continue
        columns = [np.array([block.capacity[key]])]
        columns += [np.array([block.energy[key]])] if key in block.energy else []
        columns += [group[key] for group in (block.output, block.charge) if key in group]
        money = sum(float(year.program.cost(c) @ x[c]) for c in columns)
        if key in block.output:
            delivered = float(weights @ x[block.output[key]]) * scale.power_w
        else:
            delivered = float(weights @ block.potential[key]) * capacity * kept
        lead = block.site.grid_lead_s if technology.role == "grid" else technology.lead_time_s
        standing = block.options.existing_w.get(key, 0.0)
        repaid, _ = yearly_usd_w(technology, block.site, block.options.rate)
        money -= repaid * standing / scale.money_usd
        lead = lead if capacity > standing * (1.0 + NEGLIGIBLE) else 0.0
        stored = (
            float(x[block.energy[key]]) * scale.power_w * 3600.0 if key in block.energy else 0.0
        )
        yield Built(
            key,
            technology.name,
            capacity,
            delivered,
            money * scale.money_usd,
            lead / MONTH_S,
            stored,
        )


def _elsewhere(year: Optimiser, x: Floats) -> Iterator[Built]:
    """The grid of other sites, as far as it is used; their names tell them apart."""
    unit = year.parts.scale
    for one in year.imports:
        used = float(x[one.connection]) * unit.power_w
        if used <= NEGLIGIBLE * float(year.facility_w(x).max()):
            continue
        yield Built(
            "grid",
            f"Grid connection, {one.site.name}",
            used,
            one.energy_wh(x),
            one.cost(year.program, x) * unit.money_usd,
            0.0,
        )


def _costs(
    year: Optimiser, x: Floats, halls: tuple[Built, ...], supply: tuple[Built, ...]
) -> dict[str, float]:
    """Yearly cost by part [USD/year]; the parts add up to the objective."""
    block, scale = year.compute, year.parts.scale
    servers = float(year.program.cost(block.units) @ x[block.units]) * scale.money_usd
    follow = [
        np.array(list(group.values()), dtype=np.int64)
        for group in (block.idle, block.dynamic, block.mean)
    ]
    follow += list(block.shift.values())
    water = sum(float(year.program.cost(c) @ x[c]) for c in follow if c.size) * scale.money_usd
    parts = {"servers, network and software work": servers}
    parts["halls"] = sum(hall.cost_usd_per_year for hall in halls)
    parts["cooling water"] = water
    once = sum(
        float(year.program.cost(c) @ x[c]) for group in block.adopted.values() for c in group
    )
    if once != 0.0:
        parts[OPERATION_WORK] = once * scale.money_usd
    paid = float(year.program.cost(year.promised) @ x[year.promised]) * scale.money_usd
    if paid != 0.0:
        parts[CALLED] = paid
    parts.update({f"supply: {item.name}": item.cost_usd_per_year for item in supply})
    return parts


def _carbon(year: Optimiser, x: Floats) -> dict[str, float]:
    return {
        f"supply ({year.parts.options.carbon_scope})": year.carbon_kg(x),
        "embodied in servers": year.embodied_kg(x),
        "embodied in buildings": year.building_kg(x),
    }


def water_m3(year: Optimiser, x: Floats) -> float:
    """Water of cooling and of generation [m3/year]."""
    power = year.compute.it_w(x, year.periods)
    cooling = sum(
        float((power[i] * hall.water).sum()) * 3600.0 for i, hall in enumerate(year.parts.halls)
    )
    generation = sum(
        item.energy_wh * 3600.0 * technology.water_m3_j
        for item in _supply(year, x)
        for technology in year.supply.technologies
        if technology.key == item.key
    )
    return cooling + generation


def _months(
    chosen: tuple[Chosen, ...], halls: tuple[Built, ...], supply: tuple[Built, ...]
) -> float:
    leads = [item.deployment.lead_time_s / MONTH_S for item in chosen]
    leads += [item.lead_time_months for item in (*halls, *supply)]
    return max(leads)


def _capital(year: Optimiser, x: Floats, chosen: tuple[Chosen, ...]) -> float:
    """Purchase of servers, halls and supply [USD]."""
    scale = year.parts.scale
    servers = sum(item.units * item.deployment.capital_usd for item in chosen)
    halls = sum(
        float(x[year.compute.capacity[i]]) * scale.power_w * hall.capital_usd_per_w
        for i, hall in enumerate(year.parts.halls)
    )
    supply = 0.0
    for technology in year.supply.technologies:
        power = float(x[year.supply.capacity[technology.key]]) * scale.power_w
        each = technology.capex_usd_w
        if technology.role == "grid":
            each = year.supply.site.connection_usd_w
        supply += max(0.0, power - year.supply.options.existing_w.get(technology.key, 0.0)) * each
        if technology.key in year.supply.energy:
            energy = float(x[year.supply.energy[technology.key]]) * scale.power_w * 3600.0
            supply += energy * technology.capex_usd_j
    return servers + halls + supply


def _hourly(year: Optimiser, x: Floats, facility: Floats) -> dict[str, Floats]:
    """Net output of each technology [W]; sun and wind less what is spilled."""
    block, unit = year.supply, year.parts.scale.power_w
    series: dict[str, Floats] = {}
    for technology in block.technologies:
        key = technology.key
        if key in block.output:
            power = x[block.output[key]] * unit
            if key in block.charge:
                power = power - x[block.charge[key]] * unit
        else:
            power = block.potential[key] * x[block.capacity[key]] * unit
        if np.abs(power).max() > NEGLIGIBLE * facility.max():
            series[technology.name] = power
    for one in year.imports:
        power = x[one.power] * unit
        if power.max() > NEGLIGIBLE * facility.max():
            series[f"Grid connection, {one.site.name}"] = power
    spill = sum(series.values(), np.zeros(HOURS)) - facility
    free = [t.name for t in block.technologies if t.key in block.potential and t.name in series]
    green = sum((series[n] for n in free), np.zeros(HOURS))
    cut = np.divide(np.minimum(spill, green), green, out=np.zeros(HOURS), where=green > 0)
    return {
        n: power * (1.0 - np.maximum(cut, 0.0)) if n in free else power
        for n, power in series.items()
    }


def _token_prices(
    scenario: Scenario, chosen: tuple[Chosen, ...], cost_usd: float
) -> Iterator[tuple[str, dict[str, float]]]:
    """Cost per million tokens of each demand [USD], all boundaries of the plan included.

    Servers go to their demand; halls, supply and water in proportion to IT energy.
    """
    energy = sum(item.energy_wh for item in chosen)
    servers = sum(item.units * item.deployment.cost_usd_per_year for item in chosen)
    for demand in scenario.demands:
        own = [item for item in chosen if item.deployment.demand == demand.name]
        usd = sum(item.units * item.deployment.cost_usd_per_year for item in own)
        usd += (cost_usd - servers) * sum(item.energy_wh for item in own) / energy
        if isinstance(demand, ServingDemand):
            requests = demand.requests * YEAR_S
            yield (
                demand.name,
                {
                    "usd_per_million_tokens": usd
                    / requests
                    / (demand.input_tokens + demand.output_tokens)
                    * 1e6,
                    "usd_per_million_output_tokens": usd / requests / demand.output_tokens * 1e6,
                    "usd_per_thousand_requests": usd / requests * 1e3,
                },
            )
        else:
            tokens = demand.tokens / demand.within * YEAR_S
            yield demand.name, {"usd_per_million_tokens": usd / tokens * 1e6}


def _kept(spill: Floats, variable: list[Floats]) -> Floats:
    """Share of sun and wind that is used in each hour, when so much in all is spilled."""
    green = sum(variable, np.zeros(HOURS))
    cut = np.divide(np.minimum(spill, green), green, out=np.zeros(HOURS), where=green > 0.0)
    return np.asarray(1.0 - np.maximum(cut, 0.0))


def _kept_share(year: Optimiser, x: Floats) -> float:
    """Share of the year's sun and wind that is used."""
    block, unit = year.supply, year.parts.scale.power_w
    balance = year.program.activity(x)[block.balance_rows] * unit
    variable = [able * x[block.capacity[key]] * unit for key, able in block.potential.items()]
    green = sum(variable, np.zeros(HOURS))
    total = float(green.sum())
    return float((green * _kept(balance, variable)).sum()) / total if total > 0.0 else 1.0
