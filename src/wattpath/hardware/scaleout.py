"""The tiers of a scale-out network: what stays under a leaf, and what the core makes of the rest.

A port hangs on a leaf switch that joins `Chip.leaf_chips` chips (on every rail where the
network is built in rails), leaves make up a group of `Chip.group_chips` (the pod of a fat
tree of three tiers, the group of a dragonfly), groups make up the network. What leaves a
leaf meets `Chip.oversubscription`, what leaves a group `Chip.group_taper`: injected rate
over the rate of the links that lead out. Each tier also adds its switches' latency.

Ranks are numbered through leaves and groups in order, so that a group of ranks spans
``ranks * stride`` neighbouring chips.
"""

from __future__ import annotations

import math

from numba import njit

from wattpath.hardware.chip import Chip


@njit(cache=True)
def leaf_reach(chip: Chip) -> float:
    """Chips that reach one another without leaving a leaf switch, or the scale-up domain."""
    return max(chip.leaf_chips, chip.scaleup_domain)


@njit(cache=True)
def group_reach(chip: Chip) -> float:
    """Chips that reach one another without leaving their group; all where there are none."""
    return max(chip.group_chips, leaf_reach(chip)) if chip.group_chips > 0.0 else math.inf


@njit(cache=True)
def network_latency_s(chip: Chip, step_s: float, domains: float, span: float) -> float:
    """Latency [s] of a tree over `domains` scale-up domains that stand `span` chips wide.

    Every doubling costs `step_s`; those that reach beyond a leaf or a group pass its
    switches as well.
    """
    levels = math.log2(max(1.0, domains))
    total = step_s * levels
    if span > leaf_reach(chip):
        total += chip.leaf_hop_s * min(levels, math.log2(span / leaf_reach(chip)))
    if span > group_reach(chip):
        total += chip.group_hop_s * min(levels, math.log2(span / group_reach(chip)))
    return total


@njit(cache=True)
def neighbour_port(chip: Chip, pitch: float, span: float) -> float:
    """One-way rate [B/s] of a port whose peer stands `pitch` chips away, in a ring or chain.

    Of the chips of a leaf only the last `pitch` have their peer outside, so that a thin core
    slows a ring of neighbours little, and one of far members by all of its oversubscription.
    Groups of a dragonfly send everything to one other group over few direct links; adaptive
    routing takes a detour over third groups, which uses the links twice.
    """
    rate = chip.scaleout_bytes_s
    pitch = max(pitch, chip.scaleup_domain)
    if span > leaf_reach(chip):
        inside = max(1.0, leaf_reach(chip) / pitch)
        rate = min(rate, chip.scaleout_bytes_s * inside / chip.oversubscription)
    if span > group_reach(chip):
        inside = max(1.0, group_reach(chip) / pitch)
        thin = max(chip.oversubscription, chip.group_taper * chip.detour)
        rate = min(rate, chip.scaleout_bytes_s * inside / thin)
    return rate


@njit(cache=True)
def even_load(chip: Chip, ranks: float, stride: float) -> float:
    """Bytes through the busiest tier per byte of an even exchange, in those of a free port.

    The exchange sends an equal part to each of `ranks`. What goes to ranks outside the
    domain passes the port, outside the leaf its uplink, outside the group the core.
    """
    step = max(1.0, stride)
    local = min(ranks, max(1.0, chip.scaleup_domain / step))
    load = (ranks - local) / ranks
    leaf = min(ranks, max(local, leaf_reach(chip) / step))
    load = max(load, (ranks - leaf) / ranks * chip.oversubscription)
    group = min(ranks, max(leaf, group_reach(chip) / step))
    thin = max(chip.oversubscription, chip.group_taper)
    return float(max(load, (ranks - group) / ranks * thin))
