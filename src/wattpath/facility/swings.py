"""Load swings of training, and what the battery of the supply must do to hide them.

Synchronous training drops a share s of its power for part of every period T. A battery that
holds the grid at the mean needs, for a square wave with duty d,

    energy = s d (1 - d) T P,   power = s max(d, 1 - d) P

and it turns that energy over once a period.

Where it breaks down: real swings are ragged, with many periods at once; a battery that also
keeps charge for an outage can only give what is left, which is half here. Shallow cycles wear
a battery less than their sum in full cycles, so the life stated is the shortest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath.errors import InputError
from wattpath.units import YEAR_S

if TYPE_CHECKING:
    from wattpath.facility.electrical import Electrical

#: Share of the battery that swings may use; the rest is kept for outages.
SWING_SHARE_OF_BATTERY = 0.5


@dataclass(frozen=True, slots=True)
class Swings:
    """What a swing asks of the battery, per W of IT power at full load.

    Attributes
    ----------
    share, period_s, duty : float
        Of the swing.
    energy_j_per_w, power_w_per_w : float
        Needed of the battery.
    battery_j_per_w : float
        What swings may use of it.
    loss_w_per_w : float
        Mean loss in the battery [W/W].
    life_s : float
        Until its full cycles are spent by swings alone [s].
    """

    share: float
    period_s: float
    duty: float
    energy_j_per_w: float
    power_w_per_w: float
    battery_j_per_w: float
    loss_w_per_w: float
    life_s: float

    @property
    def covered(self) -> bool:
        """Whether the battery can hide the swing from the grid."""
        return self.energy_j_per_w <= self.battery_j_per_w

    @property
    def longest_s(self) -> float:
        """Longest period of such a swing that the battery can hide [s]."""
        if self.energy_j_per_w == 0.0:
            return float("inf")
        return self.period_s * self.battery_j_per_w / self.energy_j_per_w


def ride_swings(
    electrical: Electrical, share: float = 0.0, period_s: float = 0.0, duty: float = 0.0
) -> Swings:
    """What a training swing asks of the battery of an electrical chain.

    Parameters
    ----------
    electrical : Electrical
    share : float, optional
        Of IT power that drops [0..1]; the entry's design swing if left out.
    period_s, duty : float, optional
        Period [s] and its share at full power [0..1]; likewise.

    Raises
    ------
    InputError
        For a share, period or duty out of range.
    """
    entry = electrical.entry
    share = share or entry.si("swing_share")
    period_s = period_s or entry.si("swing_s")
    duty = duty or entry.si("swing_duty")
    if not 0.0 < share <= 1.0 or not 0.0 < duty < 1.0 or period_s <= 0.0:
        values = f"{share:g}, {period_s:g} s, {duty:g}"
        raise InputError("swing", "have share and duty in 0..1 and a period above 0 s", values)
    battery = entry.si("ride_through_s")
    energy = share * duty * (1.0 - duty) * period_s
    flow = energy / period_s
    cycles = flow * YEAR_S / battery if battery > 0.0 else float("inf")
    return Swings(
        share=share,
        period_s=period_s,
        duty=duty,
        energy_j_per_w=energy,
        power_w_per_w=share * max(duty, 1.0 - duty),
        battery_j_per_w=battery * SWING_SHARE_OF_BATTERY,
        loss_w_per_w=flow * (1.0 - entry.si("battery_round_trip")),
        life_s=entry.si("battery_cycles") / cycles * YEAR_S,
    )
