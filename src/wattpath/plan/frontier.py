r"""Cost against carbon, power, water or date, one complete plan at each point.

The least cost under a ceiling on the other quantity, for ceilings from the least that is possible
to what the cheapest plan takes (epsilon constraints):

.. math::
    \min_x c(x) \quad \text{such that} \quad q(x) \le \epsilon_k

Each point is the plan *both* of the scenario with this ceiling, chosen on representative days
and run over all 8,760 hours, so that `wattpath plan` answers the same for the scenario that
`with_ceiling` gives. Points that another one beats in both respects are left out.

Carbon is that of the supply, which a scenario can cap; embodied carbon is not. A date is met by
what arrives in time, so the points of that curve are the lead times themselves.

Where it breaks down: between two points lies at least a straight line of mixtures for fractional
units, nothing for whole ones; the least possible is found on the representative days.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wattpath.errors import InputError
from wattpath.facility import Weather
from wattpath.plan.build import parts_of, search_periods, with_lending
from wattpath.plan.ceilings import ONE, least
from wattpath.plan.columns.deployment import Columns, Refusal
from wattpath.plan.columns.search import in_time, search
from wattpath.plan.compute import slots
from wattpath.plan.halls import Halls, halls_of, weather_of
from wattpath.plan.operate.elsewhere import with_halls_elsewhere
from wattpath.plan.optimise import Optimiser
from wattpath.plan.plain import plain
from wattpath.plan.prices import Prices
from wattpath.plan.result import Outcome
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import expected_w, players_of
from wattpath.plan.year import Question, whole_year
from wattpath.progress import Progress
from wattpath.supply.technology import load_technology
from wattpath.units import MONTH_S

#: The plan whose frontier is drawn.
PLAN = "both"

#: Room above the least possible, so that the first point is no knife's edge.
ROOM = 1e-3

#: Relative difference below which two points are one.
SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Axis:
    """What cost is set against.

    Attributes
    ----------
    key, title, unit : str
    path : str
        Of the scenario's key that limits it.
    text : str
        Unit in which the scenario's key is written; empty for a bare number.
    """

    key: str
    title: str
    unit: str
    path: str
    text: str

    def of(self, outcome: Outcome) -> float:
        """The quantity of a plan, in SI or months."""
        if self.key == "carbon":
            supply = [kg for part, kg in outcome.carbon_parts.items() if part.startswith("supply")]
            return float(sum(supply))
        fields = {
            "power": outcome.facility_power_peak_w,
            "water": outcome.water_m3_per_year,
            "date": outcome.months_to_power,
        }
        return float(fields[self.key])


AXES = {
    "carbon": Axis("carbon", "Carbon of supply a year", "kg", "carbon.cap", "kg"),
    "power": Axis("power", "Facility peak", "W", "limits.facility_power", "W"),
    "water": Axis("water", "Water a year", "m3", "limits.water", "m3"),
    "date": Axis("date", "Months to power", "month", "months_available", ""),
}


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """A plan on the frontier.

    Attributes
    ----------
    ceiling : float
        What it had to keep [of its axis].
    value : float
        What it takes [of its axis].
    outcome : Outcome
    """

    ceiling: float
    value: float
    outcome: Outcome

    @property
    def cost_usd(self) -> float:
        """[USD/year]."""
        return self.outcome.cost_usd_per_year


@dataclass(frozen=True, slots=True)
class Frontier:
    """Cost against one quantity, from the least of it to the cheapest.

    Attributes
    ----------
    scenario : str
    axis : Axis
    points : tuple of FrontierPoint
        Value rises and cost falls.
    tried : int
        Ceilings that were asked.
    failed : dict of float to str
        Ceiling -> why it has no plan.
    """

    scenario: str
    axis: Axis
    points: tuple[FrontierPoint, ...]
    tried: int
    failed: dict[float, str]

    def prices(self) -> list[float]:
        """What a unit of the quantity costs between each point and the next [USD per unit]."""
        return [
            (a.cost_usd - b.cost_usd) / (b.value - a.value)
            for a, b in zip(self.points, self.points[1:], strict=False)
        ]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        points = [
            {
                "ceiling": point.ceiling,
                "value": point.value,
                "cost_usd_per_year": point.cost_usd,
                "plan": point.outcome.to_json(),
            }
            for point in self.points
        ]
        return {
            "scenario": self.scenario,
            "against": self.axis.key,
            "unit": self.axis.unit,
            "limits": self.axis.path,
            "points": plain(points),
            "usd_per_unit_between": plain(self.prices()),
            "tried": self.tried,
            "failed": {f"{ceiling:g}": reason for ceiling, reason in self.failed.items()},
        }


class Ground:
    """What all points share: weather, halls and the undominated deployments.

    Parameters
    ----------
    scenario : Scenario
        Of one year.
    progress : callable
        ``progress(stage, share)``.

    Raises
    ------
    InputError
        If the scenario has several years.
    """

    def __init__(self, scenario: Scenario, progress: Progress) -> None:
        if scenario.horizon.years > 1:
            hint = "Set horizon.years to 1, or compare single years."
            raise InputError("horizon.years", "be 1 for a frontier", scenario.horizon.years, hint)
        self.scenario = scenario
        self.prices = Prices.of(scenario)
        self.weather: Weather = weather_of(scenario)
        own = halls_of(scenario, self.weather, self.prices.book)
        self.halls: Halls = with_halls_elsewhere(scenario, own, self.weather, self.prices.book)
        self.columns: Columns = search(scenario, self.prices, progress)
        self.players = players_of(scenario)[PLAN]

    def days(self, scenario: Scenario) -> Optimiser:
        """The programme of representative days of a scenario with other ceilings."""
        months = scenario.months_available
        halls = tuple(
            hall
            for hall in self.halls.halls
            if hall.lead_time_months <= months + 1e-9 or hall.standing_w > 0.0
        )
        columns = in_time(self.columns.deployments, months)
        parts = parts_of(scenario, self.weather, halls, expected_w(self.columns))
        parts, found = with_lending(scenario, parts, slots(columns, halls), self.prices)
        return Optimiser(parts, found, search_periods(parts))

    def plan(self, scenario: Scenario) -> Outcome:
        """The plan of a scenario with other ceilings."""
        days = self.days(scenario)
        refusals: tuple[Refusal, ...] = self.columns.refusals + self.halls.refusals
        question = Question(scenario, {PLAN: self.players}, refusals)
        plans, _ = whole_year(question, days, {PLAN: days.solve(self.players)})
        return plans[PLAN]

    def least(self, axis: Axis) -> float:
        """The least of a quantity that any plan takes on representative days."""
        days = self.days(with_limit(self.scenario, axis, ONE[axis.key]))
        found = least(days, axis.key, self.players)
        if found is None:
            hint = "`wattpath plan` says what is missing."
            raise InputError("scenario", "have a plan before it has a frontier", None, hint)
        return found

    def dates(self) -> list[float]:
        """Lead times of everything that may be bought, until the scenario's date [months]."""
        leads = [column.lead_time_s / MONTH_S for column in self.columns.deployments]
        leads += [hall.lead_time_months for hall in self.halls.halls]
        site = self.days(self.scenario).parts.site
        names = (*self.scenario.baseline.supply, *self.scenario.options.supply)
        for technology in (load_technology(name) for name in names):
            grid = technology.role == "grid"
            leads.append((site.grid_lead_s if grid else technology.lead_time_s) / MONTH_S)
        most = self.scenario.months_available
        found = {_rounded(lead * (1.0 + 1e-9)) for lead in leads if 0.0 < lead <= most}
        return sorted(found | {most})


