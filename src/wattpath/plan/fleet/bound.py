"""What a fleet of a deployment costs and draws at least, before a single request is simulated.

No replica serves more than its steady state does at the largest batch whose *mean* time per
token keeps the limit, with no limit on the first token; a queue that grows through the
busiest hour may be as long as that limit at its end. So

    N >= peak / (rate (1 + e) (1 + TTFT / hour))

with e, by how much simulated replicas were seen to serve more than the steady state says, and
N replicas with their spares cost at least what their servers cost, and draw at least what idle
chips and the least energy beyond idle of each request draw.

Where it breaks down: the bound holds as far as the mean times of the steady state and of the
simulator agree within e, and where the level lets hardly any of the busiest hour be late; a
chip whose energy per request is least below full load.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wattpath.hardware.power import chip_idle_w
from wattpath.models import Architecture
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.cost import FleetCost, Place, installed_cost
from wattpath.plan.fleet.day import Day
from wattpath.plan.fleet.drive import server_watts
from wattpath.plan.fleet.replica_count import spare_units
from wattpath.plan.fleet.replicas import DECODE, PREFILL, Pool, Replica
from wattpath.plan.fleet.trial import LATE, sampled_hour_s
from wattpath.serving.candidates import chip_watts
from wattpath.serving.scan import scan_aggregated, scan_decode, scan_prefill
from wattpath.units import DAY_S

#: Most by which a simulated replica is taken to serve more than its steady state [-]: 1.9 % was
#: the most among twenty services drawn at random.
AGREEMENT = 0.03


@dataclass(frozen=True, slots=True)
class Rate:
    """What a pool's workers serve at most, and what a request takes beyond idle.

    `requests_per_s` of all workers of one replica [request/s], `chip_j` of the chips [J].
    """

    requests_per_s: float
    chip_j: float


def most_rate(pool: Pool) -> Rate:
    """The highest rate of a pool by its steady state, none of its tails limited."""
    case = pool.case
    traffic = case.traffic._replace(ttft_s=math.inf, percentile=0.5)
    body = (case.chip, case.shape, pool.layout, case.settings, case.engine, traffic)
    found = {PREFILL: scan_prefill, DECODE: scan_decode}.get(pool.kind, scan_aggregated)(*body)
    state = found.state
    if not found.feasible > 0.0:
        return Rate(math.inf, 0.0)  # no bound
    rate = pool.workers * state.requests_per_s * (1.0 + AGREEMENT)
    watts = chip_watts(case, (state.compute_share, state.memory_share), pool.clock)
    chips = pool.ranks * pool.chips_per_rank
    return Rate(rate, chips * max(0.0, watts - float(chip_idle_w(case.chip))) / rate)


@dataclass(frozen=True)
class Bound:
    """The least that fleets of one replica cost and draw.

    Attributes
    ----------
    each : float
        Requests asked that one replica serves at most [request/s].
    chip_j : float
        Energy of the chips beyond idle for each of them [J].
    least : int
        Replicas without which the busiest hour cannot be served.
    """

    place: Place
    replica: Replica
    day: Day
    demand: ServingDemand
    architecture: Architecture
    up: float
    available: float
    each: float
    chip_j: float
    least: int

    def units(self, replicas: int) -> tuple[int, int]:
        """Units in service and spare for so many replicas."""
        units = math.ceil(replicas / self.replica.per_unit)
        return units, spare_units(units, self.up, self.available)

    def servers(self, replicas: int) -> float:
        """Servers of so many replicas, with spares."""
        chips = self.replica.chips / self.replica.server.chips
        each = 1.0 if self.replica.per_unit > 1 else float(math.ceil(chips - 1e-9))
        return sum(self.units(replicas)) * each

    def cost(self, replicas: int) -> FleetCost | None:
        """Least cost of so many replicas; None where no hall takes the servers' heat."""
        servers, server = self.servers(replicas), self.replica.server
        idle, chips = float(chip_idle_w(server.chip)), replicas * self.replica.chips
        rates = np.array([self.day.peak, self.day.rate])
        chip_w = np.minimum(server.chip.tdp_w, idle + self.chip_j * rates / chips)
        share = min(1.0, chips / (servers * server.chips))
        factor = self.place.prices.book.it_power_factor
        peak, mean = server_watts(self.replica, chip_w, share) * servers * factor
        idle_w = servers * server.chips * idle
        joules = (float(mean) * DAY_S, (idle_w + self.chip_j * self.day.rate) * DAY_S)
        load = (float(peak), *joules)
        return installed_cost(self.place, self.replica, servers, load, self.architecture)

    @cached_property
    def lowest(self) -> FleetCost | None:
        """Of the fewest replicas that could do."""
        return self.cost(self.least)


def bound_of(
    place: Place,
    replica: Replica,
    day: Day,
    demand: ServingDemand,
    architecture: Architecture,
    up: float,
    available: float,
    answer_s: float,
) -> Bound:
    """The least of a replica's fleets.

    Parameters
    ----------
    up, available : float
        Share of time that a unit is up, and that enough shall be [-].
    answer_s : float
        Mean time of an answer [s], which says how long a sampled hour is.
    """
    rates = [most_rate(pool) for pool in replica.pools]
    factor = replica.pools[0].case.settings.request_factor
    each = min(one.requests_per_s for one in rates) / factor
    late = LATE if demand.ttft is None else demand.ttft / sampled_hour_s(answer_s)
    need = day.peak * (1.0 + demand.spare) / (each * (1.0 + late))
    chip_j = sum(one.chip_j for one in rates) * factor
    least = max(1, math.ceil(need - 1e-9))
    return Bound(place, replica, day, demand, architecture, up, available, each, chip_j, least)
