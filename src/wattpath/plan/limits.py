"""What holds a plan back: binding limits with their worth, or why there is no plan at all.

The worth of a limit comes from the representative days, where everything else can still
respond to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from wattpath import units
from wattpath.plan.agreement import worth_of_agreement
from wattpath.plan.ceilings import ONE, Ceilings, least, step, worths
from wattpath.plan.columns.deployment import Refusal, freedom
from wattpath.plan.optimise import HARDWARE, SUPPLY, Optimiser
from wattpath.plan.relaxation import Relaxed, relaxations
from wattpath.plan.result import Binding, Outcome
from wattpath.supply.program import Solution
from wattpath.supply.result import clean_worth

#: Distance from a ceiling within which it counts as the reason.
CLOSE = 1e-3

#: Joules in a MWh.
MWH_J = 3.6e9

#: Worth below this [USD/W/year] is not worth a sentence.
LEAST_WORTH = 1e-6


def binding(days: Optimiser, solution: Solution, players: frozenset[str]) -> tuple[Binding, ...]:
    """Limits that the optimum runs into, the dearest first, then what comes too late."""
    found = sorted(_limits(days, solution), key=lambda item: -item.worth)
    found += worth_of_agreement(days, solution, players)
    late = [
        Binding(
            f"lead time of {excluded.key}",
            float("nan"),
            "months",
            f"{excluded.key} is out: {excluded.reason}.",
        )
        for excluded in days.supply.excluded
        if SUPPLY in players or excluded.key in days.parts.base_supply
    ]
    return (*found, *late)


def _limits(days: Optimiser, solution: Solution) -> Iterator[Binding]:
    """Capacities at their upper bounds, and the carbon cap."""
    scale, block = days.parts.scale, days.supply
    per_w = scale.money_usd / scale.power_w / days.weight
    for technology in block.technologies:
        column = block.capacity[technology.key]
        worth = -float(solution.reduced_cost[column]) * per_w
        upper = float(days.limit(technology.key))
        if worth > LEAST_WORTH and 0.0 < upper < np.inf and solution.x[column] > 0.999 * upper:
            limit = units.show(upper * scale.power_w, "W")
            many, words = step(upper * scale.power_w)
            saving = units.show_usd(worth * many)
            yield Binding(
                f"{technology.name} limit",
                worth,
                "USD/W/year",
                f"{technology.name} is at its limit of {limit}; one more {words} would save "
                f"{saving} a year.",
            )
    price = -float(solution.row_dual[block.carbon_row]) / days.weight
    price *= scale.money_usd / scale.carbon_kg
    if np.isfinite(block.options.carbon_cap_kg) and price > 0.0:
        yield Binding(
            "carbon cap",
            price,
            "USD/kg",
            f"The carbon cap binds at {units.show_usd(price * 1e3)} a tonne.",
        )
    yield from _matching(days, solution)
    yield from worths(days, solution)


def _matching(days: Optimiser, solution: Solution) -> Iterator[Binding]:
    """Shares of clean energy that the optimum just keeps, with the price of one more MWh."""
    block = days.supply
    options = block.options
    for row, share, key, words in (
        (block.free_row, options.carbon_free_share, "carbon_free_share", "hour by hour"),
        (block.match_row, options.matched_share, "matched_share", "over the year"),
    ):
        if row < 0:
            continue
        usd_j = clean_worth(block, solution, row) / days.weight
        if usd_j > 0.0:
            yield Binding(
                f"carbon.{key}",
                usd_j * MWH_J,
                "USD/MWh",
                f"The share of {share:.0%} clean energy {words} binds: one more clean MWh costs "
                f"{units.show_usd(usd_j * MWH_J)}.",
            )


def infeasible(
    name: str, days: Optimiser, refusals: Sequence[Refusal], players: frozenset[str]
) -> Outcome:
    """Why a plan has no answer, and what would have to change.

    Parameters
    ----------
    name : str
        The plan.
    days : Optimiser
        Over the representative days.
    refusals : sequence of Refusal
        Of the search and of the halls.
    players : frozenset of str
        What the plan may use.
    """
    return Outcome(name, False, missing(days, refusals, players))


def missing(
    days: Optimiser, refusals: Sequence[Refusal], players: frozenset[str]
) -> tuple[str, ...]:
    """What a year lacks: deployments for a demand, or else supply with what would help."""
    return (
        tuple(_unserved(days, refusals, players))
        or tuple(_ceilings(days, players))
        or (_shortfall(days, players),)
    )


def _ceilings(days: Optimiser, players: frozenset[str]) -> Iterator[str]:
    """Limits of power and water that no plan keeps, each with the least that one takes."""
    given = days.parts.ceilings
    names = {
        "power": ("facility_power", given.power_w, "W"),
        "water": ("water", given.water_m3, "m3"),
    }
    asked = {key: most for key, (_, most, _) in names.items() if np.isfinite(most)}
    for key, most in asked.items():
        reached = _least(days, key, players)
        if reached is not None and reached > most * (1.0 - CLOSE):
            name, _, unit = names[key]
            yield (
                f"limits.{name} of {units.show(most, unit)} is too low: "
                f"the least that this plan can take is {units.show(reached, unit)}."
            )


def _least(days: Optimiser, key: str, players: frozenset[str]) -> float | None:
    one = Ceilings(ONE[key]) if key == "power" else Ceilings(water_m3=ONE[key])
    parts = replace(days.parts, ceilings=one)
    return least(Optimiser(parts, days.compute.slots, days.periods), key, players)


def _unserved(
    days: Optimiser, refusals: Sequence[Refusal], players: frozenset[str]
) -> Iterator[str]:
    """Demands that no allowed deployment in an allowed hall can serve."""
    for need in (need for need in days.parts.needs if not need.of):
        members = days.compute.members(need.name)
        if any(days.compute.slots[i].players <= players for i in members):
            continue
        rows = _met([row for row in refusals if row.demand in (need.name, "halls")], players)
        why = [(row.margin or row.reason).rstrip(".") for row in rows[:3]]
        why = why or ["no hall takes the heat of its servers"]
        other = " Plans that may change more can serve it." if members else ""
        yield f"no allowed deployment can serve {need.name}: {'; '.join(why)}.{other}"


def _met(refusals: Sequence[Refusal], players: frozenset[str]) -> list[Refusal]:
    """Those that a plan of these players meets: one a reason, of its freest deployments."""
    able, found = set(freedom(players, HARDWARE).split()), dict[tuple[str, str], Refusal]()
    for row in refusals:
        freest = found.get((row.demand, row.reason), row)
        if able.issuperset(row.freedom.split()) and len(row.freedom) >= len(freest.freedom):
            found[row.demand, row.reason] = row
    return list(found.values())


def _shortfall(days: Optimiser, players: frozenset[str]) -> str:
    """The smallest relaxation of the supply that would make the plan feasible."""
    fresh = Optimiser(days.parts, days.compute.slots, days.periods)
    late = "; ".join(f"{item.key} {item.reason}" for item in days.supply.excluded)
    late = f" Left out: {late}." if late else ""
    found = relaxations(fresh, players)
    if not found:
        return f"no supply of the site can meet the load: allow another technology.{late}"
    ways = ("; and ".join(_told(days, one).rstrip(".") for one in way) for way in found)
    return " Or ".join(f"{way}." for way in ways) + late


def _told(days: Optimiser, one: Relaxed) -> str:
    """One relaxation as a sentence."""
    options = days.parts.options
    if one.what == "date":
        return f"the date is too soon: {one.reached:.0f} months would do, not {options.months:.0f}."
    if one.what != "power" and one.missing <= 0.0:
        return f"{one.what} is kept on representative days but not in all hours."
    if one.what == "carbon.cap":
        tonnes = units.show(one.missing / 1e3, "t")
        return f"the carbon cap is too low: it would have to rise by {tonnes} a year."
    if one.what in ("carbon.carbon_free_share", "carbon.matched_share"):
        asked = getattr(options, one.what.removeprefix("carbon."))
        return f"{one.what} of {asked:.1%} is too high: {one.reached:.1%} would do."
    amount = units.show(one.missing, "W")
    if "grid" in {item.key for item in days.supply.excluded} or "grid" not in days.supply.capacity:
        advice = "allow another technology, give more months, or state what stands already"
    else:
        limit = units.show(days.limit("grid") * days.parts.scale.power_w, "W")
        advice = f"raise grid.limit by as much above {limit}, or allow another technology"
    return f"the supply falls short by {amount} in the worst hour: {advice}."
