"""Announced power supplies against the load, the machines, the money and the date."""

from __future__ import annotations

from collections.abc import Iterator

from wattpath import catalog
from wattpath.catalog import Entry, Quantity
from wattpath.projects.figures import Figure
from wattpath.projects.project import Project, Stage
from wattpath.units import YEAR_S

#: What is checked, what from, the stated number, the implied figure, the relation, its sense.
Pair = tuple[str, str, Quantity, Figure, str, str]

#: Supplies that carry load, by their facts.
FIRM = ("grid_power", "gas_power", "fuel_cell_power")


def supply_findings(project: Project, claims: Stage) -> Iterator[Pair]:
    """Every relation of the supply that the stated figures allow."""
    yield from _enough(project, claims)
    yield from _price(project, claims)
    yield from _in_time(project, claims)


def _enough(project: Project, claims: Stage) -> Iterator[Pair]:
    """The load against all that is stated to carry it."""
    load = claims.stated.get("facility_peak") or claims.stated.get("power")
    carriers = [claims.stated[name] for name in FIRM if name in claims.stated]
    wanted = [key for key in project.entry.texts("supply") if _firm(key)]
    if load is None or load.value == 0.0 or not carriers or len(carriers) < len(wanted):
        return
    low = sum(carrier.low for carrier in carriers)
    high = sum(carrier.high for carrier in carriers)
    total = Figure(sum(carrier.value for carrier in carriers), low, high)
    names = " and ".join(carrier.attribute.replace("_", " ") for carrier in carriers)
    yield load.attribute, names, load, total, "what the supplies can carry", "at most"


def _firm(key: str) -> bool:
    return key == "grid" or catalog.load("supply", key).text("role") == "firm"


def _gas(project: Project) -> Entry | None:
    for key in project.entry.texts("supply"):
        technology = catalog.load("supply", key)
        if technology.text("fuel") == "gas" and technology.text("role") == "firm":
            return technology
    return None


def _price(project: Project, claims: Stage) -> Iterator[Pair]:
    cost, power, technology = (
        claims.stated.get("gas_cost"),
        claims.stated.get("gas_power"),
        _gas(project),
    )
    if cost is None or power is None or technology is None:
        return
    figure = Figure.of(power).times(Figure.of(technology.quantity("capex")))
    yield "gas_cost", "gas_power", cost, figure, f"power x price of {technology.name}", "equal"


def _in_time(project: Project, claims: Stage) -> Iterator[Pair]:
    """The stated year of operation against the longest lead time from the first announcement."""
    ready = claims.stated.get("ready")
    dates = [fact.quantity.date for fact in project.facts]
    if ready is None or not dates:
        return
    leads = [catalog.load("supply", key) for key in project.entry.texts("supply")]
    site = project.entry.text("site")
    known = [lead for lead in (_lead(entry, site) for entry in leads) if lead is not None]
    if not known:
        return
    start = _year(min(dates))
    quickest = min(known, key=lambda quantity: quantity.value)
    times = (quickest.value, quickest.low, quickest.high)
    figure = Figure(*(start + time / YEAR_S for time in times))
    how = "announcement + lead time of the quickest supply"
    yield "ready", "announcement", ready, figure, how, "at least"


def _lead(technology: Entry, site: str) -> Quantity | None:
    if technology.key == "grid":
        return catalog.load("site", site).quantity("grid_lead_time") if site else None
    return technology.quantity("lead_time") if "lead_time" in technology.quantities else None


def _year(date: str) -> float:
    """A date as a fractional year, its middle where only the year is known."""
    parts = [int(part) for part in date.split("-")]
    month = parts[1] if len(parts) > 1 else 7
    return parts[0] + (month - 0.5) / 12.0
