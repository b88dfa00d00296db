"""Seconds of collectives among chips, across the scale-up and scale-out tiers.

`nbytes` follows nccl-tests: the full tensor of one rank, that is what an all-reduce
reduces, an all-gather ends with, a reduce-scatter starts with and an all-to-all sends in
total (its own part included). `ranks` chips take part; neighbours in the group stand
`stride` chips apart, so that a data-parallel group over 8-way tensor parallelism has
stride 8 and, on servers of 8, crosses the scale-out network only.

A group that is wider than the scale-up domain works on both tiers at once: each chip
sends its part of the domain's data over its own network port while the domain exchanges
inside. What the tiers of the network make of that, `wattpath.hardware.scaleout` says.
"""

from __future__ import annotations

import math

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.hardware.roofline import pipelined
from wattpath.hardware.scaleout import even_load, neighbour_port, network_latency_s


@njit(cache=True)
def local_ranks(chip: Chip, ranks: float, stride: float = 1.0) -> float:
    """How many ranks of a group share one scale-up domain."""
    return min(ranks, max(1.0, chip.scaleup_domain / max(1.0, stride)))


@njit(cache=True)
def seconds(nbytes: float, rate: float) -> float:
    """Time [s] of `nbytes` at `rate` [B/s]; endless where there is no link."""
    if nbytes <= 0.0:
        return 0.0
    return nbytes / rate if rate > 0.0 else math.inf


@njit(cache=True)
def ring_steps(ranks: float) -> float:
    """Steps of latency: a ring up to the 8 ranks that were measured, a tree beyond.

    The tree's 8 ln(ranks / 8) joins the ring without a kink.
    """
    if ranks <= 8.0:
        return ranks - 1.0
    return 7.0 + 8.0 * math.log(ranks / 8.0)


@njit(cache=True)
def scaleup_rate(chip: Chip, ranks: float) -> float:
    """Usable one-way scale-up rate [B/s] of one chip in a group of `ranks`.

    Through a switch every chip has its full rate. In a mesh a chip reaches its peers over
    one link each, so that a part of the domain uses a part of the links. In a torus a group
    uses the axes that it spans. On a shared bus further ranks share the bridges.
    """
    rate = chip.scaleup_bytes_s * chip.scaleup_eff
    domain = max(2.0, chip.scaleup_domain)
    if chip.topology == 1.0:
        return rate * min(1.0, (ranks - 1.0) / (domain - 1.0))
    if chip.topology == 2.0 or chip.topology == 3.0:
        axes = chip.topology * math.log(max(2.0, ranks)) / math.log(domain)
        return float(rate * min(1.0, max(1.0, axes) / chip.topology))
    if chip.topology == 4.0:
        return float(rate * (2.0 / max(2.0, ranks)) ** chip.bus_sharing)
    return rate


@njit(cache=True)
def _exchange_s(
    chip: Chip, nbytes: float, ranks: float, stride: float, passes: float, copied: float
) -> float:
    """Ring exchange of `passes` rounds: 1 for a gather or scatter, 2 for an all-reduce.

    One ring for each chip of a domain: every part of the tensor passes every border between
    two domains, so that each chip's port carries ``passes (1 - 1/ranks) nbytes / local``
    however few domains there are.
    """
    local = local_ranks(chip, ranks, stride)
    domains = ranks / local
    wire = passes * nbytes * (1.0 - 1.0 / ranks)
    inside = passes * nbytes * (1.0 - 1.0 / local)
    outside = wire / local if domains > 1.0 else 0.0
    span = ranks * max(1.0, stride)
    port = chip.scaleout_eff * neighbour_port(chip, max(1.0, stride), span)
    moved = pipelined(seconds(inside, scaleup_rate(chip, local)), seconds(outside, port))
    latency = passes * chip.scaleup_step_s * ring_steps(local)
    latency += passes * network_latency_s(chip, chip.network_step_s, domains, span)
    fill = chip.fill_s * wire / (wire + chip.fill_bytes)
    own = copied * nbytes / ranks / (chip.bandwidth_bytes_s * chip.copy_eff)
    return chip.collective_s + latency + moved + fill + own


