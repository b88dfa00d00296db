"""The link between a chip and its host's memory, for what a layout keeps there."""

from __future__ import annotations

from wattpath import catalog
from wattpath.errors import WattpathError


def host_bytes_s(chip: str, path: str = "chip") -> float:
    """One-way rate [B/s] of large copies between a chip and host memory.

    Parameters
    ----------
    chip : str
        Key, name or alias of a chip.

    Returns
    -------
    float
        The rate of the chip's own link, else of its architecture's, else 0 where nothing is
        known (nothing can then be kept on the host).
    """
    try:
        entry = catalog.load("chip", chip, path)
    except WattpathError:
        return 0.0
    links = catalog.entries("hostlink")
    for link in links:
        if entry.key in link.texts("chips"):
            return link.si("bytes_s")
    family = entry.text("architecture")
    for link in links:
        if family in link.texts("architectures"):
            return link.si("bytes_s")
    return 0.0
