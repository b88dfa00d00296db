"""What it is worth that the grid may be called off for some hours a year.

The plan is chosen once more on the representative days with a firm connection, which stands
when the site says rather than when the agreement says. What is told is the difference in cost
and in the size of the connection.

Where it breaks down: on representative days, in which a few hours more than asked are called
off; a plan over several years is not asked again.
"""

from __future__ import annotations

from dataclasses import replace

from wattpath import units
from wattpath.plan.optimise import Optimiser
from wattpath.plan.result import Binding
from wattpath.supply.program import Solution
from wattpath.supply.site import SiteHours
from wattpath.units import MONTH_S


def worth_of_agreement(
    days: Optimiser, solution: Solution, players: frozenset[str]
) -> tuple[Binding, ...]:
    """The agreement of a plan of one year in a sentence; nothing where there is none.

    Parameters
    ----------
    days : Optimiser
        Over the representative days.
    solution : Solution
        Of the plan.
    players : frozenset of str
        What the plan may use.
    """
    site = days.parts.site
    if site.curtailed_h <= 0.0 or "grid" not in days.supply.capacity or not alone(days):
        return ()
    firm = firm_site(site)
    parts = replace(days.parts, site=firm)
    other = Optimiser(parts, days.compute.slots, days.periods)
    found = other.solve(players)
    scale = days.parts.scale
    own = float(solution.x[days.supply.capacity["grid"]]) * scale.power_w
    text = (
        f"The grid may be called off for {site.curtailed_h:.0f} hours a year and carries up to "
        f"{units.show(own, 'W')}"
    )
    sooner = (firm.grid_lead_s - site.grid_lead_s) / MONTH_S
    if sooner > 0.0:
        text += f", {sooner:.0f} months before a firm connection"
    if not found.optimal:
        worth, text = float("nan"), f"{text}; with a firm one there would be no plan."
        return (Binding("curtailment agreement", worth, "USD/year", text),)
    worth = (found.objective - solution.objective) * scale.money_usd
    column = other.supply.capacity.get("grid")
    firm_w = 0.0 if column is None else float(found.x[column]) * scale.power_w
    verb = "saves" if worth >= 0.0 else "costs"
    text += (
        f"; against a firm one of {units.show(firm_w, 'W')} it {verb} "
        f"{units.show_usd(abs(worth))} a year."
    )
    return (Binding("curtailment agreement", worth, "USD/year", text),)


def alone(days: Optimiser) -> bool:
    """Whether the programme is of this year only."""
    return days.weight == 1.0


def firm_site(site: SiteHours) -> SiteHours:
    """The same site with a connection that is never called off, at the site's own time."""
    return replace(site, curtailed_h=0.0, grid_lead_s=site.firm_lead_s)
