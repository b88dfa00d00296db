"""A plan from start to end: search, four plans over all hours, split and reasons."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattpath import __version__, catalog, levers
from wattpath.errors import InputError
from wattpath.plan.attribution import Split, split
from wattpath.plan.build import parts_of, search_periods
from wattpath.plan.compute import slots
from wattpath.plan.deployment import Columns
from wattpath.plan.halls import halls_of, weather_of
from wattpath.plan.leversets import player
from wattpath.plan.optimise import HARDWARE, SHIFTING, SUPPLY, Optimiser, Parts
from wattpath.plan.outcome import NEGLIGIBLE, infeasible, read
from wattpath.plan.prices import Prices
from wattpath.plan.result import PLANS, Attributed, Outcome, PlanResult, replaceable
from wattpath.plan.scenario import Scenario
from wattpath.plan.search import search
from wattpath.supply.periods import full_year
from wattpath.supply.program import Solution

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]

#: Titles of the hardware players in the split.
TITLES = {"chips": "Chips and servers", "cooling": "Cooling", "supply": "Power supply"}


def _silent(stage: str, share: float) -> None:
    """Report nothing."""


def run(scenario: Scenario, *, progress: Progress = _silent, attribute: bool = True) -> PlanResult:
    """Answer a scenario.

    Parameters
    ----------
    scenario : Scenario
        What is asked.
    progress : callable
        ``progress(stage, share)``.
    attribute : bool
        Whether to split the saving among the levers.

    Returns
    -------
    PlanResult
        Infeasible plans carry their reasons.

    Raises
    ------
    InputError
        If the scenario names what the catalogue does not hold.
    """
    seconds: dict[str, float] = {}
    clock = _Clock(seconds)
    prices = Prices.of(scenario)
    players = _players(scenario)
    weather = weather_of(scenario)
    halls = halls_of(scenario, weather, prices.book)
    clock("facility")
    columns = search(scenario, prices, progress)
    clock("search")
    parts = parts_of(scenario, weather, halls.halls, _expected_w(columns))
    found = slots(columns.deployments, halls.halls)
    progress("Choosing the best mix", 0.0)
    days = Optimiser(parts, found, search_periods(parts))
    chosen = {name: days.solve(players[name]) for name in PLANS}
    clock("representative")
    question = _Question(scenario, players, columns)
    plans, gap = _whole_year(question, days, chosen, progress)
    clock("whole year")
    feasible = all(plan.feasible for plan in plans.values())
    rows: tuple[Attributed, ...] = ()
    shares: Split | None = None
    if feasible and attribute:
        names = _able(days, players["both"])
        shares = _split(days, names, scenario.seed, progress)
        rows = _attributed(shares, plans)
        clock("attribution")
    return PlanResult(
        scenario=scenario.name,
        plans=plans,
        replaceable_share=replaceable(plans),
        attribution=rows,
        split=shares,
        refusals=columns.refusals + halls.refusals,
        considered=columns.considered,
        dominated=columns.dominated,
        columns=len(found),
        gap=gap,
        inputs=_inputs(scenario, weather.source, weather.evidence),
        seconds=seconds,
    )


class _Clock:
    """Wall time of each stage."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.last = seconds, time.perf_counter()

    def __call__(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage], self.last = now - self.last, now


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, what each plan may use, and what the search left."""

    scenario: Scenario
    players: dict[str, frozenset[str]]
    columns: Columns


def _players(scenario: Scenario) -> dict[str, frozenset[str]]:
    """What each of the four plans may change."""
    base = {lever.key for lever in levers.by_names(scenario.baseline.levers, "baseline.levers")}
    options = levers.by_names(scenario.options.levers, "options.levers")
    clash = levers.compatible(levers.by_names(scenario.baseline.levers))
    if clash is not None:
        raise InputError("baseline.levers", "stand together", scenario.baseline.levers, clash)
    software = frozenset(player(lever) for lever in options if lever.key not in base)
    hardware = frozenset(HARDWARE)
    return {
        "baseline": frozenset(),
        "blue": hardware,
        "red": software,
        "both": hardware | software,
    }


def _expected_w(columns: Columns) -> float:
    """The order of magnitude of the load, from any one column of each demand [W]."""
    first = {column.demand: column for column in columns.deployments}
    need = {column.demand: column.figures["need"] for column in columns.deployments}
    total = sum(need[name] / column.capacity * column.full_w for name, column in first.items())
    return max(total, 1e3)


def _used(days: Optimiser, chosen: dict[str, Solution]) -> list[int]:
    """Slots that any of the four plans uses on the representative days."""
    used: set[int] = set()
    for solution in chosen.values():
        if solution.optimal:
            used |= days.used(solution)
    return sorted(used)


def _whole_year(
    question: _Question,
    days: Optimiser,
    chosen: dict[str, Solution],
    progress: Progress,
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
    for number, name in enumerate(PLANS):
        progress("Checking all 8,760 hours", number / len(PLANS))
        players = question.players[name]
        solution = year.solve(players, held[name]) if name in held else chosen[name]
        for other in held:
            cheaper = costs.get(other, np.inf) < solution.objective * (1.0 - 1e-9)
            if name in held and question.players[other] < players and cheaper:
                solution = year.solve(players, held[other])
        if not solution.optimal:
            plans[name] = infeasible(name, question.scenario, days, question.columns, players)
            continue
        costs[name] = solution.objective
        plans[name] = read(name, question.scenario, year, solution, players)
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


def _able(days: Optimiser, players: frozenset[str]) -> tuple[str, ...]:
    """The players that have anything to offer: a column, a technology or work to shift."""
    able = {player for slot in days.compute.slots for player in slot.players}
    if set(days.supply.capacity) - days.parts.base_supply:
        able.add(SUPPLY)
    if any(need.movable > 0.0 for need in days.parts.needs):
        able.add(SHIFTING)
    software = sorted((players & able) - set(HARDWARE))
    return (*software, *(name for name in HARDWARE if name in able))


def _split(days: Optimiser, names: tuple[str, ...], seed: int, progress: Progress) -> Split:
    """Shapley's split of the saving in facility peak, cost, carbon and energy."""
    done = 0
    total = 1 << len(names)

    def value(mask: int) -> Floats:
        nonlocal done
        done += 1
        if done % 16 == 0:
            progress("Splitting the saving", min(1.0, done / total))
        members = frozenset(name for i, name in enumerate(names) if mask >> i & 1)
        return -days.headline(days.solve(members))

    return split(names, value, seed=seed)


