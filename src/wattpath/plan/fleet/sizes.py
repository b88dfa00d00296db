"""The cheapest and the leanest fleet for a service level, confirmed by simulation.

Deployments come from the steady state and are tried in the order of what they should cost:
each is given as many replicas as keep the level on the simulated day. The search ends after
a few, or when the next one could not win even if the simulation spared it as much as it ever
may. Spares for failures come on top. A fleet whose simulation fails is never the answer.

Where it breaks down: one deployment serves all of a demand (a plan may mix them); servers
are whole; the day is a sample (see `wattpath.plan.fleet.trial`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from wattpath.errors import InputError
from wattpath.models import Architecture
from wattpath.plan.demand import ServingDemand
from wattpath.plan.deployment import Deployment
from wattpath.plan.fleet.answer import FleetAnswer, Sized, Wishes, YearFleet, cost_usd, peak_w
from wattpath.plan.fleet.cost import Place, fleet_cost, running, token_prices
from wattpath.plan.fleet.replica_count import (
    FEWEST,
    least_replicas,
    smallest_kept,
    spare_units,
    unit_availability,
)
from wattpath.plan.fleet.replicas import Replica, replica_of
from wattpath.plan.fleet.trial import HOURS, Trial, busiest_day, try_replicas
from wattpath.plan.reach import best_answer
from wattpath.plan.scenario import Scenario
from wattpath.plan.search import architecture_of, search, traffic_of
from wattpath.plan.years.horizon import multiple
from wattpath.training.goodput import load_reliability
from wattpath.units import MONTH_S, YEAR_S

Progress = Callable[[str, float], None]

#: Requests of a trial in the search, and of the one that confirms.
SEARCH, CONFIRM = 6_000, 30_000
#: Parts of the day that a trial of the search samples.
BLOCKS = 8
#: Trials with more replicas where the longer sample fails.
MENDED = 6


class Search:
    """What all deployments of one demand share while they are sized."""

    def __init__(self, scenario: Scenario, demand: ServingDemand, wishes: Wishes) -> None:
        self.scenario, self.demand, self.wishes = scenario, demand, wishes
        self.place = Place(scenario)
        self.architecture: Architecture = architecture_of(demand, scenario)
        self.day = busiest_day(demand, wishes.kind, wishes.burst_cv)
        self.reliability = load_reliability()

    def sized(self, column: Deployment) -> Sized:
        """Try a deployment on the day until it is as small as may be."""
        replica = replica_of(column, self.architecture.shape, traffic_of(self.demand))
        instances = column.servers * replica.server.chips / replica.chips
        each = column.capacity / max(1, math.floor(instances + 1e-9))
        guess = math.ceil(self.day.peak * (1.0 + self.demand.spare) / each)
        trials = least_replicas(lambda n: self._try(column, replica, n, SEARCH), guess)
        kept = smallest_kept(trials)
        if kept is None:
            return Sized(column, replica, tuple(trials))
        trials, kept = self._confirmed(column, replica, trials, kept)
        if kept is None:
            return Sized(column, replica, tuple(trials))
        return self._installed(column, replica, trials, kept)

    def _try(
        self, column: Deployment, replica: Replica, count: int, requests: int, spare: bool = True
    ) -> Trial:
        figures = column.figures
        answer_s = figures["ttft_s"] + self.demand.output_tokens * figures["tpot_s"]
        scale = 1.0 + self.demand.spare if spare else 1.0
        seed = self.scenario.seed + (1 if requests == CONFIRM else 0)  # not the sample searched
        blocks = BLOCKS if requests == SEARCH else HOURS
        given = (self.demand, self.day, answer_s, requests, seed, scale, blocks)
        return try_replicas(replica, count, *given)

    def _confirmed(
        self, column: Deployment, replica: Replica, trials: list[Trial], kept: Trial
    ) -> tuple[list[Trial], Trial | None]:
        """The longer sample; where it fails, with a few more replicas."""
        count = kept.replicas
        for _ in range(MENDED):
            last = self._try(column, replica, count, CONFIRM)
            trials = [*trials, last]
            if last.kept:
                return trials, last
            count += max(1, count // 50)
        return trials, None

    def _installed(
        self, column: Deployment, replica: Replica, trials: list[Trial], kept: Trial
    ) -> Sized:
        """Spares, cost and prices of a confirmed fleet."""
        per_unit = replica.per_unit
        units = math.ceil(kept.replicas / per_unit)
        chips = max(replica.chips, replica.server.chips)
        up = unit_availability(chips, self.reliability)
        spares = spare_units(units, up, self.wishes.available)
        each = 1.0 if per_unit > 1 else column.servers
        servers = (units + spares) * each
        usual = self._try(column, replica, kept.replicas, CONFIRM, spare=False)
        cost = fleet_cost(self.place, replica, usual, servers, self.architecture)
        found = Sized(column, replica, tuple(trials), kept, usual, spares, servers, cost)
        if cost is None:
            kinds = " or ".join(replica.server.cooling)
            return replace(found, refusal=f"no hall of the scenario takes heat by {kinds}")
        batch = running(column)
        prices = token_prices(cost.total_usd, self.demand, replica, usual.run.found, batch)
        return replace(found, prices=prices)

    def estimate(self, column: Deployment) -> tuple[float, float]:
        """What a deployment should cost a year [USD] and draw [W] by the steady state."""
        need = self.day.peak * (1.0 + self.demand.spare)
        units = math.ceil(need / column.capacity - 1e-9)
        power = units * column.full_w
        hall = min((one.cost_usd_per_w_year for one in self.place.halls), default=0.0)
        energy_usd = self.place.price_usd_j * YEAR_S * self.demand.requests / need
        return units * column.cost_usd_per_year + power * (hall + energy_usd), power


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
    run = Search(scenario, demand, wishes)
    alone = scenario.model_copy(update={"demands": [demand]})
    found = search(alone, run.place.prices, progress)
    months = scenario.months_available
    columns = [
        one
        for one in found.deployments
        if wishes.allows(one) and one.lead_time_s <= months * MONTH_S
    ]
    tried = _try_best(run, columns, progress)
    order = sorted(tried.values(), key=lambda one: (cost_usd(one), one.nearest.margin))
    answer = FleetAnswer(scenario.name, demand, run.day, wishes, tuple(order), len(columns))
    if answer.feasible:
        return replace(answer, years=_years(run, answer))
    return replace(answer, reasons=(*_failures(order), *best_answer(alone, demand, found)))


def _try_best(run: Search, columns: list[Deployment], progress: Progress) -> dict[str, Sized]:
    """The deployments that may win by cost or by power, tried in that order."""
    tried: dict[str, Sized] = {}
    estimates = {id(one): run.estimate(one) for one in columns}
    for aim, worth in ((0, cost_usd), (1, peak_w)):
        ranked = sorted((estimates[id(one)][aim], place) for place, one in enumerate(columns))
        for number, (estimate, place) in enumerate(ranked[: run.wishes.tries]):
            column = columns[place]
            key = f"{column.server} {column.levers} {column.label}"
            best = min(map(worth, tried.values()), default=math.inf)
            if estimate * FEWEST > best:
                break
            progress("Simulating the day", (aim + number / run.wishes.tries) / 2.0)
            if key not in tried:
                tried[key] = run.sized(column)
    return tried


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
        one = best if factor == 1.0 else year.sized(best.deployment)
        if one.confirmed is None or one.cost is None:
            continue
        counts = (one.confirmed.replicas, one.servers)
        found.append(
            YearFleet(index, factor, *counts, one.cost.total_usd, one.cost.facility_peak_w)
        )
    return tuple(found)
