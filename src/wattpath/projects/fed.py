"""How many chips a stated power feeds, or a stated sum buys, where nobody counts them.

    n = P_it / (P_server / m (1 + network + storage))        n = K / K_chip

with m chips in a server; a facility's peak is first divided by the hall's ratio in the worst
hour of the site's weather year. Money tells only where no power is stated, through the capital
of one chip with its share of network, storage and hall.

Where it breaks down: the server is the project's newest known one, or assumed; a power that
holds room to grow, or a sum that pays for years of operation, gives too many chips.
"""

from __future__ import annotations

from dataclasses import replace

from wattpath.catalog import Quantity
from wattpath.projects.figures import Figure, model, plant
from wattpath.projects.project import Project, Stage

#: Server that stands for one that is not named.
ASSUMED = "nvidia-gb300-nvl72"


def with_chips(project: Project, claims: Stage) -> tuple[Stage, str]:
    """The claims with chips: those stated, or as many as the power feeds or the money buys.

    Returns
    -------
    (Stage, str)
        The stage, and the server that was assumed (empty where servers are stated or where
        nothing can be said).
    """
    if claims.chips:
        return claims, ""
    server = project.entry.text("server") or ASSUMED
    known = [fact.of for fact in project.entry.dated("chips") if fact.of]
    if known:
        server = known[-1]
    count = claims.stated.get("chips") or _fed(project, claims, server)
    if count is None:
        return claims, ""
    return replace(claims, chips={server: count}), server


def _fed(project: Project, claims: Stage, server: str) -> Quantity | None:
    """Chips that the stated power feeds or, without any, that the money buys."""
    stated = claims.stated
    hours = plant(project, claims.date)
    told, ratio = stated.get("it_power"), 1.0
    if told is None and (told := stated.get("facility_peak") or stated.get("power")):
        if hours is None:
            return None
        ratio = hours.design_facility_w_per_it_w
    if told is not None:
        each = _one(project, claims, server, told, "it_power")
        if each is None or told.value == 0.0:
            return None
        per = each.value * ratio
        return _count(told, Figure(told.value / per, told.low / per, told.high / per))
    money = stated.get("investment") or stated.get("capital")
    if money is None or money.value == 0.0:
        return None
    each = _one(project, claims, server, money, "capital")
    return _count(money, Figure.of(money).over(each)) if each else None


def _one(project: Project, claims: Stage, server: str, like: Quantity, field: str) -> Figure | None:
    """A modelled figure of a single chip of a server."""
    chip = _count(like, Figure(1.0, 1.0, 1.0))
    found: Figure | None = getattr(model(project, replace(claims, chips={server: chip})), field)
    return found


def _count(source: Quantity, number: Figure) -> Quantity:
    """A derived number of chips with the source of what it follows from."""
    return replace(
        source,
        attribute="chips",
        value=number.value,
        low=number.low,
        high=number.high,
        si_factor=1.0,
        unit="chip",
        evidence="derived",
    )
