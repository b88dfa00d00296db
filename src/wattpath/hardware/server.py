"""A server or rack: chips in a box with a host, a maker, a price and a way to cool it."""

from __future__ import annotations

from dataclasses import dataclass

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.hardware.chip import TOPOLOGIES, Chip, load_chip


@dataclass(frozen=True, slots=True)
class Server:
    """One unit as sold.

    Attributes
    ----------
    key, name, maker : str
        Catalogue key, full name and maker.
    chip : Chip
        Its accelerator; the scale-up domain is the server's own where it differs.
    chip_key : str
        The accelerator's catalogue key.
    chips : float
        Accelerators in the unit.
    idle_w, full_w, peak_w : float
        Power of the whole unit [W] without work, expected with all its chips at their limit,
        and rated. What lies between the last two is margin that supplies must carry but
        that energy bills never see: host parts are rarely all busy at once.
    price_usd : float or None
        Price [USD] with its chips; None where no price is known.
    cooling : tuple of str
        "air", "liquid" or "immersion".
    liquid_share : float
        Share of its heat that leaves by liquid.
    lead_time_s, life_s : float
        From order to delivery, and economic life [s].
    embodied_kg : float or None
        Greenhouse gases of making it [kg CO2e].
    """

    key: str
    name: str
    maker: str
    chip: Chip
    chip_key: str
    chips: float
    price_usd: float | None
    idle_w: float
    full_w: float
    peak_w: float
    cooling: tuple[str, ...]
    liquid_share: float
    lead_time_s: float
    life_s: float
    embodied_kg: float | None


def load_server(name: str, path: str = "server") -> Server:
    """The server with this key, name or alias.

    Raises
    ------
    UnknownNameError
        If the catalogue has no such server.
    InputError
        If its chip has no published peak or bandwidth.
    """
    entry = catalog.load("server", name, path)
    chip_entry = catalog.load("chip", entry.text("chip"), f"{path}.chip")
    chip = load_chip(chip_entry.key, f"{path}.chip")
    domain = entry.si("scaleup_domain")
    if chip.topology == TOPOLOGIES["bus"]:  # cards without a link of their own share the host's
        domain = max(domain, entry.si("chips"))
    chip = chip._replace(scaleup_domain=domain)
    if entry.si("peak_w") <= entry.si("idle_w"):
        raise InputError(f"{path}.peak_w", "be above idle_w", entry.si("peak_w"))
    return Server(
        key=entry.key,
        name=entry.name,
        maker=entry.text("maker"),
        chip=chip,
        chip_key=chip_entry.key,
        chips=entry.si("chips"),
        price_usd=entry.get("price_usd"),
        idle_w=entry.si("idle_w"),
        full_w=min(entry.si("peak_w"), entry.si("chips") * chip.tdp_w + entry.si("host_w")),
        peak_w=entry.si("peak_w"),
        cooling=entry.texts("cooling"),
        liquid_share=entry.si("liquid_share"),
        lead_time_s=entry.si("lead_time_s"),
        life_s=entry.si("life_s"),
        embodied_kg=entry.get("embodied_kg"),
    )


def cheapest_server(chip: str) -> Server | None:
    """The server with this chip that costs least per chip, or None if none has a price."""
    key = catalog.load("chip", chip, "chip").key
    names = [entry.key for entry in catalog.entries("server") if entry.text("chip") == key]
    servers = [load_server(name) for name in names]
    priced = [(s.price_usd / s.chips, s.key, s) for s in servers if s.price_usd is not None]
    return min(priced)[2] if priced else None
