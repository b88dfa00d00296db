"""What a fleet costs a year, what it draws, and the price of its tokens.

Cost is that of servers with network and storage, of the software's one-off work, of the hall
that takes their heat, and of electricity at the site's grid price. A token's price is its
share of that by the chip time it takes (see `wattpath.economics.tokens`).

Where it breaks down: a plan may build its own supply, so its electricity may cost otherwise;
the hall's PUE is that of the hour of the year, its load that of the mean day.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from wattpath import levers
from wattpath.economics import TokenSplit, per_million, token_prices_usd
from wattpath.models import Architecture
from wattpath.plan.build import site_of
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.compute import Hall
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.drive import server_watts
from wattpath.plan.fleet.replicas import PREFILL, Pool, Replica
from wattpath.plan.fleet.trial import Trial
from wattpath.plan.halls import halls_of, weather_of
from wattpath.plan.prices import Prices
from wattpath.plan.scenario import Scenario
from wattpath.serving.heap import Floats
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.steady import (
    answer_tokens,
    decode_iteration,
    fresh_tokens,
    mean_context,
    mixed_iteration,
)
from wattpath.units import DAY_S, YEAR_S


class Place:
    """The scenario's halls and electricity, read once when they are asked for."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.prices = Prices.of(scenario)

    @cached_property
    def halls(self) -> tuple[Hall, ...]:
        """Halls that stay within their limits at the site; a refit is for the plan to choose."""
        weather = weather_of(self.scenario)
        found = halls_of(self.scenario, weather, self.prices.book).halls
        return tuple(hall for hall in found if hall.refit_w == 0.0)

    @cached_property
    def price_usd_j(self) -> float:
        """Mean price of electricity from the grid [USD/J]."""
        site = site_of(self.scenario, weather_of(self.scenario))
        return float(np.mean(site.grid_price_usd_j))


@dataclass(frozen=True, slots=True)
class FleetCost:
    """Of an installed fleet.

    Attributes
    ----------
    servers_usd, hall_usd, electricity_usd, total_usd : float
        A year [USD/year]; the first with network, storage and one-off work.
    capital_usd : float
        Purchase of servers and hall [USD].
    hall : str
        Cooling on electrical chain.
    pue : float
        Facility energy over IT energy.
    it_peak_w, facility_peak_w : float
        Highest interval of the day [W].
    it_energy_j, facility_energy_j, chip_energy_j : float
        Of the day [J].
    """

    servers_usd: float
    hall_usd: float
    electricity_usd: float
    total_usd: float
    capital_usd: float
    hall: str
    pue: float
    it_peak_w: float
    facility_peak_w: float
    it_energy_j: float
    facility_energy_j: float
    chip_energy_j: float

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


def fleet_watts(replica: Replica, trial: Trial, servers: float, factor: float) -> Floats:
    """IT power of all servers in each interval of the day [W], spares idle among them."""
    used_share = trial.replicas * replica.chips / (servers * replica.server.chips)
    return server_watts(replica, trial.run.chip_w, min(1.0, used_share)) * servers * factor


def fleet_cost(
    place: Place, replica: Replica, trial: Trial, servers: float, architecture: Architecture
) -> FleetCost | None:
    """The yearly cost with the cheapest hall that takes the servers' heat; None without one.

    Parameters
    ----------
    trial : Trial
        A usual day of the replicas in service.
    servers : float
        Installed, with spares.
    """
    it_w = fleet_watts(replica, trial, servers, place.prices.book.it_power_factor)
    energy = float(it_w @ trial.run.lengths_s / trial.run.lengths_s.sum() * DAY_S)
    used = trial.run.chip_w @ trial.run.lengths_s / trial.run.lengths_s.sum()
    chips = trial.replicas * replica.chips
    rest = servers * replica.server.chips - chips
    chip_energy = float(used * chips + trial.run.chip_idle_w * rest) * DAY_S
    load = (float(it_w.max()), energy, chip_energy)
    return installed_cost(place, replica, servers, load, architecture)


