"""What limit holds a family of chips back, and what a little more time would be worth.

Of each demand the deployment with the cheapest capacity is taken. Near the shortest time that
any layout reaches, a chip serves hardly anybody: its cost rises without end although nothing
is refused. So the same deployment is searched again with the limit that it meets
loosened by `LOOSER`, and what its capacity costs then is set beside what it costs now.

Where it breaks down: one limit is loosened at a time, with the levers unchanged; halls and
electricity are not in the cost of a deployment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wattpath.plan.columns.deployment import Columns, Deployment, Refusal
from wattpath.plan.columns.search import search
from wattpath.plan.demand import Demand, ServingDemand
from wattpath.plan.prices import Prices
from wattpath.plan.scenario import Scenario
from wattpath.progress import silent
from wattpath.units import YEAR_S

#: How much longer the time may be that a deployment is searched with again.
LOOSER = 1.25

#: Share of a limit from which on it counts as met.
MET = 0.97


@dataclass(frozen=True, slots=True)
class Held:
    """A demand on a family of chips.

    Attributes
    ----------
    server, demand, layout : str
        Of the deployment with the cheapest capacity.
    limit : str
        ``ttft`` or ``tpot``, ``memory`` where neither is met, ``deadline`` where there is none.
    used : float
        Share of the limit that it takes; of the nearer one where neither is met [-].
    usd_per_request : float
        What a request costs on it at full load, halls and electricity aside [USD].
    looser : float
        The same over what it is where the limit is longer by `LOOSER`; 1 where no time
        limits it [-].
    refused : tuple of str
        What other layouts miss.
    """

    server: str
    demand: str
    layout: str
    limit: str
    used: float
    usd_per_request: float
    looser: float
    refused: tuple[str, ...]


def held_of(server: str, scenario: Scenario, columns: Columns, prices: Prices) -> tuple[Held, ...]:
    """What holds each demand back on one family of chips.

    Parameters
    ----------
    server : str
        The family, which `scenario` has as its only server.
    columns : Columns
        Its deployments.
    """
    found = []
    for demand in scenario.demands:
        mine = [one for one in columns.deployments if one.demand == demand.name]
        if mine and isinstance(demand, ServingDemand):
            best = min(mine, key=_unit_usd)
            limit, used = _limit(demand, best)
            looser = _looser(scenario, demand, best, limit, prices) if limit in _TIMES else 1.0
            texts = _texts(columns.refusals, demand)
            usd = _unit_usd(best) / YEAR_S
            found.append(Held(server, demand.name, best.label, limit, used, usd, looser, texts))
    return tuple(found)


_TIMES = ("ttft", "tpot")


def _unit_usd(one: Deployment) -> float:
    return one.cost_usd_per_year / one.capacity


def _limit(demand: ServingDemand, best: Deployment) -> tuple[str, float]:
    """The nearer limit of time and its share in use."""
    if demand.ttft is None or demand.tpot is None:
        return "deadline", 0.0
    shares = {
        "ttft": best.figures["ttft_s"] / demand.ttft,
        "tpot": best.figures["tpot_s"] / demand.tpot,
    }
    name = max(shares, key=lambda key: shares[key])
    return (name if shares[name] >= MET else "memory"), shares[name]


def _looser(
    scenario: Scenario, demand: ServingDemand, best: Deployment, limit: str, prices: Prices
) -> float:
    """Cost of capacity now over that with more time."""
    more = demand.model_copy(update={limit: getattr(demand, limit) * LOOSER})
    changed: list[Demand] = [more]
    asked = scenario.model_copy(update={"demands": changed})
    group = frozenset({(demand.name, best.server, best.levers)})
    found = search(asked, prices, silent, group).deployments
    least = min((_unit_usd(one) for one in found), default=_unit_usd(best))
    return _unit_usd(best) / least


def _texts(refusals: Sequence[Refusal], demand: ServingDemand) -> tuple[str, ...]:
    """What layouts of a demand miss, in the words of the search."""
    own = (one for one in refusals if one.demand == demand.name)
    return tuple(one.margin for one in own if one.kind in ("memory", "limits") and one.margin)