def frontier_of(scenario: Scenario, against: str, points: int, progress: Progress) -> Frontier:
    """The frontier of a scenario's plan *both*.

    Parameters
    ----------
    scenario : Scenario
    against : str
        A key of `AXES`.
    points : int
        Ceilings to try.
    progress : callable
        ``progress(stage, share)``.

    Raises
    ------
    InputError
        For an unknown quantity, a scenario of several years, or one without a plan.
    """
    axis = axis_of(against)
    ground = Ground(scenario, progress)
    progress("The cheapest plan", 0.0)
    cheapest = ground.plan(scenario)
    if not cheapest.feasible:
        hint = " ".join(cheapest.reasons)
        raise InputError("scenario", "have a plan before it has a frontier", None, hint)
    ceilings = _ceilings(ground, axis, axis.of(cheapest), points)
    found = [FrontierPoint(_open_end(scenario, axis), axis.of(cheapest), cheapest)]
    failed: dict[float, str] = {}
    for number, ceiling in enumerate(ceilings):
        progress(f"Points of the frontier ({number + 1} of {len(ceilings)})",
                 number / len(ceilings))  # fmt: skip
        outcome = ground.plan(with_limit(scenario, axis, ceiling))
        if outcome.feasible:
            found.append(FrontierPoint(ceiling, axis.of(outcome), outcome))
        else:
            failed[ceiling] = " ".join(outcome.reasons)
    kept = tuple(undominated_points(found))
    return Frontier(scenario.name, axis, kept, len(ceilings) + 1, failed)


