"""What a project costs in a year: to run, and in all.

    O = E (p + d) + P_peak D + q S + o P_it          K = O + annuities of servers, hall and land

with energy E at the site's price p and delivery charge d, a demand charge D on the peak, upkeep
q of servers with network and storage, and staff o. The low end of what running costs is the
energy alone, since publications differ in what they count.

Where it breaks down: on-site generation is priced as the site's grid; no tax, profit or resale.
"""

from __future__ import annotations

from dataclasses import dataclass

from wattpath import catalog
from wattpath.catalog import Entry, Quantity
from wattpath.economics import load_book
from wattpath.economics.finance import yearly_capital_usd
from wattpath.projects.figures import Figure, Modelled, plant, price_usd
from wattpath.projects.project import Project, Stage
from wattpath.units import YEAR_S


@dataclass(frozen=True, slots=True)
class Running:
    """Cost of operation and of everything [USD/s]."""

    operation: Figure
    everything: Figure


def running(project: Project, stage: Stage, modelled: Modelled) -> Running | None:
    """Yearly costs of a stage; None where servers, place, price or power is not known."""
    hours = plant(project, stage.date)
    price = price_usd(stage.chips)
    it, peak, energy = modelled.it_power, modelled.facility_peak, modelled.energy
    if not (hours and price and it and peak and energy and stage.chips):
        return None
    book = load_book()
    electricity = _electricity(catalog.load("site", project.entry.text("site")), energy, peak)
    upkeep = (book.server_maintenance + book.insurance) * book.servers_capital_usd(1.0)
    care = price.times(upkeep).plus(it.times(book.staff_usd_w_year))
    full = electricity.plus(care)
    operation = Figure(full.value, electricity.low, full.high)
    servers = price.times(book.servers_usd_per_year(1.0) - upkeep)
    each = yearly_capital_usd(hours.capital_usd_per_it_w, book.shell_life_s, book.rate)
    site = it.times(each + book.land_and_staff_usd_w_year - book.staff_usd_w_year)
    everything = full.plus(servers).plus(site)
    return Running(operation.times(1.0 / YEAR_S), everything.times(1.0 / YEAR_S))


def _electricity(site: Entry, energy: Figure, peak: Figure) -> Figure:
    """Bill of a year's energy [USD]."""
    price = Figure.of(site.quantity("grid_price")).plus(_charge(site, "delivery_charge"))
    return energy.times(price).plus(peak.times(_charge(site, "demand_charge")))


def _charge(site: Entry, name: str) -> Figure:
    quantity: Quantity | None = site.quantities.get(name)
    return Figure.of(quantity) if quantity else Figure(site.si(name), site.si(name), site.si(name))
