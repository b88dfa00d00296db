"""The four plans over all 8,760 hours, from what the representative days decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.ceilings import Ceilings
from wattpath.plan.columns.deployment import Refusal
from wattpath.plan.limits import binding, infeasible
from wattpath.plan.optimise import Decisions, Optimiser, Parts
from wattpath.plan.outcome import NEGLIGIBLE, read, water_m3
from wattpath.plan.result import PLANS, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.supply.periods import full_year
from wattpath.supply.program import Solution

Floats = NDArray[np.float64]

#: Times that the representative days are asked again for what a ceiling allows in all hours.
STRICTER = 6

#: Carbon, power and water without a ceiling.
NONE = np.full(3, np.inf)

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

    Representative days miss the year's carbon, water, peak, clean energy and hours without grid by
    a little, so what just keeps a rule there may break it here; as a last way out, sun, wind and
    storage grow.
    """
    found = year.solve(players, held)
    if not found.optimal and _limited(days.parts):
        found = _lower(days, year, players, held, found)
    return found if found.optimal else year.solve(players, held, grow=True)


def _lower(
    days: Optimiser,
    year: Optimiser,
    players: frozenset[str],
    held: Decisions,
    found: Solution,
) -> Solution:
    """All hours of a plan that days under a lower ceiling choose."""
    strict, parts = days.parts, year.parts
    free = Optimiser(_allowing(parts, NONE), year.compute.slots, year.periods)
    most, asked = _ceilings(parts), _ceilings(strict)
    before: tuple[Floats, Floats] | None = None
    for _ in range(STRICTER):
        all_hours = free.solve(players, held)
        if not all_hours.optimal:
            return found
        reached = _reached(free, all_hours.x)
        lower = _stricter(asked, reached, most, before)
        before, asked = (asked, reached), lower
        again = Optimiser(_allowing(strict, lower), year.compute.slots, days.periods)
        choice = again.solve(players)
        if not choice.optimal:
            return found
        held = again.decisions(choice)
        found = year.solve(players, held)
        if found.optimal:
            return found
    return found


def _limited(parts: Parts) -> bool:
    return bool(np.isfinite(_ceilings(parts)).any())


def _ceilings(parts: Parts) -> Floats:
    """Most carbon [kg], power [W] and water [m3]."""
    ceilings = parts.ceilings
    return np.array([parts.options.carbon_cap_kg, ceilings.power_w, ceilings.water_m3])


def _reached(year: Optimiser, x: Floats) -> Floats:
    """The same of a solution."""
    return np.array([year.carbon_kg(x), year.facility_w(x).max(), water_m3(year, x)])


def _allowing(parts: Parts, most: Floats) -> Parts:
    """The parts under other ceilings."""
    carbon_kg, power_w, water = most.tolist()
    options = replace(parts.options, carbon_cap_kg=carbon_kg)
    return replace(parts, options=options, ceilings=Ceilings(power_w, water))


def _stricter(
    asked: Floats, reached: Floats, most: Floats, before: tuple[Floats, Floats] | None
) -> Floats:
    """Ceilings for the days from what all hours made of the last ones: in proportion, then
    along the line through the last two."""
    lower = asked.copy()
    for place in np.flatnonzero(reached > most):
        goal, slope = most[place] * (1.0 - MARGIN), asked[place] / reached[place]
        if before is not None and before[1][place] > reached[place]:
            slope = (before[0][place] - asked[place]) / (before[1][place] - reached[place])
        lower[place] -= min(slope * (reached[place] - goal), 0.5 * asked[place])
    return lower


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
