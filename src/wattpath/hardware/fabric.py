"""Chips on another network than their own: a fabric of the catalogue, full or thin.

What the kernels see of a fabric is the rate of one port and the share that messages reach,
how chips are wired inside a scale-up domain, how many chips a leaf and a group of a
scale-out network join, what leaving them costs in latency, and how thin the links that lead
out are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.hardware.chip import TOPOLOGIES, Chip

if TYPE_CHECKING:
    from wattpath.catalog import Entry

#: Wiring inside a scale-up domain by the fabric's topology in the catalogue.
WIRING = {
    "switched": "switch",
    "direct": "mesh",
    "mesh": "mesh",
    "torus2d": "torus-2d",
    "torus3d": "torus-3d",
    "host": "bus",
}
#: Switches that a message passes besides those of the tier below, on leaving a leaf and on
#: leaving a group. A tree climbs and descends one tier; in a dragonfly any two switches of a
#: group are neighbours, and another group is one long link and one more switch away.
SWITCHES = {
    "switched": (2.0, 2.0),
    "fat-tree": (2.0, 2.0),
    "rail": (2.0, 2.0),
    "dragonfly": (1.0, 2.0),
}
#: Passes over the links between groups of a message to a neighbour (see `neighbour_port`).
DETOURS = {"dragonfly": 2.0}
#: The fabric on which the constants of scale-out messages were measured.
MEASURED_ON = "infiniband-ndr"


def with_fabric(
    chip: Chip,
    name: str = "",
    oversubscription: float = 1.0,
    domain: float = 0.0,
    path: str = "fabric",
) -> Chip:
    """The chip with its links replaced by those of a fabric.

    Parameters
    ----------
    chip : Chip
    name : str
        Key, name or alias of a fabric; empty keeps the chip's own links.
    oversubscription : float
        Rate of a leaf switch's ports towards chips over that towards the core, at least 1;
        where the fabric as usually built is thinner, that counts.
    domain : float
        Chips of a scale-up domain; 0 keeps the chip's own.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such fabric.
    InputError
        If a number is below 1, a domain is larger than the fabric as sold, or the wiring
        of a fabric cannot be timed on its tier.

    Notes
    -----
    Without a name nothing is known of leaves, so that all that leaves a domain meets the
    core. The share of the line rate and the latency of scale-out messages are the family's
    measured ones, moved by what the catalogue says of this fabric against the measured one.
    Jobs are placed on neighbouring chips; other jobs' traffic is not modelled.
    """
    if oversubscription < 1.0:
        raise InputError("oversubscription", "be at least 1", oversubscription)
    if domain and domain < 1.0:
        raise InputError("domain", "be at least 1 chip", domain)
    chip = chip._replace(
        oversubscription=float(oversubscription),
        scaleup_domain=float(domain or chip.scaleup_domain),
    )
    if not name:
        return chip
    fabric = catalog.load("fabric", name, path)
    topology, rate = fabric.text("topology"), fabric.si("bandwidth_bytes_s")
    if fabric.text("tier") == "scale-out":
        if topology not in SWITCHES:
            raise InputError(path, f"be one of {', '.join(SWITCHES)} between servers", topology)
        return _on_network(chip, fabric, rate, topology)
    if topology not in WIRING:
        raise InputError(path, f"be one of {', '.join(WIRING)} inside a domain", topology)
    most = fabric.si("max_endpoints")
    if chip.scaleup_domain > most:
        raise InputError(path, f"join at most {most:g} chips", chip.scaleup_domain)
    return chip._replace(scaleup_bytes_s=rate, topology=TOPOLOGIES[WIRING[topology]])


def _on_network(chip: Chip, fabric: Entry, rate: float, topology: str) -> Chip:
    """The chip on a scale-out fabric with its tiers."""
    known = catalog.load("fabric", MEASURED_ON)
    share = fabric.si("efficiency") / known.si("efficiency")
    later = fabric.si("latency_s") - known.si("latency_s")
    least = fabric.si("latency_s")
    leaf, group = SWITCHES[topology]
    hop = fabric.si("hop_s")
    return chip._replace(
        scaleout_bytes_s=rate,
        scaleout_eff=min(1.0, chip.scaleout_eff * share),
        expert_scaleout_eff=min(1.0, chip.expert_scaleout_eff * share),
        network_step_s=max(least, chip.network_step_s + later),
        scaleout_step_s=max(least, chip.scaleout_step_s + later),
        oversubscription=max(chip.oversubscription, fabric.si("leaf_taper")),
        leaf_chips=(fabric.get("leaf_endpoints") or 0.0) * fabric.si("rails"),
        leaf_hop_s=leaf * hop,
        group_chips=fabric.get("group_endpoints") or 0.0,
        group_taper=fabric.si("group_taper"),
        group_hop_s=group * hop,
        detour=DETOURS.get(topology, 1.0),
    )


def slice_of(chip: Chip, chips: float) -> Chip:
    """The chip in the part of its torus that a job of `chips` is given; others as they are.

    Schedulers hand out cubes of a torus, so that a small job's groups span more of its axes
    than they would of the whole pod's.
    """
    torus = chip.topology in (TOPOLOGIES["torus-2d"], TOPOLOGIES["torus-3d"])
    return chip._replace(scaleup_domain=min(chip.scaleup_domain, chips)) if torus else chip
