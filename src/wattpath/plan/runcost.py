"""What a training run costs: the machines for its time, and its electricity.

The machines are the cheapest priced server with that chip, with their network and storage,
as a yearly cost for the days of the run; the electricity is the chips' energy scaled to the
servers' busy power, times the PUE and the price of a place. Where it breaks down: the PUE is
the annual mean at the reference load of the hall; software work and people are not counted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wattpath import catalog, facility
from wattpath.economics import load_book
from wattpath.errors import InputError
from wattpath.hardware.server import cheapest_server
from wattpath.units import DAY_S, YEAR_S

#: Cooling system and electrical chain of a hall that nobody has chosen, by kind of server.
USUAL = {
    "air": "air-chiller-economiser",
    "liquid": "liquid-dry-cooler",
    "immersion": "immersion-single-phase",
}
CHAIN = "modern-double-conversion"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands.

    Attributes
    ----------
    hall : str
        Site, cooling system and electrical chain, or that the user fixed the PUE.
    pue : float
        Facility energy over IT energy, annual mean.
    price_usd_j : float
        Mean price of electricity [USD/J].
    """

    hall: str
    pue: float
    price_usd_j: float


@dataclass(frozen=True, slots=True)
class RunCost:
    """Cost of a run [USD] with what it rests on.

    Attributes
    ----------
    server : str
        Catalogue key of the server that the chips come in.
    machines_usd, electricity_usd, total_usd : float
        Over the run.
    capital_usd : float
        Purchase of all machines.
    it_energy_j, facility_energy_j : float
        Electricity of servers with network and storage, and into the facility [J].
    place : Place
        PUE and price.
    """

    server: str
    machines_usd: float
    electricity_usd: float
    total_usd: float
    capital_usd: float
    it_energy_j: float
    facility_energy_j: float
    place: Place

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def place_of(
    site: str,
    chip: str,
    cooling: str = "",
    pue: float | None = None,
    price_usd_j: float | None = None,
) -> Place | None:
    """A hall at a site for the servers of a chip, and the site's mean price.

    Parameters
    ----------
    site : str
        Catalogue name.
    chip : str
        Catalogue name.
    cooling : str, optional
        Cooling system; the usual one for the servers if not given.
    pue, price_usd_j : float, optional
        What the user fixes in place of the site's.

    Returns
    -------
    Place or None
        None where no server with the chip has a price.

    Raises
    ------
    InputError
        If the site has no weather, or the cooling does not fit the servers or the site.
    """
    entry = catalog.load("site", site, "--site")
    server = cheapest_server(chip)
    if server is None:
        return None
    price = price_usd_j
    if price is None:
        price = entry.si("grid_price") + entry.si("delivery_charge")
    if pue is not None:
        return Place("PUE as given", pue, price)
    name = entry.text("weather") or entry.text("climate")
    if not name:
        raise InputError("--site", "have a weather year", entry.key, "Give --pue instead.")
    system = cooling or next(USUAL[kind] for kind in USUAL if kind in server.cooling)
    hall = facility.performance(system, CHAIN, facility.load_weather(name))
    if not set(server.cooling) & set(hall.accepts):
        raise InputError("--cooling", f"take the heat of {server.key}", system)
    if not hall.feasible:
        raise InputError("--cooling", f"work at {entry.key}", system, hall.reason)
    return Place(f"{entry.key}, {hall.cooling} on {hall.electrical}", hall.pue(), price)


def run_cost(
    chip: str, chips: float, days: float, chip_energy_j: float, place: Place
) -> RunCost | None:
    """Cost of a run, or None where no server with the chip has a known price.

    Parameters
    ----------
    chip : str
        Catalogue name.
    chips : float
        In the cluster.
    days : float
        Length of the run [day].
    chip_energy_j : float
        Energy of the chips over the run [J].
    place : Place
        PUE and price.
    """
    server = cheapest_server(chip)
    if server is None or server.price_usd is None:
        return None
    book = load_book()
    price = chips / server.chips * server.price_usd
    machines = book.servers_usd_per_year(price, server.life_s) * days * DAY_S / YEAR_S
    host = server.full_w / (server.chips * server.chip.tdp_w) * book.it_power_factor
    it_energy = chip_energy_j * host
    electricity = it_energy * place.pue * place.price_usd_j
    return RunCost(
        server.key,
        machines,
        electricity,
        machines + electricity,
        book.servers_capital_usd(price),
        it_energy,
        it_energy * place.pue,
        place,
    )
