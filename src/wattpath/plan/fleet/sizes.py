"""The cheapest and the leanest fleet for a service level, confirmed by simulation.

Deployments of the steady state are sized in the order of what they should cost, each with the
fewest replicas that keep the level on the simulated day. The search ends when no other one
can win: by its bound (`wattpath.plan.fleet.bound`), or since the most replicas with which it
could do not keep the level in a trial. A fleet whose simulation fails is never the answer.

Where it breaks down: one deployment serves all of a demand (a plan may mix them); servers
are whole; the day is a sample (see `wattpath.plan.fleet.trial`); what another deployment
beats in every respect of the steady state is not looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from wattpath.errors import InputError
from wattpath.plan.columns.search import search
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.answer import (
    FleetAnswer,
    Proof,
    Sized,
    Wishes,
    YearFleet,
    cost_usd,
    peak_w,
)
from wattpath.plan.fleet.cost import FleetCost
from wattpath.plan.fleet.replica_count import MOST
from wattpath.plan.fleet.sizing import Candidate, Search, name_of
from wattpath.plan.reach import best_answer
from wattpath.plan.scenario import Scenario
from wattpath.plan.years.horizon import multiple
from wattpath.progress import Progress
from wattpath.units import MONTH_S

#: What is least of each aim's fleet: USD a year, or W at the highest.
AIMS: dict[str, Callable[[FleetCost], float]] = {
    "cheapest": lambda cost: cost.total_usd,
    "leanest": lambda cost: cost.facility_peak_w,
}


def fleets_of(
    scenario: Scenario, demand: ServingDemand, wishes: Wishes, progress: Progress
) -> FleetAnswer:
    """Size every deployment that could be the cheapest or the leanest fleet of a demand.

    Parameters
    ----------
    scenario, demand
        What must be served, and what may be chosen.
    wishes : Wishes
        What the user fixes.
    progress : callable
        ``progress(stage, share)``.

    Returns
    -------
    FleetAnswer
        Infeasible with reasons where nothing keeps the level, with the best that is
        reachable.

    Raises
    ------
    InputError
        If the availability, the class or a server is unknown or impossible.
    """
    if not 0.5 <= wishes.available < 1.0:
        raise InputError("--availability", "be a share from 0.5 to below 1", wishes.available)
    if not 0.0 <= wishes.gap < 1.0:
        raise InputError("--gap", "be a share from 0 to below 1", wishes.gap)
    run = Search(scenario, demand, wishes)
    alone = scenario.model_copy(update={"demands": [demand]})
    found = search(alone, run.place.prices, progress)
    months = scenario.months_available
    columns = [
        one
        for one in found.deployments
        if wishes.allows(one) and one.lead_time_s <= months * MONTH_S
    ]
    tried, proofs = _try_best(run, [run.candidate(one) for one in columns], progress)
    order = sorted(tried, key=lambda one: (cost_usd(one), one.nearest.margin))
    counts = (len(columns), proofs)
    answer = FleetAnswer(scenario.name, demand, run.day, wishes, tuple(order), *counts)
    if answer.feasible:
        return replace(answer, years=_years(run, answer))
    return replace(answer, reasons=(*_failures(order), *best_answer(alone, demand, found)))


def _try_best(
    run: Search, candidates: list[Candidate], progress: Progress
) -> tuple[list[Sized], dict[str, Proof]]:
    """Size what may be the cheapest and the leanest; what is proven of the rest."""
    tried: dict[str, Sized] = {}
    proofs = {}
    for place, (aim, worth) in enumerate((("cheapest", cost_usd), ("leanest", peak_w))):
        report = partial(_told, progress, place)
        proofs[aim] = _best_of(run, candidates, AIMS[aim], worth, tried, report)
    return list(tried.values()), proofs


def _told(progress: Progress, place: int, share: float) -> None:
    progress("Simulating the day", (place + share) / 2.0)


def _best_of(
    run: Search,
    candidates: list[Candidate],
    lowest: Callable[[FleetCost], float],
    worth: Callable[[Sized], float],
    tried: dict[str, Sized],
    report: Callable[[float], None],
) -> Proof:
    """Branch and bound: size in order of the steady state, drop what cannot win.

    A candidate is dropped by its bound, or by a single trial: where the most replicas with
    which it could still win do not keep the level, it cannot.
    """

    def at(one: Candidate, replicas: int) -> float:
        cost = one.bound.cost(replicas)
        return math.inf if cost is None else lowest(cost)

    order = sorted(candidates, key=lambda one: at(one, one.guess))
    bounded = short = 0
    open_bounds: list[float] = []
    for number, one in enumerate(order):
        report(number / len(order))
        key = name_of(one.column)
        best = min(map(worth, tried.values()), default=math.inf)
        aim = best * (1.0 - run.wishes.gap)
        if key in tried:
            continue
        if at(one, one.bound.least) >= aim:
            bounded += 1
            open_bounds.append(at(one, one.bound.least))
        elif len(tried) and not run.keeps(one, most := _most(one, at, aim)):
            short += 1
            open_bounds.append(at(one, most + 1))
        elif len(tried) < run.wishes.tries * 2:
            tried[key] = run.sized(one)
        else:
            open_bounds.append(at(one, one.bound.least))
    best = min(map(worth, tried.values()), default=math.inf)
    least = min([best, *open_bounds])
    return Proof(bounded, short, least, 1.0 - least / best if math.isfinite(best) else math.nan)


def _most(one: Candidate, at: Callable[[Candidate, int], float], aim: float) -> int:
    """The most replicas whose bound is below an aim; its fewest are."""
    low, high = one.bound.least, one.bound.least + 1
    while at(one, high) < aim and high < MOST * one.guess + 1:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if at(one, middle) < aim else (low, middle)
    return low


def _failures(tried: list[Sized]) -> list[str]:
    """One sentence on the fleet that came nearest in simulation."""
    if not tried:
        return []
    near = tried[0]
    if near.refusal:
        return [f"{near.replica.label} on {near.deployment.server}: {near.refusal}."]
    trial = near.nearest
    return [
        f"no fleet kept the level in simulation; the nearest, {trial.replicas} x "
        f"{near.replica.label} on {near.deployment.server}, misses by {trial.margin:.0%}."
    ]


def _years(run: Search, answer: FleetAnswer) -> tuple[YearFleet, ...]:
    """The cheapest deployment in each year of the horizon; empty for a single year."""
    best = answer.cheapest
    horizon = run.scenario.horizon.years
    if best is None or best.usual is None or horizon < 2:
        return ()
    found = []
    for index in range(horizon):
        factor = multiple(run.demand.growth, index)
        grown = run.demand.model_copy(update={"requests": run.demand.requests * factor})
        year = Search(run.scenario, grown, run.wishes)
        year.place = run.place
        one = best if factor == 1.0 else year.sized(year.candidate(best.deployment))
        if one.confirmed is None or one.cost is None:
            continue
        counts = (one.confirmed.replicas, one.servers)
        found.append(
            YearFleet(index, factor, *counts, one.cost.total_usd, one.cost.facility_peak_w)
        )
    return tuple(found)
