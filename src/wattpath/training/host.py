"""The link between a chip and its host: what may lie in host memory, how fast kernels come."""

from __future__ import annotations

from typing import NamedTuple

from wattpath import catalog
from wattpath.errors import WattpathError


class HostLink(NamedTuple):
    """One-way rate to host memory [B/s] and time to issue kernels relative to PCIe hosts."""

    bytes_s: float
    issue_factor: float


def host_link(chip: str) -> HostLink:
    """The host link of a chip.

    Parameters
    ----------
    chip : str
        Key, name or alias of a chip.

    Returns
    -------
    HostLink
        The chip's own link, else its architecture's; a rate of 0 where nothing is known
        (nothing can then be kept on the host).
    """
    try:
        entry = catalog.load("chip", chip)
    except WattpathError:
        return HostLink(0.0, 1.0)
    links = catalog.entries("hostlink")
    family = entry.text("architecture")
    own = [link for link in links if entry.key in link.texts("chips")]
    own += [link for link in links if family in link.texts("architectures")]
    if not own:
        return HostLink(0.0, 1.0)
    return HostLink(own[0].si("bytes_s"), own[0].si("issue_factor"))
