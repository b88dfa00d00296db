"""A supercomputer's HPL and HPCG from its accelerators and network up.

    R_peak = n F_64          R_HPL = s R_peak          R_HPCG = q n B
    P_HPL  = n (P_server / m + P_port)

with n accelerators of FP64 vector peak F and memory bandwidth B, m of them in a server of
power P at its chips' limit, a switch port each, and s and q the shares that another machine of
the same make reached.

Where it breaks down: the shares carry the software and the size of that other machine; storage
and service nodes are outside the power that the lists measure.
"""

from __future__ import annotations

from dataclasses import dataclass

from wattpath import catalog, hardware
from wattpath.projects.figures import Figure
from wattpath.projects.project import Stage


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """Rates [FLOP/s], power in HPL [W] and its efficiency [FLOP/J]."""

    rate: Figure
    hpl_rate: Figure
    hpcg_rate: Figure
    hpl_power: Figure
    hpl_efficiency: Figure


def benchmarks(stage: Stage) -> Benchmarks | None:
    """What the lists would measure, or None where no machine of the make is in the catalogue."""
    if len(stage.chips) != 1:
        return None
    (key, count), *_ = stage.chips.items()
    entry = catalog.load("server", key)
    fabric = entry.text("scaleout_fabric")
    peers = [
        peer for peer in catalog.entries("supercomputer") if peer.text("scaleout_fabric") == fabric
    ]
    chip = catalog.load("chip", entry.text("chip"))
    if not peers or chip.get("fp64_flops") is None:
        return None
    peer = peers[0]
    chips = Figure.of(count)
    rate = chips.times(chip.si("fp64_flops"))
    hpl = rate.times(Figure.of(peer.quantity("hpl_share")))
    memory = chips.times(chip.si("bandwidth_bytes_s"))
    power = chips.times(_chip_w(key, fabric))
    return Benchmarks(
        rate=rate,
        hpl_rate=hpl,
        hpcg_rate=memory.times(Figure.of(peer.quantity("hpcg_flops_per_byte"))),
        hpl_power=power,
        hpl_efficiency=hpl.over(power),
    )


def _chip_w(server: str, fabric: str) -> Figure:
    """Power of one accelerator with its share of server and switches [W]."""
    loaded = hardware.load_server(server)
    entry = catalog.load("server", server)
    host = entry.quantity("host_w")
    chips = loaded.chips
    spread = (host.high - host.value) / chips, (host.value - host.low) / chips
    port = Figure.of(catalog.load("fabric", fabric).quantity("switch_w"))
    middle = loaded.full_w / chips
    return Figure(middle, middle - spread[1], middle + spread[0]).plus(port)
