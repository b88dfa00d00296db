"""One run on several sites: how much wide-area network it needs and what it costs in time.

Sites are data-parallel replicas of one another. Synchronous training sums gradients every
step; low-communication methods let each site make H steps of its own and then exchange the
change of the weights, whole or in fragments, blocking or beside the next steps.

Per exchange and site a ring over S sites sends ``2 (1 - 1/S) P b`` bytes for P parameters
of b bytes each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from wattpath import catalog
from wattpath.errors import InputError


class SiteSync(NamedTuple):
    """A way to keep sites in step; see ``catalog/schema/sitesync.csv``."""

    inner_steps: float
    bytes_per_parameter: float
    fragments: float
    overlap: float
    token_factor: float


@dataclass(frozen=True, slots=True)
class SitesResult:
    """What several sites make of a step.

    Attributes
    ----------
    step_s : float
        Mean time of one step, the exchange's exposed part included [s].
    exposed_s : float
        Exposed exchange time per step [s].
    wan_mean_bytes_s : float
        Mean traffic that leaves each site [B/s].
    wan_peak_bytes_s : float
        Rate at which the exchange hides completely [B/s]; infinite where it cannot hide.
    efficiency : float
        Steps per second relative to the same sites without any exchange, divided by the
        method's token factor.
    """

    step_s: float
    exposed_s: float
    wan_mean_bytes_s: float
    wan_peak_bytes_s: float
    efficiency: float


def load_sync(name: str, path: str = "sitesync") -> SiteSync:
    """The method with this key, name or alias."""
    entry = catalog.load("sitesync", name, path)
    return SiteSync(**{field: entry.si(field) for field in SiteSync._fields})


def several_sites(
    step_s: float,
    parameters: float,
    sites: int,
    wan_bytes_s: float,
    sync: SiteSync,
    *,
    latency_s: float = 0.05,
) -> SitesResult:
    """The step of a run whose data-parallel replicas stand on several sites.

    Parameters
    ----------
    step_s : float
        Step time of one site with its share of the batch [s].
    parameters : float
        Parameters of the model.
    sites : int
        Number of sites (1 needs no exchange).
    wan_bytes_s : float
        Rate out of (and into) each site [B/s].
    sync : SiteSync
        How the sites keep in step.
    latency_s : float
        One-way latency between sites [s].

    Raises
    ------
    InputError
        If there is no site or no network between several.

    Notes
    -----
    All sites are equally fast and the ring's slowest link counts. Loss of quality is the
    method's token factor, which published work supports for up to eight sites only.
    """
    if sites < 1:
        raise InputError("sites", "be a whole number >= 1", sites)
    if sites == 1:
        return SitesResult(step_s, 0.0, 0.0, 0.0, 1.0)
    if wan_bytes_s <= 0.0:
        raise InputError("wan", "be a data rate > 0", wan_bytes_s, "Such as '100 Gbit/s'.")
    ring = 2.0 * (1.0 - 1.0 / sites)
    nbytes = ring * parameters * sync.bytes_per_parameter / sync.fragments
    exchange = nbytes / wan_bytes_s + 2.0 * (sites - 1) * latency_s
    window = sync.inner_steps / sync.fragments * step_s
    hidden = min(exchange * sync.overlap, window * sync.overlap)
    exposed = (exchange - hidden) / (sync.inner_steps / sync.fragments)
    total = step_s + exposed
    need = nbytes / (window * sync.overlap) if sync.overlap > 0.0 else float("inf")
    mean = nbytes * sync.fragments / (sync.inner_steps * total)
    return SitesResult(total, exposed, mean, need, step_s / total / sync.token_factor)
