"""One deployment sized: the fewest replicas whose simulated day keeps the level, and spares.

Spares come from the share of time that enough units shall be up; then all of them fail at
once in the busiest hour, and where the level is not kept one more is added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from wattpath.models import Architecture
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.columns.search import architecture_of, traffic_of
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.answer import Sized, Wishes
from wattpath.plan.fleet.bound import Bound, bound_of
from wattpath.plan.fleet.cost import Place, fleet_cost, running, token_prices
from wattpath.plan.fleet.day import busiest_day
from wattpath.plan.fleet.manner import acceptance_where_drafted
from wattpath.plan.fleet.replica_count import (
    failing_as,
    least_replicas,
    smallest_kept,
    spare_units,
    unit_availability,
)
from wattpath.plan.fleet.replicas import Replica, replica_of
from wattpath.plan.fleet.trial import Asked, Trial, try_failure, try_replicas
from wattpath.plan.scenario import Scenario
from wattpath.training.goodput import load_reliability

#: Requests of an hour in a trial of the search, in the one that confirms, and in a usual day.
SEARCH, CONFIRM, USUAL = 2_500.0, 5_000.0, 500.0
#: Trials with more replicas where the longer sample fails, and with more spares.
MENDED, SPARED = 6, 3
#: Margin with which a short sample leaves no doubt of the long one [-].
CLEAR = 0.1


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
        self.made: dict[tuple[str, int, float], Trial] = {}
        self.nearness = 1.0

    def candidate(self, column: Deployment) -> Candidate:
        """A deployment with its bound and the steady state's number of replicas."""
        replica = replica_of(column, self.architecture.shape, traffic_of(self.demand))
        replica = acceptance_where_drafted(replica, self.demand.operation.acceptance)
        instances = column.servers * replica.server.chips / replica.chips
        each = column.capacity / max(1, math.floor(instances + 1e-9))
        guess = math.ceil(self.day.peak * (1.0 + self.demand.spare) / each)
        answer_s = column.figures["ttft_s"]
        answer_s += self.demand.output_tokens * column.figures["tpot_s"]
        given = (self.day, self.demand, self.architecture, self._up(replica))
        bound = bound_of(self.place, replica, *given, self.wishes.available, answer_s)
        return Candidate(column, replica, bound, guess, answer_s)

    def keeps(self, one: Candidate, replicas: int) -> bool:
        """Whether so many replicas keep the level on a short and, in doubt, on a long sample."""
        first = self._try(one, replicas, SEARCH)
        return first.margin <= -CLEAR or (first.kept and self._try(one, replicas, CONFIRM).kept)

    def sized(self, one: Candidate) -> Sized:
        """Try a deployment on the day until it is as small as may be.

        Its first guess is as far from the steady state's as the last one's answer was.
        """
        guess = max(one.bound.least, round(one.guess * self.nearness))
        trials = least_replicas(lambda count: self._try(one, count, SEARCH), guess)
        kept = smallest_kept(trials)
        if kept is not None:
            trials, kept = self._confirmed(one, trials, kept)
        if kept is None:
            return Sized(one.column, one.replica, tuple(trials))
        self.nearness = kept.replicas / one.guess
        return self._installed(one, trials, kept)

    def _asked(self, one: Candidate, each_hour: float) -> Asked:
        """What a fleet is tried with; the usual day is without the demand's spare, and whole."""
        scale = 1.0 if each_hour == USUAL else 1.0 + self.demand.spare
        seed = self.scenario.seed + int(each_hour != SEARCH)  # not the sample searched
        given = (self.demand, self.day, one.answer_s, each_hour, seed, scale)
        return Asked(*given, whole=each_hour == USUAL and not self.demand.flexible)

    def _try(self, one: Candidate, count: int, each_hour: float) -> Trial:
        key = (name_of(one.column), count, each_hour)
        if key not in self.made:
            self.made[key] = try_replicas(one.replica, count, self._asked(one, each_hour))
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
        usual = self._try(one, kept.replicas, USUAL)
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
            asked = replace(self._asked(one, SEARCH), scale=1.0)
            trial = try_failure(one.replica, replicas + beside, failing, asked)
            if trial.kept or more == SPARED - 1:
                return trial, spares + more
        return trial, spares

    def _up(self, replica: Replica) -> float:
        """Share of time that one unit is up [-]: the demand's own failures, or the usual ones."""
        chips = replica.server.chips
        reliability = failing_as(self.reliability, self.demand.operation.failures, chips)
        return unit_availability(max(replica.chips, chips), reliability)


def name_of(column: Deployment) -> str:
    """A deployment's own name."""
    return f"{column.server} {column.levers} {column.label}"
