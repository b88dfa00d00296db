"""What is asked of a supply, and the units inside its programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from wattpath import catalog
from wattpath.errors import InputError, UnknownNameError
from wattpath.supply.technology import Technology
from wattpath.units import HOURS


class Scale(NamedTuple):
    """The units inside a programme.

    One unit of power is `power_w` watts, one of energy `power_w` watt-hours, one of money
    `money_usd` dollars a year, one of carbon what `power_w` emits in a year at a gram per
    watt-hour. With money at a thousandth of power, coefficients do not depend on the scale, and
    sums over the year are as large as powers, so that solvers can keep them to the last digit.
    """

    power_w: float = 1e6
    money_usd: float = 1e3

    @property
    def carbon_kg(self) -> float:
        """One unit of carbon [kg]."""
        return self.power_w / 1e3 * HOURS

    @classmethod
    def around(cls, peak_w: float) -> Scale:
        """A scale in which a load of this peak [W] is between 100 and 1,000 units."""
        power = 10.0 ** (np.floor(np.log10(max(peak_w, 1.0))) - 2.0)
        return cls(float(power), float(power) / 1e3)


@dataclass(frozen=True, slots=True)
class SupplyOptions:
    """What is asked of the supply.

    Attributes
    ----------
    rate : float
        Real interest per year.
    carbon_price_usd_kg : float
        Price of carbon [USD/kg].
    carbon_cap_kg : float
        Largest carbon of a year [kg].
    carbon_scope : str
        ``direct`` or ``life-cycle``, for price and cap alike.
    grid_carbon : str
        ``average`` or ``marginal`` grid carbon.
    carbon_free_share : float
        Least share of the load that is met, hour by hour, without fossil or fossil-grid
        power (24/7 matching).
    matched_share : float
        Least carbon-free production over the year, the grid's own mix left out, as a share of
        the load (annual matching).
    months : float
        Time until the date [months]; what takes longer is left out.
    lead : str
        ``low``, ``central`` or ``high`` lead times.
    reserve : float
        Firm capacity beyond the load in every hour, as a share of it: grid, dispatchable
        plants less their outages, of storage power what the catalogue counts, and sun and wind
        as they come.
    limits_w : mapping
        Largest capacity per technology key [W].
    existing_w : mapping
        Capacity that stands already [W]: its capital is not paid again.
    whole_units : tuple of str
        Keys of technologies that come in whole units of the catalogue's size; the programme
        is then a mixed-integer one and has no duals.
    commitment : str
        ``none``: a plant runs at any output; ``relaxed``: its units are switched on and off,
        fractions of a unit allowed; ``whole``: whole units.
    outage_reserve : bool
        Whether the load must be met in every hour after the loss of the largest unit.
    """

    rate: float = 0.08
    carbon_price_usd_kg: float = 0.0
    carbon_cap_kg: float = np.inf
    carbon_scope: str = "direct"
    grid_carbon: str = "average"
    carbon_free_share: float = 0.0
    matched_share: float = 0.0
    months: float = np.inf
    lead: str = "central"
    reserve: float = 0.0
    limits_w: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    existing_w: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    whole_units: tuple[str, ...] = ()
    commitment: str = "none"
    outage_reserve: bool = False


def check_options(options: SupplyOptions, technologies: Sequence[Technology]) -> None:
    """Refuse options outside their range, unknown keys and technologies given twice.

    Raises
    ------
    InputError
        Naming the option.
    """
    keys = [technology.key for technology in technologies]
    if len(set(keys)) < len(keys):
        raise InputError("technologies", "be given once each", keys)
    known = {*keys, *catalog.names("supply")}
    for name in ("limits_w", "existing_w", "whole_units"):
        for key in getattr(options, name):
            if key not in known:
                raise UnknownNameError(name, "supply", key, known)
    choices = {
        "carbon_scope": (options.carbon_scope, ("direct", "life-cycle")),
        "grid_carbon": (options.grid_carbon, ("average", "marginal")),
        "lead": (options.lead, ("low", "central", "high")),
        "commitment": (options.commitment, ("none", "relaxed", "whole")),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            raise InputError(name, f"be one of {', '.join(allowed)}", value)
    for name in ("rate", "carbon_cap_kg", "months", "reserve", "matched_share"):
        if not getattr(options, name) >= 0.0:
            raise InputError(name, "be >= 0", getattr(options, name))
    if not 0.0 <= options.carbon_free_share <= 1.0:
        raise InputError("carbon_free_share", "lie between 0 and 1", options.carbon_free_share)
