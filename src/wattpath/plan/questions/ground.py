"""What every question starts from: the scenario searched once, its players and its weather."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wattpath.facility import Weather
from wattpath.plan.columns.deployment import Columns
from wattpath.plan.columns.search import search
from wattpath.plan.compute import Hall, Need, Slot, slots
from wattpath.plan.halls import Halls, halls_of, weather_of
from wattpath.plan.operate.elsewhere import with_halls_elsewhere
from wattpath.plan.prices import Prices
from wattpath.plan.scenario import Scenario
from wattpath.plan.start import players_of
from wattpath.progress import Progress


@dataclass(frozen=True, slots=True)
class Ground:
    """A scenario with its deployments, halls and players."""

    scenario: Scenario
    prices: Prices
    players: dict[str, frozenset[str]]
    weather: Weather
    halls: Halls
    columns: Columns
    slots: tuple[Slot, ...]


def ground_of(scenario: Scenario, progress: Progress) -> Ground:
    """Read the site and search the deployments of a scenario.

    Raises
    ------
    InputError
        If the scenario names what the catalogue does not hold.
    """
    prices = Prices.of(scenario)
    players = players_of(scenario)
    weather = weather_of(scenario)
    halls = halls_of(scenario, weather, prices.book)
    halls = with_halls_elsewhere(scenario, halls, weather, prices.book)
    columns = search(scenario, prices, progress)
    found = slots(columns.deployments, halls.halls)
    return Ground(scenario, prices, players, weather, halls, columns, found)


def unit_w(slot: Slot, need: Need, hall: Hall) -> float:
    """Power of one unit in its highest hour at the scenario's own site [W], hall included."""
    if hall.site:
        return 0.0
    own = slot.deployment
    duty = np.ones_like(need.load) if need.flexible else need.load
    power = (own.idle_w + (own.full_w - own.idle_w) * duty) * hall.it_share
    return float((power * hall.variable).max() + hall.fixed * power.max())


def smallest_w(
    needs: Sequence[Need], halls: Sequence[Hall], found: Sequence[Slot], players: frozenset[str]
) -> float:
    """Facility power that one unit for each demand takes at least [W]; infinite if none may."""
    total = 0.0
    for need in (need for need in needs if not need.of):
        own = [s for s in found if s.deployment.demand == need.name and s.players <= players]
        total += min((unit_w(slot, need, halls[slot.hall]) for slot in own), default=np.inf)
    return total