def _attributed(shares: Split, plans: dict[str, Outcome]) -> tuple[Attributed, ...]:
    """The split as rows that add up, in each quantity, to baseline minus both.

    The coalitions are valued on representative days; what the whole year differs by is
    shared in proportion to the absolute shares.
    """
    fields = (
        "facility_power_peak_w",
        "cost_usd_per_year",
        "carbon_kg_per_year",
        "energy_wh_per_year",
    )
    total = np.array(
        [getattr(plans["baseline"], field) - getattr(plans["both"], field) for field in fields]
    )
    weight = np.abs(shares.share)
    weight = weight / np.where(weight.sum(axis=0) > 0.0, weight.sum(axis=0), 1.0)
    weight[:, np.abs(shares.share).sum(axis=0) <= 0.0] = 1.0 / len(shares.players)
    parts = shares.share + weight * (total - shares.share.sum(axis=0))
    return tuple(
        Attributed(name, _title(name), *(float(x) for x in row))
        for name, row in zip(shares.players, parts, strict=True)
    )


def _title(name: str) -> str:
    """A player in words: the hardware group, or the name of its one lever."""
    if name in TITLES:
        return TITLES[name]
    members = [lever for lever in levers.all_levers() if player(lever) == name]
    return members[0].name if len(members) == 1 else name.replace("-", " ").capitalize()


def _inputs(scenario: Scenario, source: str, evidence: str) -> dict[str, Any]:
    """What makes the answer repeatable."""
    return {
        "version": __version__,
        "catalog": catalog.digest(),
        "seed": scenario.seed,
        "site": scenario.site,
        "weather": source,
        "weather_evidence": evidence,
    }
