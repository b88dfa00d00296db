"""What can be energised by when at a scenario's site, and what time is worth.

    bridge          = capacity at the first date that carries the load, beyond the last date's
    quarter earlier = cost(q) - cost(q + 1)
    worth(hours)    = cost without a new connection - cost with one that is called off so long

Halls and servers have lead times of their own (`wattpath.plan.place.readiness`).

Where it breaks down: a number of representative days stands for the year; see
`wattpath.supply.timing`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wattpath.facility import Weather
from wattpath.plan.build import parts_of
from wattpath.plan.halls import weather_of
from wattpath.plan.optimise import Parts
from wattpath.plan.place.eachyear import YearDate, each_year
from wattpath.plan.place.hall import Load, weather_json
from wattpath.plan.place.power import NEGLIGIBLE, facility_load
from wattpath.plan.place.readiness import Readiness, readiness_of
from wattpath.plan.scenario import Scenario
from wattpath.plan.years.horizon import years_of
from wattpath.progress import Progress
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.problem import IN_TIME, choose_days
from wattpath.supply.terms import lead_months
from wattpath.supply.timing import (
    QUARTER,
    DatePoint,
    curtailment_cost_usd,
    quarter_worth_usd,
    time_to_power,
)

#: The quarters that are looked at: eight years [months].
QUARTERS = tuple(QUARTER * count for count in range(1, 33))

#: Curtailed hours a year that are priced.
CURTAILED_H = (50.0, 100.0, 200.0)


@dataclass(frozen=True, slots=True, eq=False)
class Curtailment:
    """A new connection that may be called off, against none.

    Attributes
    ----------
    months : float
        The date at which the two are compared: the scenario's, or the connection's if later.
    without_usd : float
        Cost of the supply without a new connection [USD/year]; NaN if there is none.
    with_usd : float
        Cost with one that is never called off [USD/year].
    added_usd : dict
        Hours a year -> what calling it off so long adds [USD/year].
    """

    months: float
    without_usd: float
    with_usd: float
    added_usd: dict[float, float]

    def to_json(self) -> dict[str, Any]:
        """With the worth of each kind of connection, and of having it a quarter sooner."""
        rows = []
        for hours, added in self.added_usd.items():
            worth = self.without_usd - self.with_usd - added
            row = {"hours": hours, "added_usd_per_year": added, "worth_usd_per_year": worth}
            rows.append({**row, "worth_usd_per_quarter": worth / 4.0})
        return {
            "months": self.months,
            "without_connection_usd_per_year": self.without_usd,
            "with_connection_usd_per_year": self.with_usd,
            "hours": rows,
        }


@dataclass(frozen=True, slots=True, eq=False)
class DatesAnswer:
    """What can be energised by when, and what time is worth.

    Attributes
    ----------
    points : tuple of DatePoint
        Every quarter, every lead time and the scenario's date, earliest first.
    quarter_usd : float
        Yearly cost of the scenario's date less that of a date a quarter later [USD/year]; NaN
        where the load cannot be met by then.
    curtailment : Curtailment or None
        None without a grid among the technologies, or where the one that stands is enough.
    readiness : Readiness or None
        When servers, halls and power are all there; None if no hall takes the servers.
    plan_months : float
        Months until what the plan of the load builds can run; NaN for a given load.
    years : tuple of YearDate
        The soonest date of every year of a horizon; the rest is of its first year.
    called_off : tuple of (label, weight, Curtailment or None)
        The same as `curtailment` for every year of a horizon, each alone, with what its money
        weighs in the net present value: nothing before the connection can stand.
    """

    scenario: Scenario
    weather: Weather
    load: Load
    parts: Parts | None
    days: int
    points: tuple[DatePoint, ...] = ()
    quarter_usd: float = math.nan
    curtailment: Curtailment | None = None
    readiness: Readiness | None = None
    plan_months: float = math.nan
    years: tuple[YearDate, ...] = ()
    called_off: tuple[tuple[str, float, Curtailment | None], ...] = ()

    @property
    def first(self) -> DatePoint | None:
        """The first date on which all of the load can be met."""
        return next((point for point in self.points if point.feasible), None)

    @property
    def feasible(self) -> bool:
        """Whether all of the load can be met by the scenario's date, by power alone."""
        return self.first is not None and self.first.months <= self.scenario.months_available

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the scenario's date cannot be kept."""
        if not self.points:
            return (*self.load.reasons, "Give --load to ask for the supply alone.")
        if self.feasible:
            return self._late()
        if self.first is None:
            last = self.points[-1]
            return (
                f"The load cannot be met within {last.months / 12.0:.0f} years; "
                f"{last.served_share:.1%} of it can.",
            )
        date = self.scenario.months_available
        return (
            f"The load cannot be met in {date:.0f} months; the first date is in "
            f"{self.first.months:.0f}.",
        )

    def _late(self) -> tuple[str, ...]:
        """Servers or halls that come after the date."""
        ready, date = self.readiness, self.scenario.months_available
        if ready is None or ready.months <= date * IN_TIME:
            return ()
        return (
            f"Power can stand in {ready.power_months:.0f} months, but the {ready.last} only in "
            f"{ready.months:.0f}; the date is in {date:.0f}.",
        )

    def bridge_w(self) -> dict[str, float]:
        """Capacity at the first full date that the last date would not have [W]."""
        if self.first is None:
            return {}
        end = self.points[-1].result.capacity_w
        least = NEGLIGIBLE * self.load.power_w.max()
        begin = self.first.result.capacity_w
        beyond = {key: power - end.get(key, 0.0) for key, power in begin.items()}
        return {key: power for key, power in beyond.items() if power > least}

    def quarters(self) -> list[dict[str, Any]]:
        """One row a quarter."""
        peak = float(self.load.power_w.max())
        rows = []
        shown = [point for point in self.points if point.months in QUARTERS]
        for point, later in zip(shown, [*shown[1:], shown[-1]], strict=True):
            capacity = point.result.capacity_w
            rows.append(
                {
                    "months": point.months,
                    "largest_load_w": point.largest_share * peak,
                    "unlimited": math.isinf(point.largest_share),
                    "served_share": point.served_share,
                    "cost_usd_per_year": point.usd_year,
                    "quarter_earlier_usd_per_year": point.usd_year - later.usd_year,
                    "capacity_w": {k: w for k, w in capacity.items() if w > NEGLIGIBLE * peak},
                }
            )
        return rows

    def buildable(self) -> list[dict[str, Any]]:
        """Lead time of every technology, the quickest first."""
        assert self.parts is not None
        site, options = self.parts.site, self.parts.options
        rows = [
            {"key": t.key, "name": t.name, "lead_time_months": lead_months(t, site, options)}
            for t in self.parts.technologies
        ]
        return sorted(rows, key=lambda row: float(row["lead_time_months"]))

    def worth_of_years(self) -> dict[float, float]:
        """Hours called off a year -> what the connection saves in all years [USD, present value].

        A year counts nothing that needs no new connection, or begins before it can stand; empty
        without several years.
        """
        found = [(weight, one) for _, weight, one in self.called_off if one is not None]
        return {
            hours: sum(w * (o.without_usd - o.with_usd - o.added_usd[hours]) for w, o in found)
            for hours in (CURTAILED_H if found else ())
        }

    def _called_off_json(self) -> dict[str, Any]:
        worth = [{"hours": h, "worth_usd": usd} for h, usd in self.worth_of_years().items()]
        rows = [
            {"year": label, "weight": weight, **({} if one is None else one.to_json())}
            for label, weight, one in self.called_off
        ]
        return {"years": rows, "present_value": worth}

    def to_json(self) -> dict[str, Any]:
        """The form of `wattpath date --json`."""
        head: dict[str, Any] = {
            "scenario": self.scenario.name,
            "site": self.scenario.site,
            "weather": weather_json(self.weather),
            "load": self.load.to_json(),
            "representative_days": self.days,
            "months_available": self.scenario.months_available,
            "feasible": self.feasible,
            "reasons": list(self.reasons),
        }
        if not self.points:
            return head
        extra = math.nan if self.first is None else self.first.usd_year - self.points[-1].usd_year
        return {
            **head,
            "first_full_months": None if self.first is None else self.first.months,
            "technologies": self.buildable(),
            "quarters": self.quarters(),
            "bridge": {"capacity_w": self.bridge_w(), "extra_usd_per_year": extra},
            "quarter_earlier_usd_per_year": self.quarter_usd,
            "curtailment": None if self.curtailment is None else self.curtailment.to_json(),
            "readiness": None if self.readiness is None else self.readiness.to_json(),
            "plan_months_to_power": self.plan_months,
            "years": [year.to_json() for year in self.years],
            "curtailment_of_years": self._called_off_json(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Loads:
    """Facility power whose date is asked: one load, or one for each year of a horizon.

    `plan_months` are the months until what the plan builds can run; NaN for a given load.
    """

    each: tuple[Load, ...]
    plan_months: float = math.nan


def loads_of(scenario: Scenario, load_w: float | None, progress: Progress) -> Loads:
    """The load as given [W], or that of the scenario's plan *both* in each of its years."""
    if load_w is not None:
        return Loads((facility_load(scenario, load_w, progress),))
    from wattpath.plan import study

    result = study.run(scenario, progress=progress, attribute=False)
    whole, years = result.plans["both"], result.years
    if not whole.feasible:
        return Loads((Load(np.empty(0), 0.0, "both", whole.reasons),))
    found = [whole] if years is None else [y.outcome for y in years.paths["both"].years]
    powers = [outcome.hourly.facility_w for outcome in found if outcome.hourly is not None]
    return Loads(tuple(Load(power, 0.0, "both") for power in powers), whole.months_to_power)


def dates_of_loads(scenario: Scenario, loads: Loads, days: int = 8) -> DatesAnswer:
    """The dates of a load, or of the first year of a horizon with the soonest of every other.

    Parameters
    ----------
    scenario : Scenario
    loads : Loads
        See `loads_of`.
    days : int
        Representative days.
    """
    several = len(loads.each) > 1
    first = years_of(scenario)[0].scenario if scenario.horizon.years > 1 else scenario
    answer = dates_of(first, loads.each[0], days)
    if several and answer.points:
        each = each_year(scenario, answer.weather, loads.each, days)
        off = _of_years(scenario, answer, loads.each, days)
        answer = replace(answer, years=each, called_off=off)
    return replace(answer, plan_months=loads.plan_months)


def dates_of(scenario: Scenario, load: Load, days: int = 8) -> DatesAnswer:
    """What can be energised in each quarter of eight years, and what time is worth.

    Parameters
    ----------
    scenario : Scenario
    load : Load
        Facility power; one without power is answered with its reasons.
    days : int
        Representative days.

    Raises
    ------
    InputError
        For names that the catalogue does not hold.
    """
    weather = weather_of(scenario)
    if load.power_w.size == 0:
        return DatesAnswer(scenario, weather, load, None, days)
    parts = parts_of(scenario, weather, (), float(load.power_w.max()))
    chosen, site, options = parts.technologies, parts.site, parts.options
    leads = {lead_months(t, site, options) for t in chosen}
    dates = {0.0, *QUARTERS, *leads, scenario.months_available}
    months = [date for date in dates if date <= max(QUARTERS[-1], scenario.months_available)]
    answer = DatesAnswer(
        scenario,
        weather,
        load,
        parts,
        days,
        points=time_to_power(load.power_w, chosen, site, options, months=months, days=days),
        quarter_usd=quarter_worth_usd(load.power_w, chosen, site, options, days=days),
        curtailment=_curtailment(load, parts, days),
    )
    first = math.nan if answer.first is None else answer.first.months
    ready = readiness_of(scenario, weather, float(load.power_w.max()), first)
    return replace(answer, readiness=ready)


def _of_years(
    scenario: Scenario, first: DatesAnswer, loads: Sequence[Load], days: int
) -> tuple[tuple[str, float, Curtailment | None], ...]:
    """What hours called off are worth in each year of a horizon, as if it were ordered alone."""
    found = []
    for year, load in zip(years_of(scenario), loads, strict=True):
        if year.index == 0:
            one = first.curtailment
        else:
            parts = parts_of(year.scenario, first.weather, (), float(load.power_w.max()))
            one = _curtailment(load, parts, days)
        there = one is not None and one.months <= year.months * IN_TIME
        found.append((year.label, year.weight if there else 0.0, one))
    return tuple(found)


def _curtailment(load: Load, parts: Parts, days: int) -> Curtailment | None:
    """A new connection that is called off, against own supply and what stands already."""
    grid = next((t for t in parts.technologies if t.role == "grid"), None)
    stands = 0.0 if grid is None else parts.options.existing_w.get(grid.key, 0.0)
    if grid is None or stands >= float(load.power_w.max()):
        return None
    months = max(parts.options.months, lead_months(grid, parts.site, parts.options) * IN_TIME)
    options: SupplyOptions = replace(parts.options, months=months)
    added = curtailment_cost_usd(
        load.power_w, parts.technologies, parts.site, CURTAILED_H, options, days=days
    )
    periods = choose_days(load.power_w, parts.site, days, peak=True)
    limited = replace(options, limits_w={grid.key: options.existing_w.get(grid.key, 0.0)})
    costs = []
    for asked in (limited, options):
        result = dispatch(load.power_w, parts.technologies, parts.site, asked, periods=periods)
        costs.append(result.total_usd if result.feasible else math.nan)
    return Curtailment(months, costs[0], costs[1], added)
