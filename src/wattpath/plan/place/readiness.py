"""When servers, halls and power are all there, which of them comes last, and what waiting costs.

    running = max(server, hall, power)
    a quarter of waiting = (servers + halls)_a_year / 4

Machines that stand without power, or that could have stood, cost capital all the same; who
buys them expects at least that from their work, so this is the least that a quarter is worth.

Where it breaks down: one lead time for any number of servers, and of halls that are not built
in units; units of one kind only, all ordered today; nothing is delivered in parts; what the
work earns beyond the cost of its machines is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wattpath import hardware
from wattpath.economics import load_book, yearly_capital_usd
from wattpath.facility import Weather
from wattpath.hardware.server import Server
from wattpath.plan.compute import Hall
from wattpath.plan.halls import halls_of
from wattpath.plan.scenario import Scenario
from wattpath.plan.years.buildings import units_for
from wattpath.supply.terms import MONTH_S

#: A date later than any lead time [months].
EVER = 360.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """The pair of server and hall that stands first, beside the power.

    Attributes
    ----------
    server, hall : str
        Names.
    server_months, hall_months : float
        From order to delivery [months]; a standing hall that is large enough takes none.
    power_months : float
        First date on which the load can be met [months]; NaN if there is none.
    it_w : float
        IT power that the facility load leaves [W].
    machines_usd_per_year : float
        Yearly cost of servers and halls for it [USD/year]; NaN where no price is known.
    """

    server: str
    hall: str
    server_months: float
    hall_months: float
    power_months: float
    it_w: float
    machines_usd_per_year: float

    @property
    def parts(self) -> dict[str, float]:
        """Months to servers, halls and power."""
        return {
            "servers": self.server_months,
            "halls": self.hall_months,
            "power": self.power_months,
        }

    @property
    def months(self) -> float:
        """When work begins [months]; NaN without power."""
        return float("nan") if self.power_months != self.power_months else max(self.parts.values())

    @property
    def last(self) -> str:
        """What comes last."""
        return max(self.parts, key=lambda name: self.parts[name])

    def to_json(self) -> dict[str, Any]:
        """The fields and what follows from them."""
        return {
            "server": self.server,
            "hall": self.hall,
            "months": self.parts,
            "running_months": self.months,
            "last": self.last,
            "it_w": self.it_w,
            "machines_usd_per_year": self.machines_usd_per_year,
            "machines_usd_per_quarter": self.machines_usd_per_year / 4.0,
        }


def readiness_of(
    scenario: Scenario, weather: Weather, peak_w: float, power_months: float
) -> Readiness | None:
    """When the scenario's servers can run at this facility power.

    Parameters
    ----------
    scenario : Scenario
    weather : Weather
    peak_w : float
        Highest facility power [W].
    power_months : float
        First date on which it can be met [months].

    Returns
    -------
    Readiness or None
        None if no hall accepts any of the servers.
    """
    options = scenario.options.model_copy(update={"refits": []})
    patient = scenario.model_copy(update={"months_available": EVER, "options": options})
    halls = halls_of(patient, weather, load_book({"rate": scenario.finance.discount_rate})).halls
    names = [scenario.baseline.server, *scenario.options.servers]
    servers = [hardware.load_server(name, "baseline.server") for name in names]
    found = [
        _pair(scenario, server, hall, peak_w, power_months)
        for server in servers
        for hall in halls
        if set(server.cooling) & set(hall.accepts)
    ]
    return min(found, key=_rank, default=None)


def hall_months(scenario: Scenario, hall: Hall, it_w: float) -> float:
    """Months until a hall takes so much IT power: at once as far as it stands already, else by
    the soonest units that the scenario names, at the pace of their crews.

    Parameters
    ----------
    scenario : Scenario
    hall : Hall
    it_w : float
        [W].
    """
    missing = it_w - hall.standing_w
    if missing <= 0.0:
        return 0.0
    times = [unit.time_to_s(missing) for unit in units_for(scenario.horizon, hall)]
    return min(times) / MONTH_S if times else hall.lead_time_months


def _rank(pair: Readiness) -> tuple[float, float]:
    """The first to stand, and of those the cheapest known."""
    known = pair.machines_usd_per_year == pair.machines_usd_per_year
    return max(pair.server_months, pair.hall_months), pair.machines_usd_per_year if known else 1e99


def _pair(
    scenario: Scenario, server: Server, hall: Hall, peak_w: float, power_months: float
) -> Readiness:
    it_w = peak_w / (float(hall.variable.max()) + hall.fixed)
    cost = hall.cost_usd_per_w_year * it_w
    price = float("nan") if server.price_usd is None else server.price_usd
    rate = scenario.finance.discount_rate
    cost += yearly_capital_usd(price, server.life_s, rate) * it_w / server.full_w
    return Readiness(
        server=server.name,
        hall=hall.name,
        server_months=server.lead_time_s / MONTH_S,
        hall_months=hall_months(scenario, hall, it_w),
        power_months=power_months,
        it_w=it_w,
        machines_usd_per_year=cost,
    )
