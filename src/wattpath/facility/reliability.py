"""Availability of power at the rack: units in series and parallel with repair times."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

from wattpath.facility.electrical import Electrical, load_electrical

_YEAR_H = 8766.0


@dataclass(frozen=True, slots=True)
class Availability:
    """How often the racks are without power, and which part is to blame.

    Attributes
    ----------
    electrical, redundancy : str
        Key and N, N+1 or 2N.
    source, supply, path, common : float
        Availability of grid with generators, of the uninterruptible supply, of switchgear
        and distribution, each with its redundancy, and what common causes leave [0..1].
    ride_through_s : float
        Battery time at full load [s].
    """

    electrical: str
    redundancy: str
    source: float
    supply: float
    path: float
    common: float
    ride_through_s: float

    @property
    def total(self) -> float:
        """Availability of power at the rack [0..1]."""
        return self.source * self.supply * self.path * self.common

    @property
    def downtime_h_year(self) -> float:
        """Expected hours without power in a year [h]."""
        return (1.0 - self.total) * _YEAR_H

    def explain(self) -> str:
        """The chain of factors as text."""
        return (
            f"{self.electrical} with {self.redundancy}: grid and generators {self.source:.6f} x "
            f"supply {self.supply:.6f} x distribution {self.path:.6f} x common causes "
            f"{self.common:.6f} = {self.total:.6f}, "
            f"{self.downtime_h_year:.2f} h a year without power"
        )


def at_least(needed: int, installed: int, each: float) -> float:
    """Chance that at least `needed` of `installed` independent units are up.

    Parameters
    ----------
    needed, installed : int
    each : float
        Availability of one unit [0..1].
    """
    return sum(
        comb(installed, up) * each**up * (1.0 - each) ** (installed - up)
        for up in range(needed, installed + 1)
    )


def availability(electrical: str | Electrical, redundancy: str = "") -> Availability:
    """Availability of an electrical chain of the catalogue.

    Source: one of the grid feeds, or enough generators when all feeds are out. Supply:
    enough modules (one spare with N+1, a second set with 2N). Path: one distribution path,
    two with 2N. A unit is up for MTBF / (MTBF + MTTR) of the time.

    Parameters
    ----------
    electrical : str or Electrical
        Catalogue name, or a chain from `load_electrical`.
    redundancy : str, optional
        ``N``, ``N+1`` or ``2N``, for a name; the entry's own if left out.

    Notes
    -----
    Failures are independent and repair starts at once. Common causes (fire, flood, wrong
    switching) are one share of time, an estimate that dominates with 2N, so the figure
    ranks designs better than it foretells outages.
    """
    chain = electrical
    if not isinstance(chain, Electrical):
        chain = load_electrical(chain, redundancy)
    entry, spare = chain.entry, chain.redundancy
    return Availability(
        chain.key,
        spare,
        _source(chain),
        _redundant(
            spare,
            round(entry.si("ups_units")),
            _up(entry.si("ups_failure_s"), entry.si("ups_repair_s")),
        ),
        at_least(
            1,
            2 if spare == "2N" else 1,
            _up(entry.si("path_failure_s"), entry.si("path_repair_s")),
        ),
        1.0 - entry.si("common_cause"),
        entry.si("ride_through_s"),
    )


def _up(between_s: float, repair_s: float) -> float:
    return between_s / (between_s + repair_s)


def _redundant(redundancy: str, units: int, each: float) -> float:
    """A set of units that are all needed: bare, with one spare, or doubled."""
    if redundancy == "N+1":
        return at_least(units, units + 1, each)
    whole = each**units
    return 1.0 - (1.0 - whole) ** 2 if redundancy == "2N" else whole


def _source(chain: Electrical) -> float:
    entry = chain.entry
    out = entry.si("grid_outages") * entry.si("grid_repair_s")
    dark = (out / (1.0 + out)) ** round(entry.si("grid_feeds"))
    running = 1.0 - entry.si("generator_start_failure")
    return 1.0 - dark * (
        1.0 - _redundant(chain.redundancy, round(entry.si("generator_units")), running)
    )
