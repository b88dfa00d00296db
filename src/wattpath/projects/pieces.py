"""Racks, orders, engines, batteries, leases and dates, each held against the whole.

    n = racks x chips of a rack        order <= n p        M <= 1 year x P_on-site c
    t_battery = E / P                  lease >= yearly cost of what is leased

Where it breaks down: a price per chip is that of its server, which holds more than the chip; a
lease may cover other sites; turbines of one site differ in size, so that only their mean is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from wattpath import catalog
from wattpath.catalog import Entry, Quantity
from wattpath.projects.figures import Figure, Modelled, plant, price_usd
from wattpath.projects.project import Project, Stage
from wattpath.projects.running import Running
from wattpath.projects.supplies import Pair

#: Stated on-site generation -> fuel of the technologies that it may be.
BURNT = {"gas_power": "gas", "fuel_cell_power": "gas"}


def piece_findings(project: Project, claims: Stage, running: Running | None) -> Iterator[Pair]:
    """Every relation of a part to the whole that the stated figures allow."""
    yield from _racks(claims)
    yield from _orders(project, claims)
    yield from _battery(project, claims)
    yield from _scopes(project, claims)
    yield from _smoke(project, claims)
    if running is None or not claims.chips:
        return
    operation, lease = claims.stated.get("operating_cost"), claims.stated.get("lease")
    if operation is not None:
        how = "electricity at the site's price, up to the upkeep of servers and staff"
        yield "operating_cost", "chips", operation, running.operation, how, "equal"
    if lease is not None:
        how = "yearly cost of servers, hall, land, upkeep and electricity"
        yield "lease", "chips", lease, running.everything, how, "at least"


def _racks(claims: Stage) -> Iterator[Pair]:
    """Chips and power of racks that are sold whole."""
    if len(claims.chips) != 1:
        return
    (key, count), *_ = claims.chips.items()
    server = catalog.load("server", key)
    if server.text("form") != "rack":
        return
    racks, power = claims.stated.get("racks"), claims.stated.get("rack_power")
    if racks is not None:
        need = Figure.of(count).times(1.0 / server.si("chips"))
        yield "racks", "chips", racks, need, f"chips over those of one {server.name}", "at least"
    if power is not None and "peak_w" in server.quantities:
        rated = Figure.of(server.quantity("peak_w"))
        yield "rack_power", "server", power, rated, f"rated power of one {server.name}", "at least"


def _orders(project: Project, claims: Stage) -> Iterator[Pair]:
    """The price of an order against the most chips that anybody states."""
    for fact in project.entry.dated("chip_order"):
        counts = [other.quantity for other in project.entry.dated("chips")]
        if fact.status != claims.status or not fact.of or not counts:
            continue
        most = max(counts, key=lambda quantity: quantity.value)
        worth = price_usd({fact.of: most})
        if worth is not None:
            how = f"{most.value:,.0f} chips x price of their share of {fact.of}"
            yield "chip_order", "chips", fact.quantity, worth, how, "at most"


def _battery(project: Project, claims: Stage) -> Iterator[Pair]:
    """Hours of a battery that states both energy and power."""
    energy, power = claims.stated.get("battery_energy"), claims.stated.get("battery_power")
    if energy is None or power is None:
        return
    for key in project.entry.texts("supply") or ("battery-lithium",):
        storage = catalog.load("supply", key)
        if storage.text("role") == "storage":
            hours = Figure(
                storage.si("duration_high"), storage.si("duration_low"), storage.si("duration_high")
            )
            most = Figure.of(power).times(hours)
            how = f"power x longest duration of {storage.name}"
            yield "battery_energy", "battery_power", energy, most, how, "at most"


def _scopes(project: Project, claims: Stage) -> Iterator[Pair]:
    """Computing power, power of an unsaid scope and facility peak of one date in their order."""
    names = ("it_power", "power", "facility_peak")
    if plant(project, claims.date) is not None and "power" not in claims.stated:
        return  # the hall says by how much
    told = [(name, claims.stated[name]) for name in names if name in claims.stated]
    for (low_name, low), (high_name, high) in pairwise(told):
        if low.date == high.date and low.value > 0.0:
            how = "the facility carries its computing equipment"
            yield high_name, low_name, high, Figure.of(low), how, "at least"


def _smoke(project: Project, claims: Stage) -> Iterator[Pair]:
    """Emissions against all on-site generation at full power all year."""
    stated = claims.stated.get("emissions")
    names = [name for name in BURNT if name in claims.stated]
    burning = [entry for entry in _technologies(project) if entry.text("fuel") in BURNT.values()]
    if stated is None or not names or not burning or "grid" in project.entry.texts("supply"):
        return
    rates = [entry.quantity("carbon_direct") for entry in burning]
    rate = Figure(
        max(each.value for each in rates),
        min(each.low for each in rates),
        max(each.high for each in rates),
    )
    power = Figure(0.0, 0.0, 0.0)
    for name in names:
        power = power.plus(Figure.of(claims.stated[name]))
    origin = " and ".join(name.replace("_", " ") for name in names)
    how = "all on-site generation at full power all year"
    yield "emissions", origin, stated, power.times(rate), how, "at most"


def _technologies(project: Project) -> list[Entry]:
    return [catalog.load("supply", key) for key in project.entry.texts("supply")]


def piece_figures(
    project: Project, claims: Stage, modelled: Modelled | None, running: Running | None
) -> dict[str, Figure]:
    """Quotients that nobody states: capital per watt, mean turbine, hours of a battery."""
    found: dict[str, Figure] = {}
    stated = claims.stated
    it = _told(stated, "it_power") or (modelled.it_power if modelled else None)
    load = _told(stated, "facility_peak") or (modelled.facility_peak if modelled else None)
    money = _told(stated, "investment") or _told(stated, "capital")
    money = money or (modelled.capital if modelled else None)
    if money and it:
        found["capital_per_it_power"] = money.over(it)
    if (turbines := _told(stated, "turbines")) and (gas := _told(stated, "gas_power")):
        found["power_per_turbine"] = gas.over(turbines)
    if battery := _told(stated, "battery_energy"):
        by = _told(stated, "battery_power") or load
        if by:
            found["battery_duration"] = battery.over(by)
    if (lease := _told(stated, "lease")) and it:
        found["lease_per_it_power"] = lease.over(it)
    if running is not None:
        found["yearly_cost"] = running.everything
        if "operating_cost" not in stated:
            found["operating_cost"] = running.operation
    for fact in project.entry.dated("chip_order"):
        one = chip_usd(fact.of) if fact.of and fact.status == claims.status else None
        if one is not None:
            found["chips_that_the_order_buys"] = Figure.of(fact.quantity).over(one)
    return found


def chip_usd(server: str) -> Figure | None:
    """Price of one chip's share of a server [USD]."""
    entry = catalog.load("server", server)
    if "price_usd" not in entry.quantities:
        return None
    return Figure.of(entry.quantity("price_usd")).times(1.0 / entry.si("chips"))


def _told(stated: Mapping[str, Quantity], name: str) -> Figure | None:
    quantity = stated.get(name)
    return Figure.of(quantity) if quantity is not None and quantity.value > 0.0 else None


def anachronisms(claims: Stage, assumed: str = "") -> tuple[str, ...]:
    """Servers whose chips were not yet delivered at the date of the facts, stated or assumed."""
    found = []
    for key in (*claims.chips, *([assumed] if assumed else [])):
        chip = catalog.load("chip", catalog.load("server", key).text("chip"))
        first = int(chip.si("year"))
        if int(claims.date[:4]) >= first - (0 if claims.status == "operating" else 3):
            continue
        told = (
            f"These figures are of {claims.date[:4]}, and {chip.name} is first delivered in {first}"
        )
        wrong = (
            "they are counted in chips of another time"
            if key == assumed
            else ("what they say of it cannot be right")
        )
        found.append(f"{told}: {wrong}.")
    return tuple(found)
