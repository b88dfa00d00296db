"""One draw of a scenario of several years: the four plans in one programme of all years.

As in `wattpath.plan.uncertainty.model`, both paths evaluate the real laws with drawn numbers.
The *fast* path keeps the representative days, halls, technologies and deployments of a frame,
lets modules come in fractions, and reads the answer from those days. The *full* path searches
everything, prices what its pool misses, rounds modules, and runs every year through all hours.

A plan through several years is read as one row of headlines: facility peak and chips of the
last year; months to power of the first; the cost that, paid in every year, has the same present
value; and energy, carbon and water of a mean year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from wattpath import catalog
from wattpath.facility import FacilityHours, Weather
from wattpath.hardware.shortlist import shortlisted
from wattpath.plan.columns.search import Group, search
from wattpath.plan.halls import halls_from, hours_of, weather_of
from wattpath.plan.prices import Prices
from wattpath.plan.result import PLANS
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import Clock, players_of
from wattpath.plan.uncertainty.distribution import Effect, Target
from wattpath.plan.uncertainty.hallrange import drawn_hours
from wattpath.plan.uncertainty.model import BESIDE, Layouts
from wattpath.plan.uncertainty.outside import asked_of, values_of
from wattpath.plan.uncertainty.reading import Reading, read_days, read_outcome
from wattpath.plan.years.horizon import years_of
from wattpath.plan.years.path import Path
from wattpath.plan.years.phased import Given, given_of, solved
from wattpath.plan.years.pool import Pool
from wattpath.plan.years.vintages import Horizon
from wattpath.progress import silent
from wattpath.supply.periods import Periods
from wattpath.supply.program import Solution

#: Headlines that are means over the years.
MEANS = ("energy_wh_per_year", "carbon_kg_per_year", "water_m3_per_year")


@dataclass(frozen=True, slots=True)
class YearsFrame:
    """What the fast path of several years keeps of the central case.

    Attributes
    ----------
    only : frozenset of (demand, server, levers)
        Deployments that are evaluated.
    periods : Periods
    halls, technologies : frozenset of str
        Keys of what may be built.
    layouts : dict or None
        Shortlists of layouts (`wattpath.hardware.shortlist`), where draws keep to them.
    """

    only: frozenset[Group]
    periods: Periods
    halls: frozenset[str]
    technologies: frozenset[str]
    layouts: Layouts | None


class YearDraws:
    """A scenario of several years with the effects that a draw moves.

    Parameters
    ----------
    scenario : Scenario
    effects : mapping of Target to Effect
    """

    def __init__(self, scenario: Scenario, effects: Mapping[Target, Effect]) -> None:
        self.scenario, self.effects = scenario, effects
        self.weather: Weather = weather_of(scenario)
        last = years_of(scenario)[-1].scenario
        self.hours: tuple[FacilityHours, ...] = hours_of(last, self.weather)
        self.players = players_of(scenario)

    @contextmanager
    def drawn(
        self, z: Mapping[str, float], only: frozenset[Group] | None = None
    ) -> Iterator[Given]:
        """What the years of a draw are made from; its numbers are in force within the block.

        Parameters
        ----------
        z : mapping
            Input -> standard normal value.
        only : frozenset of (demand, server, levers), optional
            Deployments that are evaluated; all of the scenario's if not given.
        """
        values = values_of(self.effects, z)
        asked = asked_of(self.scenario, values)
        with catalog.drawn({t: v for t, v in values.items() if t[0] not in BESIDE}):
            prices = Prices.of(asked)
            columns = search(asked, prices, silent, only)
            hours = (drawn_hours(each, values) for each in self.hours)
            halls = halls_from(years_of(asked)[-1].scenario, hours, prices.book)
            yield given_of(asked, self.weather, prices, halls, columns)

    def fast(self, z: Mapping[str, float], frame: YearsFrame) -> dict[str, Reading]:
        """The headlines of a draw by the fast path."""
        with shortlisted(frame.layouts), self.drawn(z, frame.only) as given:
            horizon = framed(given, frame)
            solutions = self._four(horizon)
            return {name: read_years(horizon, own) for name, own in solutions.items()}

    def full(self, z: Mapping[str, float]) -> dict[str, Reading]:
        """The headlines of a draw by the whole plan."""
        return {name: read_path(path) for name, path in self.paths(z).items()}

    def paths(self, z: Mapping[str, float]) -> dict[str, Path]:
        """The plans of a draw through all hours of all years."""
        with self.drawn(z) as given:
            answer, _ = solved(given, Clock({}), silent)
        return answer.paths

    def _four(self, horizon: Horizon) -> dict[str, Solution]:
        """The four plans; one that a larger plan has chosen all by itself is not solved again."""
        found: dict[str, Solution] = {}
        used: dict[str, frozenset[str]] = {}
        for name in reversed(PLANS):
            own = self.players[name]
            same = (n for n, needs in used.items() if own <= self.players[n] and needs <= own)
            known = next(same, None)
            if known is None:
                found[name] = horizon.solve(own, rounded=False)
            else:
                found[name] = found[known]
            if found[name].optimal:
                used[name] = horizon.used_players(found[name])
        return {name: found[name] for name in PLANS}


def framed(given: Given, frame: YearsFrame) -> Horizon:
    """The programme of all years with what a frame keeps, in fractions of units."""
    halls = tuple(i for i, h in enumerate(given.parts[0].halls) if h.key in frame.halls)
    slots = tuple(i for i, slot in enumerate(given.slots) if slot.hall in halls)
    pool = Pool(slots, halls, frame.technologies)
    parts = [replace(pool.parts(own), whole=False) for own in given.parts]
    market = pool.market(given.market)
    members = pool.members(given.slots)
    return Horizon(given.years, parts, members, frame.periods, market, given.prices.book)


def read_years(horizon: Horizon, solution: Solution) -> Reading:
    """The headlines of a solution of all years on representative days."""
    if not solution.optimal:
        return Reading()
    each = [read_days(block, solution) for block in horizon.blocks]
    weights = [year.weight for year in horizon.years]
    return _whole(each, horizon.npv_usd(solution), weights)


def read_path(path: Path) -> Reading:
    """The headlines of a plan through all hours of its years."""
    if not path.feasible:
        return Reading()
    each = [read_outcome(year.outcome) for year in path.years]
    return _whole(each, path.npv_usd, [year.weight for year in path.years])


def _whole(each: list[Reading], npv_usd: float, weights: list[float]) -> Reading:
    """One row of headlines for all years."""
    level = npv_usd / sum(weights)
    energy, carbon, water = (float(np.mean([getattr(o, name) for o in each])) for name in MEANS)
    return replace(
        each[-1],
        cost_usd_per_year=level,
        months_to_power=each[0].months_to_power,
        energy_wh_per_year=energy,
        carbon_kg_per_year=carbon,
        water_m3_per_year=water,
    )
