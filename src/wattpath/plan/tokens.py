"""The price of fresh, cached and written tokens of a plan's services, by the chip time they take.

Each deployment serves its share of the requests and bears that share of the demand's cost; within
it a token costs by its chip time (see `wattpath.economics.tokens`). Prompts find in the cache what
the levers in force let a steady state find.

Where it breaks down: deployments of one demand may cost differently per request, and a fleet sized
by cache memory prices long contexts too low.
"""

from __future__ import annotations

from wattpath.economics import TokenSplit
from wattpath.plan.columns.search import architecture_of, traffic_of
from wattpath.plan.demand import ServingDemand
from wattpath.plan.fleet.cost import running, token_prices
from wattpath.plan.fleet.replicas import replica_of
from wattpath.plan.outcome import YEAR_S
from wattpath.plan.result import Chosen, Outcome
from wattpath.plan.scenario import Scenario


def split_of(scenario: Scenario, outcome: Outcome) -> dict[str, TokenSplit]:
    """Cost of a million tokens of each kind [USD], for each service of a plan of one year."""
    found = {}
    for demand in scenario.demands:
        if isinstance(demand, ServingDemand):
            requests = demand.requests * YEAR_S
            cost = outcome.prices[demand.name]["usd_per_thousand_requests"] / 1e3 * requests
            parts = [
                (item.share, _prices(scenario, demand, item, cost))
                for item in outcome.chosen
                if item.deployment.demand == demand.name
            ]
            total = sum(share for share, _ in parts)
            found[demand.name] = TokenSplit(
                *(
                    sum(share * prices[kind] for share, prices in parts) / total
                    for kind in range(len(TokenSplit._fields))
                )
            )
    return found


def _prices(scenario: Scenario, demand: ServingDemand, item: Chosen, cost_usd: float) -> TokenSplit:
    """Prices if the deployment served all of the demand at this cost."""
    shape = architecture_of(demand, scenario).shape
    replica = replica_of(item.deployment, shape, traffic_of(demand))
    settings = replica.pools[0].case.settings
    cached = settings.prefix_reuse * demand.shared_prefix
    return token_prices(cost_usd, demand, replica, cached, running(item.deployment))
