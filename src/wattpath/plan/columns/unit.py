"""From a point of the layer below to a column: whole servers, their power and their cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wattpath.hardware import Server
from wattpath.hardware.power import server_power_w
from wattpath.models import Architecture
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.columns.leversets import LeverSet
from wattpath.plan.demand import Demand
from wattpath.plan.prices import Prices


@dataclass(frozen=True, slots=True)
class Point:
    """One layout at one operating point, as serving or training reports it.

    `chips` and `capacity` (requests/s or tokens/s) are those of one instance; the powers are
    means over its chips [W].
    """

    label: str
    chips: float
    capacity: float
    chip_idle_w: float
    chip_full_w: float
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Context:
    """What all points of one demand, server and lever set share.

    `need` is the capacity that the demand asks for; `base` are the keys of the baseline's
    levers, whose one-off work is done.
    """

    demand: Demand
    architecture: Architecture
    server: Server
    base: frozenset[str]
    chosen: LeverSet
    players: frozenset[str]
    loss: float
    prices: Prices
    need: float

    def deployment(self, point: Point) -> Deployment:
        """A column for the point: as many instances as fill whole servers."""
        server, levers = self.server, self.chosen.levers
        instances, servers = _whole_servers(point.chips, server.chips)
        capacity = point.capacity * instances
        busy = min(1.0, point.chips * instances / (servers * server.chips))
        once = [lever for lever in levers if lever.key not in self.base]
        cost = self.prices.unit(server, servers, once, capacity / self.need, self.architecture)
        return Deployment(
            demand=self.demand.name,
            server=server.key,
            chip=server.chip_key,
            levers=self.chosen.keys,
            players=self.players,
            cooling=server.cooling,
            label=point.label,
            chips=servers * server.chips,
            servers=servers,
            capacity=capacity,
            idle_w=servers * self._server_w(point, 0.0),
            full_w=servers * self._server_w(point, busy),
            cost_usd_per_year=cost.annual_usd,
            capital_usd=cost.capital_usd,
            embodied_kg_per_year=cost.embodied_kg_per_year,
            loss_nats=self.loss,
            once_usd_per_year=cost.once_usd_per_year,
            lead_time_s=max([server.lead_time_s, *(lever.adopt_s for lever in levers)]),
            figures={**point.figures, "chip_full_w": point.chip_full_w, "need": self.need},
        )

    def _server_w(self, point: Point, busy: float) -> float:
        """IT power of a server with its share of network and storage [W].

        `busy` is the share of its chips that the point uses; the others idle.
        """
        server, idle = self.server, point.chip_idle_w
        chip_w = idle + busy * (point.chip_full_w - idle)
        power = server_power_w(
            server.idle_w, server.full_w, server.chips, server.chip.tdp_w, idle, chip_w
        )
        return float(power) * self.prices.book.it_power_factor


def _whole_servers(chips: float, per_server: float) -> tuple[float, float]:
    """Instances in a unit and servers of a unit: several share one, or one takes several."""
    if chips <= per_server:
        return float(max(1, math.floor(per_server / chips))), 1.0
    return 1.0, float(math.ceil(chips / per_server - 1e-9))
