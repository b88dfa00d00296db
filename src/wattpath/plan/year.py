"""The four plans over all 8,760 hours, from what the representative days decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wattpath.plan.ceilings import Ceilings
from wattpath.plan.deployment import Refusal
from wattpath.plan.limits import binding, infeasible
from wattpath.plan.optimise import Decisions, Optimiser, Parts
from wattpath.plan.outcome import NEGLIGIBLE, read, water_m3
from wattpath.plan.result import PLANS, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.supply.periods import full_year
from wattpath.supply.program import Solution

#: Times that the representative days are asked again for what a ceiling allows in all hours.
STRICTER = 4

#: Part of a ceiling that such a new question leaves unused.
MARGIN = 1e-4


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what each plan may use, and what the search left."""

    scenario: Scenario
    players: dict[str, frozenset[str]]
    refusals: tuple[Refusal, ...]


def _used(days: Optimiser, chosen: dict[str, Solution]) -> list[int]:
    """Slots that any of the four plans uses on the representative days."""
    used: set[int] = set()
    for solution in chosen.values():
        if solution.optimal:
            used |= days.used(solution)
    return sorted(used)


def whole_year(
    question: Question,
    days: Optimiser,
    chosen: dict[str, Solution],
) -> tuple[dict[str, Outcome], float]:
    """The four plans over 8,760 hours, and the largest gap of the search to them.

    The year keeps what the representative days decide. If a plan that another one includes
    turns out cheaper over the year, the other takes over its decisions, so that nested plans
    stay in order of cost. Plans that were not chosen are left out.
    """
    used = _used(days, chosen)
    kept = tuple(days.compute.slots[i] for i in used)
    year = Optimiser(_with_used(days, chosen), kept, full_year())
    solved = {name: solution for name, solution in chosen.items() if solution.optimal}
    held = {name: days.decisions(solution) for name, solution in solved.items()}
    plans: dict[str, Outcome] = {}
    costs: dict[str, float] = {}
    for name in (name for name in PLANS if name in chosen):
        players = question.players[name]
        solution = chosen[name]
        if name in held:
            solution = _within(days, year, players, held[name])
        for other in held:
            cheaper = costs.get(other, np.inf) < solution.objective * (1.0 - 1e-9)
            if name in held and question.players[other] < players and cheaper:
                solution = year.solve(players, held[other])
        if not solution.optimal:
            plans[name] = infeasible(name, days, question.refusals, players)
            continue
        costs[name] = solution.objective
        limits = binding(days, chosen[name], players)
        plans[name] = read(name, question.scenario, year, solution, limits)
    gaps = [abs(chosen[name].objective / cost - 1.0) for name, cost in costs.items()]
    return plans, max(gaps, default=np.nan)


def _within(days: Optimiser, year: Optimiser, players: frozenset[str], held: Decisions) -> Solution:
    """All hours of a plan; where they break a ceiling, of one that days under a lower one choose.

    Representative days miss the year's carbon, water and peak by a little, so what just keeps a
    ceiling there may break it here.
    """
    found = year.solve(players, held)
    strict, parts = days.parts, year.parts
    if found.optimal or not _limited(strict):
        return found
    free = Optimiser(_allowing(parts, np.inf, np.inf, np.inf), year.compute.slots, year.periods)
    for _ in range(STRICTER):
        all_hours = free.solve(players, held)
        if not all_hours.optimal:
            return found
        strict = _stricter(strict, parts, free, all_hours)
        again = Optimiser(strict, year.compute.slots, days.periods)
        choice = again.solve(players)
        if not choice.optimal:
            return found
        held = again.decisions(choice)
        found = year.solve(players, held)
        if found.optimal:
            return found
    return found


def _limited(parts: Parts) -> bool:
    most = (parts.options.carbon_cap_kg, parts.ceilings.power_w, parts.ceilings.water_m3)
    return bool(np.isfinite(most).any())


def _allowing(parts: Parts, carbon_kg: float, power_w: float, water_m3: float) -> Parts:
    """The parts under other ceilings."""
    options = replace(parts.options, carbon_cap_kg=carbon_kg)
    return replace(parts, options=options, ceilings=Ceilings(power_w, water_m3))


def _stricter(strict: Parts, parts: Parts, free: Optimiser, found: Solution) -> Parts:
    """Ceilings for the days lowered by as much as all hours exceed theirs."""
    x = found.x
    reached = (free.carbon_kg(x), float(free.facility_w(x).max()), water_m3(free, x))
    most = (parts.options.carbon_cap_kg, parts.ceilings.power_w, parts.ceilings.water_m3)
    own = (strict.options.carbon_cap_kg, strict.ceilings.power_w, strict.ceilings.water_m3)
    lowered = [
        value * (1.0 - MARGIN) * limit / level if level > limit else value
        for value, limit, level in zip(own, most, reached, strict=True)
    ]
    return _allowing(strict, *lowered)


def _with_used(days: Optimiser, chosen: dict[str, Solution]) -> Parts:
    """The parts with only those technologies that any of the plans builds."""
    built = {
        key
        for solution in chosen.values()
        if solution.optimal
        for key, column in days.supply.capacity.items()
        if solution.x[column] > NEGLIGIBLE * _largest(days, solution)
    }
    return replace(
        days.parts,
        technologies=tuple(t for t in days.parts.technologies if t.key in built),
        whole=False,
    )


def _largest(days: Optimiser, solution: Solution) -> float:
    """Highest facility power of a solution in the programme's unit."""
    return float(days.facility_w(solution.x).max()) / days.parts.scale.power_w