def axis_of(against: str) -> Axis:
    """The quantity of this name.

    Raises
    ------
    InputError
        If there is none.
    """
    if against not in AXES:
        raise InputError("--against", f"be one of {', '.join(AXES)}", against)
    return AXES[against]


def undominated_points(points: Sequence[FrontierPoint]) -> list[FrontierPoint]:
    """Points that no other one beats, value rising and cost falling; of equal ones the first."""
    kept: list[FrontierPoint] = []
    for point in sorted(points, key=lambda one: (one.value, one.cost_usd)):
        if not kept or point.cost_usd < kept[-1].cost_usd * (1.0 - SAME):
            if kept and point.value <= kept[-1].value * (1.0 + SAME):
                kept.pop()
            kept.append(point)
    return kept


def with_limit(scenario: Scenario, axis: Axis, ceiling: float) -> Scenario:
    """The scenario under a ceiling."""
    part, _, key = axis.path.rpartition(".")
    if not part:
        return scenario.model_copy(update={key: ceiling})
    changed = getattr(scenario, part).model_copy(update={key: ceiling})
    return scenario.model_copy(update={part: changed})


def with_ceiling(raw: Mapping[str, Any], frontier: Frontier, number: int) -> dict[str, Any]:
    """A scenario's content that has a point of a frontier as its plan *both*.

    Parameters
    ----------
    raw : mapping
        The content of the scenario of the frontier.
    frontier : Frontier
    number : int
        Of the point, from 1.

    Raises
    ------
    InputError
        If there is no such point.
    """
    if not 1 <= number <= len(frontier.points):
        raise InputError("--open", f"be a point from 1 to {len(frontier.points)}", number)
    point, axis = frontier.points[number - 1], frontier.axis
    content = copy.deepcopy(dict(raw))
    if not np.isfinite(point.ceiling):
        return content
    place = content
    *parents, key = axis.path.split(".")
    for parent in parents:
        place = place.setdefault(parent, {})
    place[key] = f"{point.ceiling:.9g} {axis.text}" if axis.text else point.ceiling
    return content


def _ceilings(ground: Ground, axis: Axis, most: float, points: int) -> list[float]:
    """Ceilings below what the cheapest plan takes, the lowest first."""
    if axis.key == "date":
        dates = [date for date in ground.dates() if date < most * (1.0 - SAME)]
        wanted = np.unique(np.linspace(0, len(dates) - 1, min(points - 1, len(dates))).round())
        return [dates[int(place)] for place in wanted] if dates else []
    low = ground.least(axis) * (1.0 + ROOM)
    if low >= most:
        return []
    return [_rounded(value) for value in np.linspace(low, most, points)[:-1]]


def _open_end(scenario: Scenario, axis: Axis) -> float:
    """The ceiling of the scenario itself."""
    part, _, key = axis.path.rpartition(".")
    own = getattr(getattr(scenario, part) if part else scenario, key)
    return float("inf") if own is None else float(own)


def _rounded(value: float) -> float:
    """The value as it can be written in a scenario."""
    return float(f"{float(value):.9g}")
