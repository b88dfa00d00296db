"""Chips on another network than their own: a fabric of the catalogue, full or thin.

What the kernels see of a fabric is the rate of one port, how chips are wired inside a
scale-up domain, and how much thinner the core of a scale-out network is than its edge.
"""

from __future__ import annotations

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.hardware.chip import TOPOLOGIES, Chip

#: Wiring inside a scale-up domain by the fabric's topology in the catalogue.
WIRING = {
    "switched": "switch",
    "direct": "mesh",
    "mesh": "mesh",
    "torus2d": "torus-2d",
    "torus3d": "torus-3d",
    "host": "bus",
}
#: Scale-out networks that carry every port's full rate unless they are built thinner.
NETWORKS = ("switched", "fat-tree", "rail", "dragonfly")


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
        Ports of a leaf switch (or group of a dragonfly) towards chips over those towards
        the core, at least 1. It divides the scale-out rate.
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
    Fat trees, rails and dragonflies differ here by their oversubscription alone: rings send
    to neighbours and adaptive routing spreads even exchanges, so that a full one of either
    kind carries the rate of its ports. The efficiency at large messages stays the family's
    measured one. Traffic that stays under one leaf switch would not meet a thin core; here
    all that leaves the domain does, which is too slow for small groups.
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
        if topology not in NETWORKS:
            raise InputError(path, f"be one of {', '.join(NETWORKS)} between servers", topology)
        return chip._replace(scaleout_bytes_s=rate)
    if topology not in WIRING:
        raise InputError(path, f"be one of {', '.join(WIRING)} inside a domain", topology)
    most = fabric.si("max_endpoints")
    if chip.scaleup_domain > most:
        raise InputError(path, f"join at most {most:g} chips", chip.scaleup_domain)
    return chip._replace(scaleup_bytes_s=rate, topology=TOPOLOGIES[WIRING[topology]])
