"""What a training run costs: the machines for its time, and its electricity.

The machines are the cheapest priced server with that chip, with their network and storage,
as a yearly cost for the days of the run; the electricity is the chips' energy scaled to the
servers' busy power, times a PUE and a price. Software work and people are not counted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wattpath import catalog, hardware
from wattpath.economics import load_book
from wattpath.hardware import Server

YEAR_DAYS = 365.25
J_PER_MWH = 3.6e9


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
    facility_energy_j : float
        Electricity into the facility [J].
    pue, price_usd_mwh : float
        As given.
    """

    server: str
    machines_usd: float
    electricity_usd: float
    total_usd: float
    capital_usd: float
    facility_energy_j: float
    pue: float
    price_usd_mwh: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def cheapest_server(chip: str) -> Server | None:
    """The server with this chip that costs least per chip, or None if none has a price."""
    key = catalog.load("chip", chip, "chip").key
    names = [entry.key for entry in catalog.entries("server") if entry.text("chip") == key]
    servers = [hardware.load_server(name) for name in names]
    priced = [(s.price_usd / s.chips, s.key, s) for s in servers if s.price_usd is not None]
    return min(priced)[2] if priced else None


def run_cost(
    chip: str, chips: float, days: float, chip_energy_j: float, pue: float, price_usd_mwh: float
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
    pue : float
        Facility energy over IT energy.
    price_usd_mwh : float
        Price of electricity [USD/MWh].
    """
    server = cheapest_server(chip)
    if server is None or server.price_usd is None:
        return None
    book = load_book()
    price = chips / server.chips * server.price_usd
    machines = book.servers_usd_per_year(price, server.life_s) * days / YEAR_DAYS
    host = server.full_w / (server.chips * server.chip.tdp_w) * book.it_power_factor
    energy = chip_energy_j * host * pue
    electricity = energy / J_PER_MWH * price_usd_mwh
    return RunCost(
        server.key,
        machines,
        electricity,
        machines + electricity,
        book.servers_capital_usd(price),
        energy,
        pue,
        price_usd_mwh,
    )
