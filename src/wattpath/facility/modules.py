"""Build-out in whole units: halls, prefabricated modules and refitted rooms.

Crews work side by side, each on one unit at a time, and the first units stand when the lead
time is over. By time t after the order there can be

    units(t) = crews (1 + floor((t - lead) / build)),  t >= lead

Where it breaks down: crews do not learn, seasons and permits are left out, and the site's
grid connection has its own date (see the supply layer).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.facility.cooling import Cooling, load_cooling
from wattpath.facility.electrical import Electrical, load_electrical
from wattpath.units import MONTH_S, YEAR_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wattpath.catalog import Entry

#: Slack of whole numbers, so that 3.0000000001 units are three.
_WHOLE = 1e-9


@dataclass(frozen=True, slots=True)
class Module:
    """A whole unit of one form that holds one cooling system on one electrical chain.

    Attributes
    ----------
    key, name, form : str
        Of the ``module`` entry; the form is ``hall``, ``prefabricated`` or ``retrofit``.
    cooling, electrical : str
        Keys.
    module_w : float
        IT capacity of one unit [W].
    lead_time_s : float
        Order to service of the first units, plant and chain included [s].
    build_s : float
        Time a crew is bound to one unit [s].
    crews : int
        Crews at work side by side.
    capital_usd_per_it_w : float
        Plant, shell, fit-out and chain [USD/W of IT capacity].
    outage_s : float
        Time without load while a unit is refitted [s]; 0 for new units.
    """

    key: str
    name: str
    form: str
    cooling: str
    electrical: str
    module_w: float
    lead_time_s: float
    build_s: float
    crews: int
    capital_usd_per_it_w: float
    outage_s: float

    @property
    def units_per_year(self) -> float:
        """Crew limit: units finished in a year once the first stand."""
        return self.crews * YEAR_S / self.build_s

    def units_by(self, time_s: float) -> int:
        """Most units that can stand this long after the order.

        Parameters
        ----------
        time_s : float
            [s].
        """
        if time_s < self.lead_time_s * (1.0 - _WHOLE):
            return 0
        return self.crews * (1 + floor((time_s - self.lead_time_s) / self.build_s + _WHOLE))

    def time_to_s(self, capacity_w: float) -> float:
        """Time from the order until a capacity stands [s].

        Parameters
        ----------
        capacity_w : float
            IT capacity, rounded up to whole units [W].
        """
        rounds = ceil(self.units_for(capacity_w) / self.crews - _WHOLE)
        return self.lead_time_s + max(rounds - 1, 0) * self.build_s if rounds else 0.0

    def units_for(self, capacity_w: float) -> int:
        """Whole units that hold a capacity.

        Parameters
        ----------
        capacity_w : float
            [W].
        """
        return ceil(capacity_w / self.module_w - _WHOLE) if capacity_w > 0.0 else 0


@dataclass(frozen=True, slots=True)
class BuildOut:
    """Units over the periods of a plan.

    Attributes
    ----------
    module : Module
    standing : tuple of int
        Units that stand at the start of each period.
    finished : tuple of int
        Units that come into service at the start of each period.
    capital_usd : tuple of float
        Paid for them [USD].
    reason : str
        Why the demand cannot be met in time, with the margin; empty where it can.
    """

    module: Module
    standing: tuple[int, ...]
    finished: tuple[int, ...]
    capital_usd: tuple[float, ...]
    reason: str = ""

    @property
    def feasible(self) -> bool:
        """Whether every period has its capacity."""
        return self.reason == ""

    @property
    def capacity_w(self) -> tuple[float, ...]:
        """IT capacity that stands in each period [W]."""
        return tuple(units * self.module.module_w for units in self.standing)


def load_module(
    name: str, cooling: str | Cooling, electrical: str | Electrical, path: str = "module"
) -> Module:
    """A unit of the catalogue with a cooling system and an electrical chain in it.

    Parameters
    ----------
    name : str
        Key, name or alias of a ``module`` entry.
    cooling, electrical : str, Cooling or Electrical
    path : str, optional
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError, InputError
        For an unknown name, or a unit that cannot hold the cooling system.
    """
    entry = catalog.load("module", name, path)
    system = cooling if isinstance(cooling, Cooling) else load_cooling(cooling)
    chain = electrical if isinstance(electrical, Electrical) else load_electrical(electrical)
    if not _holds(entry, system):
        kinds = " or ".join(entry.texts("accepts"))
        raise InputError(path, f"hold the cooling system {system.key}", name, f"It holds {kinds}.")
    return _module(entry, system, chain)


def modules_for(cooling: str | Cooling, electrical: str | Electrical) -> tuple[Module, ...]:
    """Every unit of the catalogue that can hold a cooling system, the soonest first."""
    system = cooling if isinstance(cooling, Cooling) else load_cooling(cooling)
    chain = electrical if isinstance(electrical, Electrical) else load_electrical(electrical)
    found = [_module(e, system, chain) for e in catalog.entries("module") if _holds(e, system)]
    return tuple(sorted(found, key=lambda module: (module.lead_time_s, module.key)))


def _holds(entry: Entry, system: Cooling) -> bool:
    """A unit for air lacks the water and the floor of one for liquid, not the reverse."""
    kinds = set(system.entry.texts("accepts"))
    return bool(set(entry.texts("accepts")) & (kinds - {"air"} or kinds))


def _module(entry: Entry, system: Cooling, chain: Electrical) -> Module:
    n = system.numbers
    waits = max(n["lead_time_s"], chain.entry.si("lead_time_s")) * entry.si("equipment_lead_share")
    return Module(
        key=entry.key,
        name=entry.name,
        form=entry.text("form"),
        cooling=system.key,
        electrical=chain.key,
        module_w=entry.si("module_w"),
        lead_time_s=max(entry.si("lead_time_s"), waits),
        build_s=entry.si("build_s"),
        crews=round(entry.si("crews")),
        capital_usd_per_it_w=n["capital_usd_per_it_w"] * entry.si("cooling_share")
        + n["building_usd_per_it_w"] * entry.si("building_share")
        + chain.capital_usd_per_it_w * entry.si("electrical_share"),
        outage_s=entry.si("outage_s"),
    )


def build_out(module: Module, demand_w: Sequence[float], period_s: float = YEAR_S) -> BuildOut:
    """Whole units for a demand that changes by period, each built as late as crews allow.

    Parameters
    ----------
    module : Module
    demand_w : sequence of float
        IT capacity wanted at the start of each period; the order is given at the start of
        the first [W].
    period_s : float
        Length of a period [s].

    Notes
    -----
    Units stay: a demand that falls leaves them standing.

    Raises
    ------
    InputError
        For a negative demand.
    """
    if min(demand_w, default=0.0) < 0.0:
        raise InputError("demand_w", "be >= 0 W", float(min(demand_w)))
    needed = [module.units_for(demand) for demand in demand_w]
    most = [module.units_by(period * period_s) for period in range(len(needed))]
    late = [p for p, (want, can) in enumerate(zip(needed, most, strict=True)) if want > can]
    reason = _late(module, demand_w[late[0]], late[0], period_s) if late else ""
    standing, after = [], 0.0
    for period in reversed(range(len(needed))):
        step = inf if period + 1 == len(needed) else module.crews * period_s / module.build_s
        after = max(needed[period], ceil(after - step - _WHOLE) if step < inf else 0)
        standing.append(min(int(after), most[period]))
    standing.reverse()
    for period in range(1, len(standing)):
        standing[period] = max(standing[period], standing[period - 1])
    finished = [units - before for before, units in zip([0, *standing], standing, strict=False)]
    each = module.module_w * module.capital_usd_per_it_w
    capital = tuple(units * each for units in finished)
    return BuildOut(module, tuple(standing), tuple(finished), capital, reason)


def _late(module: Module, demand_w: float, period: int, period_s: float) -> str:
    have = module.units_by(period * period_s) * module.module_w
    months = (module.time_to_s(demand_w) - period * period_s) / MONTH_S
    return (
        f"{demand_w / 1e6:.4g} MW at month {period * period_s / MONTH_S:.0f} need "
        f"{module.units_for(demand_w)} units of {module.name}; {module.crews} crews have "
        f"{have / 1e6:.4g} MW by then: {months:.1f} months too late."
    )