def installed_cost(
    place: Place,
    replica: Replica,
    servers: float,
    load: tuple[float, float, float],
    architecture: Architecture,
) -> FleetCost | None:
    """The yearly cost of servers under a load; None without a hall that takes their heat.

    Parameters
    ----------
    load : tuple of float
        Highest IT power [W], IT energy and chips' energy of a day [J].
    """
    peak, energy, chip_energy = load
    base = set(place.scenario.baseline.levers)
    once = [one for one in levers.by_names(replica.levers) if one.key not in base]
    unit = place.prices.unit(replica.server, servers, once, 1.0, architecture)
    found = []
    for hall in place.halls:
        if not set(hall.accepts) & set(replica.server.cooling):
            continue
        standing = min(peak, hall.standing_w)
        hall_usd = hall.cost_usd_per_w_year * (peak - standing)
        hall_usd += hall.upkeep_usd_per_w_year * standing
        facility = energy * float(hall.variable.mean()) + hall.fixed * peak * DAY_S
        power_usd = facility * YEAR_S / DAY_S * place.price_usd_j
        capital = unit.capital_usd + hall.capital_usd_per_w * (peak - standing)
        money = (unit.annual_usd, hall_usd, power_usd, unit.annual_usd + hall_usd + power_usd)
        watts = (peak, peak * (float(hall.variable.max()) + hall.fixed))
        joules = (energy, facility, chip_energy)
        found.append(FleetCost(*money, capital, hall.key, facility / energy, *watts, *joules))
    return min(found, key=lambda one: one.total_usd, default=None)


def chip_seconds(replica: Replica, batch: float) -> TokenSplit:
    """Chip time that one token of each kind takes [s/token].

    A fresh prompt token: what it adds to an iteration. A cached one: what reading its keys
    and values adds while the rest of the prompt is computed. An output token: its part of a
    step, or of as many steps as speculation saves.

    Parameters
    ----------
    batch : float
        Running sequences of one attention rank.
    """
    first, last = replica.pools[0], replica.pools[-1]
    case = last.case
    traffic, settings = case.traffic, case.settings
    each = max(1.0, batch / last.layout.pp)
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    body = (case.chip, case.shape, last.layout, settings, case.engine)
    step = decode_iteration(*body, each, mean_context(traffic, settings))
    output = step.seconds * last.layout.tp / (each * gain)
    fresh, cached = _prompt_seconds(first, 0.0 if first.kind == PREFILL else each)
    return TokenSplit(fresh, cached, output)


def _prompt_seconds(pool: Pool, running: float) -> tuple[float, float]:
    """Chip time of a fresh and of a cached prompt token [s/token]."""
    case, tp = pool.case, pool.layout.tp
    traffic, settings = case.traffic, case.settings
    fresh = fresh_tokens(traffic, settings)
    past = traffic.input_tokens - fresh
    chunk = max(1.0, min(case.engine.chunk_tokens - running, fresh))
    body = (case.chip, case.shape, pool.layout, settings, case.engine)
    context = mean_context(traffic, settings)
    alone = decode_iteration(*body, running, context).seconds if running > 0.0 else 0.0
    blank = mixed_iteration(*body, running, context, chunk, fresh, 0.0).seconds
    whole = mixed_iteration(*body, running, context, chunk, fresh, past).seconds
    cached = (whole - blank) * tp * fresh / chunk / past if past > 0.0 else 0.0
    return max(0.0, blank - alone) * tp / chunk, max(0.0, cached)


def running(column: Deployment) -> float:
    """Running sequences of one attention rank."""
    last = column.label.rpartition(" + ")[2]
    count, times, name = last.partition(" x ")
    ranks = [part[2:] for part in (name or count).split() if part.startswith("dp")]
    workers = int(count) if times else 1
    return column.figures["batch"] / (workers * (int(ranks[0]) if ranks else 1))


def token_prices(
    cost_usd: float, demand: ServingDemand, replica: Replica, found: float, batch: float
) -> TokenSplit:
    """Price of a million tokens of each kind [USD].

    Parameters
    ----------
    cost_usd : float
        Of the fleet a year [USD/year].
    found : float
        Share of prompt tokens that a cache holds [-].
    batch : float
        Running sequences of one attention rank.
    """
    traffic, settings = replica.pools[-1].case.traffic, replica.pools[-1].case.settings
    prompts = demand.requests * YEAR_S * demand.input_tokens
    answers = demand.requests * YEAR_S * answer_tokens(traffic, settings)
    tokens = TokenSplit(prompts * (1.0 - found), prompts * found, answers)
    return per_million(token_prices_usd(cost_usd, tokens, chip_seconds(replica, batch)))
