"""How many chips a stated power feeds, where nobody counts them.

    n = P_it / (P_server / m (1 + network + storage))

with m chips in a server; a facility's peak is first divided by the hall's ratio in the worst
hour of the site's weather year.

Where it breaks down: the server is the project's newest known one, or assumed; a power that
holds room to grow gives too many chips.
"""

from __future__ import annotations

from dataclasses import replace

from wattpath.catalog import Quantity
from wattpath.projects.figures import model, plant
from wattpath.projects.project import Project, Stage

#: Server that stands for one that is not named.
ASSUMED = "nvidia-gb300-nvl72"


def with_chips(project: Project, claims: Stage) -> tuple[Stage, str]:
    """The claims with chips: those stated, or as many as the power feeds.

    Returns
    -------
    (Stage, str)
        The stage, and the server that was assumed (empty where servers are stated or where
        nothing can be said).
    """
    if claims.chips:
        return claims, ""
    server = ASSUMED
    known = [fact.of for fact in project.entry.dated("chips") if fact.of]
    if known:
        server = known[-1]
    count = claims.stated.get("chips") or _fed(project, claims, server)
    if count is None:
        return claims, ""
    return replace(claims, chips={server: count}), server


def _fed(project: Project, claims: Stage, server: str) -> Quantity | None:
    """Chips that the stated power feeds, as a derived number."""
    stated = claims.stated
    power = stated.get("it_power")
    ratio = 1.0
    if power is None:
        power = stated.get("facility_peak") or stated.get("power")
        hours = plant(project, claims.date)
        if power is None or hours is None:
            return None
        ratio = hours.design_facility_w_per_it_w
    one = replace(power, value=1.0, low=1.0, high=1.0, si_factor=1.0, unit="chip")
    each = model(project, replace(claims, chips={server: one})).it_power
    if each is None or power.value == 0.0:
        return None
    per = each.value * ratio
    return replace(
        one, value=power.value / per, low=power.low / per, high=power.high / per, evidence="derived"
    )
