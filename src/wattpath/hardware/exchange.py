"""Seconds of the expert exchange: tokens to the ranks of their experts and back."""

from __future__ import annotations

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.hardware.collectives import local_ranks, scaleup_rate, seconds
from wattpath.hardware.roofline import overlap
from wattpath.hardware.scaleout import even_load, network_latency_s


@njit(cache=True)
def distinct_places(places: float, draws: float) -> float:
    """Expected distinct places that `draws` independent even draws hit."""
    return float(places * (1.0 - (1.0 - 1.0 / places) ** draws))


@njit(cache=True)
def busiest_share(chip: Chip, ranks: float, skewed: float = 1.0) -> float:
    """Rows of the busiest expert rank over the mean (>= 1).

    `skewed` scales the measured power-law routing: 0 for forced balance, 1 for routing as
    of a model without balancing of its experts over the ranks.
    """
    return 1.0 + (ranks - 1.0) * chip.expert_skew * skewed


@njit(cache=True)
def expert_exchange_s(
    chip: Chip,
    tokens: float,
    hidden: float,
    experts_active: float,
    ranks: float,
    bits: float,
    stride: float = 1.0,
) -> float:
    """Time [s] of one dispatch (8 bit, say) or combine (16 bit) of an expert layer.

    The low-latency way sends one copy for every active expert; the high-throughput way
    sends one copy to each place that holds any of them, first over the network, then inside
    the domain. The faster one counts.

    Parameters
    ----------
    chip : Chip
    tokens, hidden : float
        Tokens of one rank and their width.
    experts_active : float
        Experts per token, spread evenly over the ranks.
    ranks, stride : float
        Ranks that hold the experts and how many chips lie between neighbours.
    bits : float
        Width of a sent number [bit].

    Notes
    -----
    Measured with even routing on up to 8 servers of 8. The high-throughput way on 8 servers
    is measured slower than this by up to one half beyond a thousand tokens a rank.
    """
    if ranks <= 1.0:
        return 0.0
    local = local_ranks(chip, ranks, stride)
    domains = ranks / local
    one = tokens * hidden * bits / 8.0
    rate = scaleup_rate(chip, local) / chip.scaleup_eff
    network = chip.scaleout_bytes_s * chip.expert_scaleout_eff
    span = ranks * max(1.0, stride)
    latency = network_latency_s(chip, chip.scaleout_step_s, domains, span)
    copies = one * experts_active
    low = overlap(
        seconds(copies * (local - 1.0) / ranks, rate * chip.expert_low_eff),
        seconds(copies * even_load(chip, ranks, stride), network),
    )
    away = one * distinct_places(domains, experts_active) * even_load(chip, ranks, stride)
    near = one * distinct_places(ranks, experts_active) * (1.0 - 1.0 / local)
    high = overlap(seconds(near, rate * chip.expert_high_eff), seconds(away, network))
    return latency + min(chip.expert_low_s + low, chip.expert_high_s + high)