@njit(cache=True)
def all_gather_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until every rank holds the `nbytes` to which each gave an equal part."""
    if ranks <= 1.0:
        return 0.0
    return _exchange_s(chip, nbytes, ranks, stride, 1.0, 1.0)


@njit(cache=True)
def reduce_scatter_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until every rank holds its part of the sum of all ranks' `nbytes`."""
    if ranks <= 1.0:
        return 0.0
    return _exchange_s(chip, nbytes, ranks, stride, 1.0, 1.0)


@njit(cache=True)
def all_reduce_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until every rank holds the sum of all ranks' `nbytes` (library collective).

    Large sums run as rings and small ones with the latency of trees, as libraries choose.
    Trees would halve what crosses between two servers, but published steps with sums over
    two servers ran at the ring's rate. In-switch reduction is not modelled: it is worth up
    to a fifth for large tensors.
    """
    if ranks <= 1.0:
        return 0.0
    return _exchange_s(chip, nbytes, ranks, stride, 2.0, 0.0)


@njit(cache=True)
def fused_all_reduce_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] of a serving engine's all-reduce: its own kernel in a captured graph.

    Inside one scale-up domain the engine's kernel or the library's, whichever is faster;
    beyond it the library's.
    """
    if ranks <= 1.0:
        return 0.0
    library = all_reduce_s(chip, nbytes, ranks, stride)
    if local_ranks(chip, ranks, stride) < ranks:
        return library
    wire = 2.0 * nbytes * (1.0 - 1.0 / ranks)
    rate = scaleup_rate(chip, ranks) / chip.scaleup_eff * chip.fused_eff
    fill = chip.fused_fill_s * wire / (wire + chip.fused_fill_bytes)
    own = chip.fused_s + chip.fused_step_s * ring_steps(ranks) + seconds(wire, rate) + fill
    return min(library, own)


@njit(cache=True)
def all_to_all_s(chip: Chip, nbytes: float, ranks: float, stride: float = 1.0) -> float:
    """Time [s] until each rank has sent an equal part of its `nbytes` to each rank.

    A torus is bound by the links across its middle: each further chip along an axis makes
    every message travel farther.
    """
    if ranks <= 1.0:
        return 0.0
    local = local_ranks(chip, ranks, stride)
    inside = nbytes * (local - 1.0) / ranks
    rate = scaleup_rate(chip, local)
    if chip.topology == 2.0 or chip.topology == 3.0:
        side = local ** (1.0 / chip.topology)
        rate /= max(1.0, 0.25 * chip.topology * side)
    outside = nbytes * even_load(chip, ranks, stride)
    port = chip.scaleout_bytes_s * chip.scaleout_eff
    moved = pipelined(seconds(inside, rate), seconds(outside, port))
    latency = chip.alltoall_step_s * math.log2(local)
    span = ranks * max(1.0, stride)
    latency += network_latency_s(chip, chip.network_step_s, ranks / local, span)
    wire = nbytes * (ranks - 1.0) / ranks
    fill = chip.fill_s * wire / (wire + chip.fill_bytes)
    own = nbytes / ranks / (chip.bandwidth_bytes_s * chip.copy_eff)
    return chip.collective_s + latency + moved + fill + own


@njit(cache=True)
def send_s(chip: Chip, nbytes: float, stride: float = 1.0) -> float:
    """Time [s] of one message to the chip `stride` places away.

    In a mesh or torus one pair has one link; through a switch it has the chip's full rate.
    """
    if stride >= chip.scaleup_domain:
        port = chip.scaleout_eff * neighbour_port(chip, stride, 2.0 * stride)
        latency = network_latency_s(chip, chip.network_step_s, 2.0, 2.0 * stride)
        return chip.collective_s + latency + seconds(nbytes, port)
    rate = chip.scaleup_bytes_s * chip.scaleup_eff
    if chip.topology == 1.0:
        rate /= max(1.0, chip.scaleup_domain - 1.0)
    elif chip.topology == 2.0 or chip.topology == 3.0:
        rate /= 2.0 * chip.topology
    return chip.collective_s + seconds(nbytes, rate)
