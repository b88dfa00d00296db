"""Availability of power at the rack: a chain's own parts in series and parallel, with repairs."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, prod

from wattpath.facility.electrical import Electrical, load_electrical

_YEAR_H = 8766.0


@dataclass(frozen=True, slots=True)
class Availability:
    """How often the racks are without power, and which part is to blame.

    Attributes
    ----------
    electrical, redundancy : str
        Key and N, N+1 or 2N.
    source : float
        Availability of grid or generators [0..1].
    bridge : float
        What remains after loads that a supply drops while it bridges a disturbance [0..1].
    transformer, supply, distribution : float
        Switchgear and transformer, uninterruptible supply (central, in the rack or rectifiers
        with batteries), and the path in the hall, of one string with its spares [0..1].
    strings : int
        Strings that each can carry the load.
    common : float
        What common causes leave [0..1].
    ride_through_s : float
        Battery time at full load [s].
    """

    electrical: str
    redundancy: str
    source: float
    bridge: float
    transformer: float
    supply: float
    distribution: float
    strings: int
    common: float
    ride_through_s: float

    @property
    def delivery(self) -> float:
        """Availability of at least one string from the grid connection to the rack [0..1]."""
        string = prod((self.transformer, self.supply, self.distribution))
        return 1.0 - (1.0 - string) ** self.strings

    @property
    def total(self) -> float:
        """Availability of power at the rack [0..1]."""
        return self.source * self.bridge * self.delivery * self.common

    @property
    def downtime_h_year(self) -> float:
        """Expected hours without power in a year [h]."""
        return (1.0 - self.total) * _YEAR_H

    def explain(self) -> str:
        """The chain of factors as text."""
        kind = "string" if self.strings == 1 else f"of {self.strings} strings, each"
        return (
            f"{self.electrical} with {self.redundancy}: grid and generators {self.source:.6f} x "
            f"bridging {self.bridge:.6f} x {kind} (transformer {self.transformer:.6f} x supply "
            f"{self.supply:.6f} x distribution {self.distribution:.6f}) {self.delivery:.6f} x "
            f"common causes {self.common:.6f} = {self.total:.6f}, "
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

    Source: one of the grid feeds, or enough generators when all feeds are out. String:
    transformer block, supply modules and the path in the hall in series; with N+1 one spare
    module and a reserve block that several blocks share, with 2N two whole strings. A unit is
    up for MTBF / (MTBF + MTTR) of the time.

    Parameters
    ----------
    electrical : str or Electrical
        Catalogue name, or a chain from `load_electrical`.
    redundancy : str, optional
        ``N``, ``N+1`` or ``2N``, for a name; the entry's own if left out.

    Notes
    -----
    Failures are independent and repair starts at once; planned work on a single path is not
    counted. Common causes (fire, flood, wrong switching) are one share of time, an estimate
    that dominates with 2N, so the figure ranks designs better than it foretells outages.
    """
    chain = electrical
    if not isinstance(chain, Electrical):
        chain = load_electrical(chain, redundancy)
    entry, spare = chain.entry, chain.redundancy
    units = round(entry.si("ups_units"))
    strings = 2 if spare == "2N" else 1
    return Availability(
        electrical=chain.key,
        redundancy=spare,
        source=_source(chain),
        bridge=_bridge(chain, strings),
        transformer=_block(chain),
        supply=at_least(units, units + (spare == "N+1"), _up(chain, "ups")),
        distribution=_up(chain, "distribution"),
        strings=strings,
        common=1.0 - entry.si("common_cause"),
        ride_through_s=entry.si("ride_through_s"),
    )


def _up(chain: Electrical, part: str) -> float:
    between_s = chain.entry.si(f"{part}_failure_s")
    return between_s / (between_s + chain.entry.si(f"{part}_repair_s"))


def _block(chain: Electrical) -> float:
    """The rack's own transformer block, or a free reserve block with N+1."""
    own = _up(chain, "transformer")
    if chain.redundancy != "N+1":
        return own
    return own + (1.0 - own) * own ** round(chain.entry.si("transformer_units"))


def _bridge(chain: Electrical, strings: int) -> float:
    """Share of time that is left when every string drops the load in some disturbances."""
    entry = chain.entry
    held = entry.si("ride_through_s") >= entry.si("generator_start_s")
    chance = (entry.si("transfer_failure") if held else 1.0) ** strings
    lost = (entry.si("disturbances") + entry.si("grid_outages")) * chance
    return 1.0 / (1.0 + lost * entry.si("restart_s"))


def _source(chain: Electrical) -> float:
    """Grid feeds, or the generators: all that are needed, one spare, or a second set."""
    entry, redundancy = chain.entry, chain.redundancy
    out = entry.si("grid_outages") * entry.si("grid_repair_s")
    dark = (out / (1.0 + out)) ** round(entry.si("grid_feeds"))
    units, running = round(entry.si("generator_units")), 1.0 - entry.si("generator_start_failure")
    ready = at_least(units, units + (redundancy == "N+1"), running)
    if redundancy == "2N":
        ready = 1.0 - (1.0 - ready) ** 2
    return 1.0 - dark * (1.0 - ready)
