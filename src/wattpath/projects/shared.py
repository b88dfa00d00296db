"""A project's programme with columns from a bank: plans of a draw, and of the central case.

The parts of the programme (halls, supplies, prices, hours) are those of `wattpath.plan`; only
the search of deployments is shared with other projects.

Where it breaks down: as `wattpath.projects.bank`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wattpath import catalog
from wattpath.plan.build import parts_of, search_periods
from wattpath.plan.columns.search import Group
from wattpath.plan.compute import slots
from wattpath.plan.halls import halls_from
from wattpath.plan.optimise import Optimiser
from wattpath.plan.prices import Prices
from wattpath.plan.result import PLANS, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import expected_w
from wattpath.plan.uncertainty.distribution import Effect, Target
from wattpath.plan.uncertainty.hallrange import drawn_hours
from wattpath.plan.uncertainty.model import BESIDE, Draws, Solved
from wattpath.plan.uncertainty.outside import asked_of, values_of
from wattpath.projects.bank import CENTRAL, Bank
from wattpath.supply.periods import Periods


class Shared(Draws):
    """Draws of a scenario whose deployments are in a bank.

    Parameters
    ----------
    scenario : Scenario
        Of one year.
    effects : mapping of Target to Effect
    bank : Bank
    """

    def __init__(self, scenario: Scenario, effects: Mapping[Target, Effect], bank: Bank) -> None:
        super().__init__(scenario, effects)
        self.bank = bank

    def solved(
        self,
        z: Mapping[str, float] | None = None,
        draw: int = CENTRAL,
        *,
        only: frozenset[Group] | None = None,
        periods: Periods | None = None,
        plans: Sequence[str] = PLANS,
    ) -> Solved:
        """Some plans of a draw on representative days.

        Parameters
        ----------
        z : mapping, optional
            Input -> standard normal value; none is the central case.
        draw : int
            Number of the draw; the same for equal values.
        only : frozenset of (demand, server, levers), optional
        periods : Periods, optional
            As for `Draws.solve`.
        plans : sequence of str
            Names of what is solved.
        """
        values = values_of(self.effects, z or {})
        asked = asked_of(self.scenario, values)
        with catalog.drawn({t: v for t, v in values.items() if t[0] not in BESIDE}):
            prices = Prices.of(asked)
            columns = self.bank.columns(asked, prices, draw, only)
            hours = tuple(drawn_hours(each, values) for each in self.hours)
            halls = halls_from(asked, hours, prices.book)
            parts = parts_of(asked, self.weather, halls.halls, expected_w(columns))
        found = slots(columns.deployments, halls.halls)
        days = Optimiser(parts, found, periods or search_periods(parts))
        solutions = {name: days.solve(self.players[name]) for name in plans}
        return Solved(asked, days, solutions, columns.refusals + halls.refusals)

    def central(self) -> tuple[Solved, dict[str, Outcome]]:
        """The four plans with every number at its value, on days and over all hours."""
        found = self.solved()
        return found, self.outcomes(found)
