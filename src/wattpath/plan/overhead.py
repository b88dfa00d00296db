"""Where the electricity goes that does not reach the servers."""

from __future__ import annotations

from wattpath import facility
from wattpath.plan.halls import REFITTED, weather_of
from wattpath.plan.result import Outcome
from wattpath.plan.scenario import Scenario

#: Column of a facility's year -> what it is called.
PARTS = {
    "fans_w": "hall fans",
    "pumps_w": "pumps",
    "compressors_w": "chillers",
    "rejection_fans_w": "heat rejection",
    "other_w": "other plant",
    "electrical_w": "electrical losses",
}


def overhead(scenario: Scenario, outcome: Outcome) -> dict[str, float]:
    """The year's energy beside IT by part [Wh].

    Each hall's parts at its reference load are weighted with the hourly IT power and its
    share of the IT energy, then scaled to what the halls really draw, since part of the
    overhead does not follow the load.

    Parameters
    ----------
    scenario : Scenario
        For its weather.
    outcome : Outcome
        A feasible one.

    Notes
    -----
    All halls are taken to have the rhythm of the whole site. Where the scenario fixes a
    PUE there is nothing to split.
    """
    hourly = outcome.hourly
    assert hourly is not None
    total = float(hourly.facility_w.sum() - hourly.it_w.sum())
    if scenario.fixed_pue is not None:
        return {"fixed PUE": total}
    weather = weather_of(scenario)
    parts: dict[str, float] = {}
    for hall in outcome.cooling:
        cooling, _, electrical = hall.key.removesuffix(REFITTED).partition(" on ")
        hours = facility.performance(cooling, electrical, weather)
        rhythm = hourly.it_w / hourly.it_w.sum() * hall.energy_wh
        for part, ratio in hours.parts_w_per_it_w.items():
            name = PARTS[part]
            parts[name] = parts.get(name, 0.0) + float((ratio * rhythm).sum())
    scale = total / sum(parts.values())
    return {part: energy * scale for part, energy in parts.items() if energy > 0.0}
