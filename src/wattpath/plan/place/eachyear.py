"""When each year of a growing plan could have its power, halls and servers, at the soonest.

The load of a year is that of the plan *both*; its grid limit is the year's own. So the first
year says when work can begin, and each further one whether growth is held up and by what.

Where it breaks down: every year is looked at alone, as if only it were ordered for, today; see
`wattpath.plan.place.readiness`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wattpath.facility import Weather
from wattpath.plan.build import parts_of
from wattpath.plan.place.hall import Load
from wattpath.plan.place.readiness import Readiness, readiness_of
from wattpath.plan.scenario import Scenario
from wattpath.plan.years.horizon import Year, years_of
from wattpath.supply.problem import IN_TIME, earliest_months


@dataclass(frozen=True, slots=True)
class YearDate:
    """The soonest date of one year's load.

    Attributes
    ----------
    label : str
        Calendar year, or its number.
    begin_months : float
        From now until it begins [months].
    peak_w : float
        Highest facility power [W].
    readiness : Readiness or None
        When servers, halls and power are there; None if no hall takes the servers.
    """

    label: str
    begin_months: float
    peak_w: float
    readiness: Readiness | None

    @property
    def in_time(self) -> bool:
        """Whether all is there when the year begins."""
        ready = self.readiness
        return ready is not None and ready.months <= self.begin_months * IN_TIME

    def to_json(self) -> dict[str, Any]:
        """The fields, and whether the year can be kept."""
        return {
            "year": self.label,
            "begin_months": self.begin_months,
            "peak_w": self.peak_w,
            "in_time": self.in_time,
            "readiness": None if self.readiness is None else self.readiness.to_json(),
        }


def each_year(
    scenario: Scenario, weather: Weather, loads: Sequence[Load], days: int
) -> tuple[YearDate, ...]:
    """The soonest date of every year of a horizon.

    Parameters
    ----------
    scenario : Scenario
        With several years.
    weather : Weather
    loads : sequence of Load
        Facility power of each year.
    days : int
        Representative days.
    """
    years = years_of(scenario)
    return tuple(_year(y, weather, load, days) for y, load in zip(years, loads, strict=True))


def _year(year: Year, weather: Weather, load: Load, days: int) -> YearDate:
    peak = float(load.power_w.max())
    parts = parts_of(year.scenario, weather, (), peak)
    given = (load.power_w, parts.technologies, parts.site, parts.options)
    power = earliest_months(*given, days=days)
    ready = readiness_of(year.scenario, weather, peak, power)
    return YearDate(year.label, year.months, peak, ready)
