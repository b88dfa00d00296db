"""What a facility power carries: the answer of each plan, and its worst hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattpath.facility.weather import Weather, stamp
from wattpath.plan.demand import Demand, ServingDemand
from wattpath.plan.optimise import Optimiser
from wattpath.plan.outcome import YEAR_S
from wattpath.plan.plain import plain
from wattpath.plan.result import Outcome
from wattpath.plan.scenario import Scenario
from wattpath.units import DAY_S

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hour:
    """The hour of the highest facility power."""

    hour: int
    facility_w: float
    pue: float
    dry_bulb_c: float
    relative_humidity: float

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the hour as a date."""
        return {
            "hour": self.hour,
            "when": stamp(self.hour),
            "facility_w": self.facility_w,
            "pue": self.pue,
            "dry_bulb_c": self.dry_bulb_c,
            "relative_humidity": self.relative_humidity,
        }


def worst_hour(block: Optimiser, x: Floats, weather: Weather) -> Hour:
    """The hour in which the scenario's own site draws most, in a solution of all hours."""
    halls = [index for index, hall in enumerate(block.parts.halls) if not hall.site]
    it = block.compute.it_w(x, block.periods)[halls]
    variable = np.array([block.parts.halls[i].variable for i in halls])
    fixed = sum(block.parts.halls[i].fixed * block.compute.hall_w(x, i) for i in halls)
    power = (it * variable).sum(axis=0) + fixed
    hour = int(np.argmax(power))
    return Hour(
        hour,
        float(power[hour]),
        float(power[hour] / max(it[:, hour].sum(), 1e-9)),
        float(weather.dry_bulb_c[hour]),
        float(weather.relative_humidity[hour]),
    )


def daily_tokens(demand: Demand) -> dict[str, float]:
    """Mean requests/s and tokens of a mean day."""
    if not isinstance(demand, ServingDemand):
        return {"tokens_per_day": demand.tokens / demand.within * DAY_S}
    daily = demand.requests * DAY_S
    return {
        "requests_per_s": demand.requests,
        "tokens_per_day": daily * (demand.input_tokens + demand.output_tokens),
        "input_tokens_per_day": daily * demand.input_tokens,
        "output_tokens_per_day": daily * demand.output_tokens,
    }


@dataclass(frozen=True, slots=True)
class Fitted:
    """What one plan fits under the limit.

    Attributes
    ----------
    multiple : float
        Of the scenario's demand [-]; NaN without an answer.
    outcome : Outcome
        The plan at that multiple over all hours.
    worst : Hour or None
    stop : str
        What stops it, if not the facility limit.
    gap : float
        Multiple of the representative days over that of all hours, less one [-].
    demands : dict
        Demand -> requests/s (mean) and tokens of a mean day, of input and output.
    by_hall : dict
        Hall -> the multiple with this hall alone [-].
    """

    name: str
    multiple: float
    outcome: Outcome
    worst: Hour | None = None
    stop: str = ""
    gap: float = float("nan")
    demands: dict[str, dict[str, float]] | None = None
    by_hall: dict[str, float] | None = None

    @property
    def usd_per_million_tokens(self) -> float:
        """Cost of a million tokens, all demands, input and output together [USD]."""
        tokens = sum(row["tokens_per_day"] for row in (self.demands or {}).values())
        if not tokens:
            return float("nan")
        return self.outcome.cost_usd_per_year / (tokens * YEAR_S / DAY_S) * 1e6

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "multiple": plain(self.multiple),
            "usd_per_million_tokens": plain(self.usd_per_million_tokens),
            "held_by": self.stop or "the facility limit",
            "worst_hour": self.worst.to_json() if self.worst else None,
            "demands": plain(self.demands or {}),
            "by_hall": plain(self.by_hall or {}),
            "representative_gap": plain(self.gap),
            **self.outcome.to_json(),
        }


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """What a facility power carries, plan by plan."""

    scenario: Scenario
    power_w: float
    weather: Weather
    plans: dict[str, Fitted]

    @property
    def feasible(self) -> bool:
        """Whether any plan fits."""
        return any(plan.outcome.feasible for plan in self.plans.values())

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why plans do not fit."""
        return tuple(
            f"{name}: {reason}"
            for name, plan in self.plans.items()
            for reason in plan.outcome.reasons
        )

    def to_json(self) -> dict[str, Any]:
        """The form of `wattpath fit --json`."""
        return {
            "scenario": self.scenario.name,
            "site": self.scenario.site,
            "weather": {"source": self.weather.source, "evidence": self.weather.evidence},
            "power_w": self.power_w,
            "plans": {name: plan.to_json() for name, plan in self.plans.items()},
        }
