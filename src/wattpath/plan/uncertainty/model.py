"""One draw of a scenario: the four plans with drawn numbers, by the full or the fast path.

Both paths evaluate the real laws: under `wattpath.catalog.drawn` the kernels, prices, halls
and technologies of a draw are computed from its numbers, and one programme is solved for the
four plans. The *fast* path keeps the representative days of the central case, evaluates only
the deployments of a pool, and reads the answer from those days. The *full* path searches
everything, chooses its own days, and solves all 8,760 hours.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattpath import catalog
from wattpath.facility import FacilityHours, Weather
from wattpath.hardware.shortlist import shortlisted
from wattpath.plan.build import parts_of, search_periods, with_lending
from wattpath.plan.columns.deployment import Refusal
from wattpath.plan.columns.search import Group, search
from wattpath.plan.compute import slots
from wattpath.plan.halls import Halls, halls_from, hours_of, weather_of
from wattpath.plan.operate.elsewhere import with_halls_elsewhere, years_elsewhere
from wattpath.plan.optimise import Optimiser
from wattpath.plan.prices import Prices
from wattpath.plan.result import PLANS, Outcome
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import expected_w, players_of
from wattpath.plan.uncertainty.distribution import Effect, Target
from wattpath.plan.uncertainty.hallrange import drawn_hours
from wattpath.plan.uncertainty.outside import asked_of, values_of
from wattpath.plan.uncertainty.reading import FIELDS, Reading, read_days, read_outcome
from wattpath.plan.year import Question, whole_year
from wattpath.progress import silent
from wattpath.supply.periods import Periods
from wattpath.supply.program import Solution

Floats = NDArray[np.float64]

#: Plans that are also read in fractions of servers -> the plan.
SMOOTH = {"smooth both": "both", "smooth blue": "blue"}

#: Layouts that searches found best, by what they were asked.
Layouts = dict[Hashable, Any]

#: Kinds of effects that are no numbers of the catalogue.
BESIDE = ("hall", "scenario")


@dataclass(frozen=True, slots=True)
class Solved:
    """The programme of a draw with its four solutions, and what fell out before it."""

    asked: Scenario
    days: Optimiser
    solutions: dict[str, Solution]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the fast path keeps of the central case: deployments and representative days.

    `only` are the groups of deployments that it evaluates, all if None, and `pool` counts them.
    `layouts` are the shortlists of their layouts (`wattpath.hardware.shortlist`); without
    them, draws search every layout.
    """

    pool: int
    only: frozenset[Group] | None
    periods: Periods
    layouts: Layouts | None = None


class Draws:
    """A scenario with the effects that a draw moves.

    Parameters
    ----------
    scenario : Scenario
        Of one year.
    effects : mapping of Target to Effect
    """

    def __init__(self, scenario: Scenario, effects: Mapping[Target, Effect]) -> None:
        self.scenario, self.effects = scenario, effects
        self.weather: Weather = weather_of(scenario)
        self.hours: tuple[FacilityHours, ...] = hours_of(scenario, self.weather)
        self.elsewhere = years_elsewhere(scenario)
        self.players = players_of(scenario)

    def solve(
        self,
        z: Mapping[str, float],
        only: frozenset[Group] | None = None,
        periods: Periods | None = None,
    ) -> Solved:
        """The four plans of a draw on representative days.

        Parameters
        ----------
        z : mapping
            Input -> standard normal value.
        only : frozenset of (demand, server, levers), optional
            Deployments that are evaluated; all of the scenario's if not given.
        periods : Periods, optional
            Steps of time; the draw's own representative days if not given.
        """
        values = values_of(self.effects, z)
        asked = asked_of(self.scenario, values)
        with catalog.drawn({t: v for t, v in values.items() if t[0] not in BESIDE}):
            prices = Prices.of(asked)
            columns = search(asked, prices, silent, only)
            halls = self._halls(asked, prices, values)
            parts = parts_of(asked, self.weather, halls.halls, expected_w(columns))
            found = slots(columns.deployments, halls.halls)
            parts, found = with_lending(asked, parts, found, prices)
        days = Optimiser(parts, found, periods or search_periods(parts))
        solutions = self._four(days)
        return Solved(asked, days, solutions, columns.refusals + halls.refusals)

    def _halls(self, asked: Scenario, prices: Prices, values: dict[Target, float]) -> Halls:
        """The halls of a draw, here and at other sites."""
        hours = tuple(drawn_hours(each, values) for each in self.hours)
        there = [
            replace(year, hours=tuple(drawn_hours(each, values) for each in year.hours))
            for year in self.elsewhere
        ]
        halls = halls_from(asked, hours, prices.book)
        return with_halls_elsewhere(asked, halls, self.weather, prices.book, there)

    def _four(self, days: Optimiser) -> dict[str, Solution]:
        """The four plans; one that a larger plan has chosen all by itself is not solved again."""
        found: dict[str, Solution] = {}
        used: dict[str, frozenset[str]] = {}
        for name in reversed(PLANS):
            own = self.players[name]
            same = (n for n, needs in used.items() if own <= self.players[n] and needs <= own)
            known = next(same, None)
            found[name] = days.solve(own) if known is None else found[known]
            if found[name].optimal:
                used[name] = days.used_players(found[name])
        return {name: found[name] for name in PLANS}

    def fast(self, z: Mapping[str, float], frame: Frame) -> dict[str, Reading]:
        """The headlines of a draw by the fast path.

        Where servers come whole, `SMOOTH` names the plans that are also read in fractions of
        servers: steps of whole servers hide what moves a result.
        """
        with shortlisted(frame.layouts):
            solved = self.solve(z, frame.only, frame.periods)
        found = {name: read_days(solved.days, own) for name, own in solved.solutions.items()}
        days = solved.days
        if days.parts.whole:
            smooth = Optimiser(replace(days.parts, whole=False), days.compute.slots, days.periods)
            for name, plan in SMOOTH.items():
                found[name] = read_days(smooth, smooth.solve(self.players[plan]))
        return found

    def full(self, z: Mapping[str, float]) -> dict[str, Reading]:
        """The headlines of a draw by the whole plan."""
        solved = self.solve(z)
        return {name: read_outcome(found) for name, found in self.outcomes(solved).items()}

    def outcomes(self, solved: Solved) -> dict[str, Outcome]:
        """The plans of a draw over all 8,760 hours."""
        question = Question(solved.asked, self.players, solved.refusals)
        plans, _ = whole_year(question, solved.days, solved.solutions)
        return plans


def table(readings: Mapping[str, Reading]) -> Floats:
    """Headlines as an array of shape (plans, fields); NaN where a plan is infeasible."""
    return np.array([[getattr(readings[name], field) for field in FIELDS] for name in PLANS])
