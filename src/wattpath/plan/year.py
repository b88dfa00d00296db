"""The four plans over all 8,760 hours, from what the representative days decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wattpath.plan.deployment import Refusal
from wattpath.plan.limits import binding, infeasible
from wattpath.plan.optimise import Optimiser, Parts
from wattpath.plan.outcome import NEGLIGIBLE, read
from wattpath.plan.result import PLANS, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.supply.periods import full_year
from wattpath.supply.program import Solution


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
    stay in order of cost.
    """
    used = _used(days, chosen)
    kept = tuple(days.compute.slots[i] for i in used)
    year = Optimiser(_with_used(days, chosen), kept, full_year())
    solved = {name: solution for name, solution in chosen.items() if solution.optimal}
    held = {name: days.decisions(solution) for name, solution in solved.items()}
    plans: dict[str, Outcome] = {}
    costs: dict[str, float] = {}
    for name in PLANS:
        players = question.players[name]
        solution = year.solve(players, held[name]) if name in held else chosen[name]
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
