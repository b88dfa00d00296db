"""One deployment sized: the fewest replicas whose simulated day keeps the level, and spares.

Spares come from the share of time that enough units shall be up; then all of them fail at
once in the busiest hour, and where the level is not kept one more is added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from wattpath.models import Architecture
from wattpath.plan.demand import ServingDemand
from wattpath.plan.deployment import Deployment
from wattpath.plan.fleet.answer import Sized, Wishes
from wattpath.plan.fleet.bound import Bound, bound_of
from wattpath.plan.fleet.cost import Place, fleet_cost, running, token_prices
from wattpath.plan.fleet.replica_count import (
    least_replicas,
    smallest_kept,
    spare_units,
    unit_availability,
)
from wattpath.plan.fleet.replicas import Replica, replica_of
from wattpath.plan.fleet.trial import HOURS, Trial, busiest_day, try_failure, try_replicas
from wattpath.plan.scenario import Scenario
from wattpath.plan.search import architecture_of, traffic_of
from wattpath.training.goodput import load_reliability

#: Requests of a trial in the search, of the one that confirms, and of a usual day's power.
SEARCH, CONFIRM, USUAL = 6_000, 30_000, 12_000
#: Parts of the day that a trial of the search samples, and any trial of work without hours.
BLOCKS = 8
#: Trials with more replicas where the longer sample fails, and with more spares.
MENDED, SPARED = 6, 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A deployment that may be tried.

    Attributes
    ----------
    guess : int
        Replicas by the steady state.
    answer_s : float
        Mean time of an answer [s].
    """

    column: Deployment
    replica: Replica
    bound: Bound
    guess: int
    answer_s: float


class Search:
    """What all deployments of one demand share while they are sized."""

    def __init__(self, scenario: Scenario, demand: ServingDemand, wishes: Wishes) -> None:
        self.scenario, self.demand, self.wishes = scenario, demand, wishes
        self.place = Place(scenario)
        self.architecture: Architecture = architecture_of(demand, scenario)
        self.day = busiest_day(demand, wishes.kind, wishes.burst_cv)
        self.reliability = load_reliability()
        self.made: dict[tuple[str, int, int, bool], Trial] = {}

    def candidate(self, column: Deployment) -> Candidate:
        """A deployment with its bound and the steady state's number of replicas."""
        replica = replica_of(column, self.architecture.shape, traffic_of(self.demand))
        instances = column.servers * replica.server.chips / replica.chips
        each = column.capacity / max(1, math.floor(instances + 1e-9))
        guess = math.ceil(self.day.peak * (1.0 + self.demand.spare) / each)
        answer_s = column.figures["ttft_s"]
        answer_s += self.demand.output_tokens * column.figures["tpot_s"]
        given = (self.day, self.demand, self.architecture, self._up(replica))
        bound = bound_of(self.place, replica, *given, self.wishes.available, answer_s)
        return Candidate(column, replica, bound, guess, answer_s)

    def keeps(self, one: Candidate, replicas: int) -> bool:
        """Whether so many replicas keep the level on a short and on a long sample."""
        return all(self._try(one, replicas, count).kept for count in (SEARCH, CONFIRM))

    def sized(self, one: Candidate) -> Sized:
        """Try a deployment on the day until it is as small as may be."""
        trials = least_replicas(lambda count: self._try(one, count, SEARCH), one.guess)
        kept = smallest_kept(trials)
        if kept is not None:
            trials, kept = self._confirmed(one, trials, kept)
        if kept is None:
            return Sized(one.column, one.replica, tuple(trials))
        return self._installed(one, trials, kept)

    def _try(self, one: Candidate, count: int, requests: int, spare: bool = True) -> Trial:
        key = (name_of(one.column), count, requests, spare)
        if key not in self.made:
            scale = 1.0 + self.demand.spare if spare else 1.0
            seed = self.scenario.seed + int(requests != SEARCH)  # not the sample searched
            blocks = BLOCKS if requests == SEARCH or self.demand.flexible else HOURS
            given = (self.demand, self.day, one.answer_s, requests, seed, scale, blocks)
            self.made[key] = try_replicas(one.replica, count, *given)
        return self.made[key]

    def _confirmed(
        self, one: Candidate, trials: list[Trial], kept: Trial
    ) -> tuple[list[Trial], Trial | None]:
        """The longer sample; where it fails, with a few more replicas."""
        count = kept.replicas
        for _ in range(MENDED):
            last = self._try(one, count, CONFIRM)
            trials = [*trials, last]
            if last.kept:
                return trials, last
            count += max(1, count // 50)
        return trials, None

    def _installed(self, one: Candidate, trials: list[Trial], kept: Trial) -> Sized:
        """Spares, cost and prices of a confirmed fleet."""
        column, replica = one.column, one.replica
        per_unit = replica.per_unit
        units = math.ceil(kept.replicas / per_unit)
        spares = spare_units(units, self._up(replica), self.wishes.available)
        failed, spares = self._failed(one, kept.replicas, spares)
        servers = (units + spares) * (1.0 if per_unit > 1 else column.servers)
        usual = self._try(one, kept.replicas, USUAL, spare=False)
        cost = fleet_cost(self.place, replica, usual, servers, self.architecture)
        found = Sized(
            column, replica, tuple(trials), kept, usual, spares, servers, cost, failed=failed
        )
        if cost is None:
            kinds = " or ".join(replica.server.cooling)
            return replace(found, refusal=f"no hall of the scenario takes heat by {kinds}")
        batch = running(column)
        prices = token_prices(cost.total_usd, self.demand, replica, usual.run.found, batch)
        return replace(found, prices=prices)

    def _failed(self, one: Candidate, replicas: int, spares: int) -> tuple[Trial | None, int]:
        """The day on which all spares fail; a spare more where the level is not kept."""
        if spares == 0:
            return None, 0
        trial = None
        for more in range(SPARED):
            failing = spares * one.replica.per_unit
            beside = more * one.replica.per_unit
            given = (self.demand, self.day, one.answer_s, SEARCH, self.scenario.seed)
            trial = try_failure(one.replica, replicas + beside, failing, *given)
            if trial.kept or more == SPARED - 1:
                return trial, spares + more
        return trial, spares

    def _up(self, replica: Replica) -> float:
        """Share of time that one unit is up [-]."""
        return unit_availability(max(replica.chips, replica.server.chips), self.reliability)


def name_of(column: Deployment) -> str:
    """A deployment's own name."""
    return f"{column.server} {column.levers} {column.label}"
