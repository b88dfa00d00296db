"""Deployments of single servers, each evaluated once for all projects and for every draw.

The same server does the same work in the same way at every place, so that the scenarios of
`wattpath.projects.replan` share the columns of their programmes. What differs is put right:
whether a server is the project's own (players), the part of one-off work that a unit carries
(requests/s asked for), and the date. With N and N' the need asked of the kernels and the
project's own, the yearly cost of a unit is

    C' = C + (N / N' - 1) C_once

Where it breaks down: the scenarios must share models, service levels, floors and interest; of
two lever sets of which one beats the other by its one-off work alone, the bank may keep the one
that a project with another need would not have.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wattpath.economics import yearly_capital_usd
from wattpath.plan.columns.deployment import Columns, Deployment, Refusal, undominated
from wattpath.plan.columns.search import Group, in_time, need_of, search, servers_of
from wattpath.plan.prices import Prices
from wattpath.plan.scenario import Scenario
from wattpath.progress import silent

#: Number of the draw in which every number is at its value.
CENTRAL = -1

#: Months that a unit may take while it is kept: the date is the project's.
ANY_MONTHS = 360.0


#: Draw, server, and one group of it or all.
Place = tuple[int, str, Group | None]


class Bank:
    """Columns by server, levers and draw."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Place, frozenset[str]], Columns] = {}

    def columns(
        self,
        asked: Scenario,
        prices: Prices,
        draw: int = CENTRAL,
        only: frozenset[Group] | None = None,
    ) -> Columns:
        """What `wattpath.plan.columns.search.search` finds, with all that is known already.

        Parameters
        ----------
        asked : Scenario
            Of one year.
        prices : Prices
        draw : int
            Whose numbers are in force; the same number stands for the same numbers.
        only : frozenset of (demand, server, levers), optional
            Evaluated one by one; all of the scenario's if not given.
        """
        needs = {demand.name: need_of(demand) for demand in asked.demands}
        found: list[Deployment] = []
        refused: list[Refusal] = []
        each: Columns | None = None
        for place, server in enumerate(servers_of(asked)):
            once = yearly_capital_usd(1.0, server.life_s, prices.book.rate)
            players = frozenset({"chips"} if place else ())
            for group in self._groups(server.key, only):
                each = self._evaluated(asked, (draw, server.key, group))
                found += [_fitted(one, players, needs[one.demand], once) for one in
                          each.deployments]  # fmt: skip
                refused += each.refusals
        assert each is not None, "a scenario has a server"
        kept = undominated(in_time(found, asked.months_available))
        return replace(each, deployments=tuple(kept), refusals=tuple(refused))

    def _groups(self, server: str, only: frozenset[Group] | None) -> Iterable[Group | None]:
        return [None] if only is None else sorted(group for group in only if group[1] == server)

    def _evaluated(self, asked: Scenario, place: Place) -> Columns:
        """The columns of a server as if it were the project's own and there were time."""
        draw, server, group = place
        demands = frozenset(demand.name for demand in asked.demands)
        whole = self._kept.get(((draw, server, None), demands))
        if whole is not None and group is not None:
            own = (one for one in whole.deployments if (one.demand, server, one.levers) == group)
            return replace(whole, deployments=tuple(own))
        key = place, demands
        if key not in self._kept:
            alone = asked.model_copy(
                update={
                    "baseline": asked.baseline.model_copy(update={"server": server}),
                    "options": asked.options.model_copy(update={"servers": ()}),
                    "months_available": ANY_MONTHS,
                }
            )
            only = None if group is None else frozenset({group})
            self._kept[key] = search(alone, Prices.of(alone), silent, only)
        return self._kept[key]


def _fitted(
    column: Deployment, players: frozenset[str], need: float, once_usd_per_year: float
) -> Deployment:
    """A column for a project: its players, and its part of one-off work.

    Parameters
    ----------
    need : float
        Of the project [request/s or token/s].
    once_usd_per_year : float
        Of one dollar of one-off work [USD/year].
    """
    more = (column.figures["need"] / need - 1.0) * column.once_usd_per_year
    return replace(
        column,
        players=column.players | players,
        cost_usd_per_year=column.cost_usd_per_year + more,
        once_usd_per_year=column.once_usd_per_year + more,
        capital_usd=column.capital_usd + more / once_usd_per_year,
        figures={**column.figures, "need": need},
    )
