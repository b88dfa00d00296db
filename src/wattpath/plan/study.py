"""A plan from start to end: search, four plans over all hours, split and reasons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.facility import Weather
from wattpath.plan.attribution import Split
from wattpath.plan.build import parts_of, search_periods, with_lending
from wattpath.plan.columns.deployment import Columns
from wattpath.plan.columns.search import search
from wattpath.plan.compute import slots
from wattpath.plan.halls import Halls, halls_of, weather_of
from wattpath.plan.operate.elsewhere import with_halls_elsewhere
from wattpath.plan.optimise import Optimiser
from wattpath.plan.prices import Prices
from wattpath.plan.result import PLANS, PlanResult, replaceable
from wattpath.plan.saving import attributed, split_saving
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import Clock, expected_w, inputs_of, players_of
from wattpath.plan.year import Question, whole_year
from wattpath.plan.years.phased import run_years
from wattpath.progress import Progress, silent

Floats = NDArray[np.float64]


def run(scenario: Scenario, *, progress: Progress = silent, attribute: bool = True) -> PlanResult:
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
    if scenario.horizon.years > 1:
        return run_years(scenario, progress, attribute=attribute)
    seconds: dict[str, float] = {}
    clock = Clock(seconds)
    given = _given(scenario, progress, clock)
    players, days = given.players, given.days
    progress("Choosing the best mix", 0.0)
    chosen = {name: days.solve(players[name]) for name in PLANS}
    clock("representative")
    refusals = given.columns.refusals + given.halls.refusals
    question = Question(scenario, players, refusals)
    beside = ThreadPoolExecutor(1)
    try:
        year = beside.submit(whole_year, question, days, chosen)
        shares: Split | None = None
        if attribute and all(solution.optimal for solution in chosen.values()):
            shares = split_saving(days, players["both"], scenario.seed, progress)
            clock("attribution")
        progress("Checking all 8,760 hours", 0.5)
        plans, gap = year.result()
    finally:  # an interruption does not wait for the year
        beside.shutdown(wait=False, cancel_futures=True)
    clock("rest of the whole year" if shares else "whole year")
    return PlanResult(
        scenario=scenario.name,
        plans=plans,
        replaceable_share=replaceable(plans),
        attribution=attributed(shares, plans),
        split=shares,
        refusals=refusals,
        counts=given.columns.counts,
        columns=len(days.compute.slots),
        gap=gap,
        inputs=inputs_of(scenario, given.weather.source, given.weather.evidence),
        seconds=seconds,
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """What a plan of one year is chosen from."""

    players: dict[str, frozenset[str]]
    weather: Weather
    halls: Halls
    columns: Columns
    days: Optimiser


def _given(scenario: Scenario, progress: Progress, clock: Clock) -> _Given:
    """Halls, deployments and the programme of representative days."""
    prices = Prices.of(scenario)
    players = players_of(scenario)
    weather = weather_of(scenario)
    halls = halls_of(scenario, weather, prices.book)
    halls = with_halls_elsewhere(scenario, halls, weather, prices.book)
    clock("facility")
    columns = search(scenario, prices, progress)
    clock("search")
    parts = parts_of(scenario, weather, halls.halls, expected_w(columns))
    found = slots(columns.deployments, halls.halls)
    parts, found = with_lending(scenario, parts, found, prices)
    days = Optimiser(parts, found, search_periods(parts))
    return _Given(players, weather, halls, columns, days)
