"""What a programme's compute is made of: needs, halls, and deployments in halls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.columns.deployment import Deployment
from wattpath.units import YEAR_S

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Need:
    """What a demand asks of its columns.

    Attributes
    ----------
    rate : float
        Capacity to be installed (interactive) or mean rate of work (flexible), in the
        demand's own unit: requests/s or tokens/s.
    load : ndarray, shape (8760,)
        Rate in each hour over the installed capacity [-]; for flexible work all ones.
    movable : float
        Share of the mean dynamic power of flexible work that an hour may give up [-].
    multiple : float
        The year's demand over that of the first year, which `rate` belongs to [-].
    shed, shed_s : float
        Share of that power which it gives up when the grid calls [-], and for how long at
        most in a day [s] (see `wattpath.plan.operate.response`).
    of : str
        The need whose work it does, on servers of the needs `lenders`
        (see `wattpath.plan.operate.sharing`); for these `load` is what an hour may use of a unit.
    duty : float
        Largest mean use of a unit [-].
    effort : float
        Energy per unit of work over that of unbroken work [-].
    place : float
        Share of its power that may run at another site for an hour [-]
        (see `wattpath.plan.operate.placing`).
    once : mapping of str to float
        Player that may move the work -> what its software costs a year for all of it [USD/year]
        (see `wattpath.plan.operate.adoption`); free for players that are not there.
    """

    name: str
    rate: float
    load: Floats
    flexible: bool
    movable: float = 0.0
    multiple: float = 1.0
    shed: float = 0.0
    shed_s: float = 0.0
    of: str = ""
    lenders: tuple[str, ...] = ()
    duty: float = 1.0
    effort: float = 1.0
    place: float = 0.0
    once: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hall:
    """A cooling system with an electrical chain at this site, hour by hour.

    `variable` is facility W per IT W, `fixed` facility W per W of IT capacity, `water`
    m3 per J of IT energy; costs are per W of IT capacity and year. `standing_w` of it is
    there already and costs its upkeep only. `life_s` is that of the plant [s].
    `it_share` is IT power over what the servers draw with their usual power supplies.
    A watt of a refit takes the place of `refit_w` of the `refit_of_w` of a standing hall; both
    are 0 for any other hall. `site` is 0 here, and the place among the scenario's other sites
    elsewhere, where its water has a price of its own.
    """

    key: str
    cooling: str
    electrical: str
    name: str
    accepts: tuple[str, ...]
    new: bool
    variable: Floats
    fixed: float
    water: Floats
    cost_usd_per_w_year: float
    capital_usd_per_w: float
    lead_time_months: float
    upkeep_usd_per_w_year: float = 0.0
    standing_w: float = 0.0
    embodied_kg_per_w_year: float = 0.0
    life_s: float = 20.0 * YEAR_S
    it_share: float = 1.0
    refit_w: float = 0.0
    refit_of_w: float = 0.0
    site: int = 0
    water_usd_m3: float | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A deployment in a hall."""

    deployment: Deployment
    hall: int
    players: frozenset[str]


def slots(columns: Sequence[Deployment], halls: Sequence[Hall]) -> tuple[Slot, ...]:
    """Every deployment in every hall that can take its heat."""
    found = []
    for column in columns:
        for index, hall in enumerate(halls):
            here = hall.site == 0 or column.elsewhere
            if here and set(column.cooling) & set(hall.accepts):
                extra = {"cooling"} if hall.new else set()
                found.append(Slot(column, index, column.players | extra))
    return tuple(found)
