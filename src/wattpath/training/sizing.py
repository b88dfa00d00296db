"""What a training cluster needs beside its servers: checkpoint storage and a network.

Storage is sized so that checkpoints reach it fast enough to be taken at the best distance,
and that it holds the newest ones; the network has one port per chip of the given fabric.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from wattpath import catalog
from wattpath.training.goodput import (
    Reliability,
    Storage,
    best_interval_s,
    load_reliability,
    load_storage,
)


@dataclass(frozen=True, slots=True)
class ClusterExtras:
    """Storage and network of a cluster.

    Attributes
    ----------
    storage_units : float
        Units of the storage system.
    storage_write_bytes_s, storage_capacity_bytes : float
        Rate and capacity of all units together.
    storage_usd, storage_w : float
        Price [USD] and power under load [W].
    network : str
        Name of the scale-out fabric.
    network_usd, network_w : float
        Price [USD] and power [W] of switches, cables and optics, network cards excepted.
    """

    storage_units: float
    storage_write_bytes_s: float
    storage_capacity_bytes: float
    storage_usd: float
    storage_w: float
    network: str
    network_usd: float
    network_w: float


def cluster_extras(
    chips: float,
    state_bytes: float,
    *,
    reliability: Reliability | None = None,
    storage: Storage | None = None,
    fabric: str = "infiniband-ndr",
    oversubscription: float = 1.0,
    copy_bytes_s: float = 20e9,
    kept: float = 20.0,
    busy: float = 0.2,
) -> ClusterExtras:
    """Size and price the storage and the network of a training cluster.

    Parameters
    ----------
    chips : float
        Chips, each with one port.
    state_bytes : float
        Size of a checkpoint [B].
    storage : Storage, optional
        One unit of the system to buy; a rack of flash by default.
    fabric : str
        Key of the scale-out fabric.
    oversubscription : float
        Rate of a leaf's ports to chips over that to the core, at least 1.
    kept : float
        Checkpoints that must be held.
    busy : float
        Share of the time between two checkpoints in which one may be written.

    Notes
    -----
    Data sets and logs need room of their own. Of a full tree's three switch ports for each
    chip two lie above the leaf's own; oversubscription divides their number, price and power.
    """
    reliability = reliability or load_reliability()
    storage = storage or load_storage("usual")
    mean_s = 1.0 / (chips * reliability.failure_rate + reliability.planned_rate)
    # a fiftieth of the mean time between stops repeats 1 % of the work: closer checkpoints
    # are possible but need not be paid for in storage
    interval = max(best_interval_s(state_bytes / chips / copy_bytes_s, mean_s), 0.02 * mean_s)
    rate = state_bytes / (busy * interval)
    units = max(
        1.0,
        math.ceil(rate / storage.write_bytes_s),
        math.ceil(kept * state_bytes / storage.capacity_bytes),
    )
    port = catalog.load("fabric", fabric, "fabric")
    if port.text("tier") != "scale-out":  # a network inside the domain comes with its servers
        port = catalog.load("fabric", "infiniband-ndr")
    ports = (1.0 + 2.0 / oversubscription) / 3.0
    return ClusterExtras(
        storage_units=units,
        storage_write_bytes_s=units * storage.write_bytes_s,
        storage_capacity_bytes=units * storage.capacity_bytes,
        storage_usd=units * storage.price_usd,
        storage_w=units * storage.power_w,
        network=port.name,
        network_usd=chips * ports * (port.get("price_usd") or 0.0),
        network_w=chips * ports * (port.get("switch_w") or 0.0),
    )
