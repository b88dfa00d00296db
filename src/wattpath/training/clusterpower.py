"""Power of servers and of a whole cluster over a training step.

All chips of a synchronous job rise and fall together, so that the cluster's swing is the
servers' sum: what batteries, gensets or the grid must ride through every `period_s`.
Where it breaks down: capacitors and fans smooth what is faster than a second, and stages of
a pipeline wait at different times, which lowers the swing of deep pipelines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath.hardware.power import chip_idle_w, server_power_w

if TYPE_CHECKING:
    from wattpath.hardware import Server
    from wattpath.training.energy import StepPower


@dataclass(frozen=True, slots=True)
class ClusterPower:
    """IT power over a step.

    Attributes
    ----------
    server : str
        Catalogue key of the server that the chips come in.
    server_mean_w, server_peak_w, server_trough_w : float
        One server over the step, while its layers run, and while it waits [W].
    server_rated_w : float
        What the maker's plate says [W].
    it_mean_w, it_peak_w, it_swing_w : float
        All servers together [W]; the swing is what repeats every `period_s` [s].
    """

    server: str
    server_mean_w: float
    server_peak_w: float
    server_trough_w: float
    server_rated_w: float
    it_mean_w: float
    it_peak_w: float
    it_swing_w: float
    period_s: float


def cluster_power(server: Server, chips: float, power: StepPower) -> ClusterPower:
    """Servers and cluster at the power of their chips.

    Parameters
    ----------
    server : Server
        What the chips come in.
    chips : float
        Chips of the job.
    power : StepPower
        Of one chip.
    """
    idle_w, units = chip_idle_w(server.chip), chips / server.chips

    def at(chip_w: float) -> float:
        """Power of one server [W] whose chips draw `chip_w`."""
        watts: float = server_power_w(
            server.idle_w, server.full_w, server.chips, server.chip.tdp_w, idle_w, chip_w
        )
        return watts

    mean_w, peak_w, trough_w = (at(w) for w in (power.mean_w, power.plateau_w, power.trough_w))
    return ClusterPower(
        server.key, mean_w, peak_w, trough_w, server.peak_w,
        units * mean_w, units * peak_w, units * (peak_w - trough_w), power.period_s,
    )  # fmt: skip
