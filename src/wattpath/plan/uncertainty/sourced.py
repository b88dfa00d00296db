"""The sourced ranges that a scenario meets, layer by layer, as effects of grouped inputs.

What a planner decides (a power cap, how far a model is pruned) is no input: its range in the
catalogue says what may be chosen, not what is unknown. Nor is what the scenario itself gives,
such as its own grid price. Lead times stay at their value: a date is kept or missed, which
`wattpath date` answers.
"""

from __future__ import annotations

from wattpath import catalog, hardware, levers
from wattpath.economics.book import FIELDS
from wattpath.hardware import Server
from wattpath.hardware.chip import CHIP_FIELDS
from wattpath.levers.lever import DEFINITION
from wattpath.plan.build import technologies_of
from wattpath.plan.columns.search import servers_of
from wattpath.plan.demand import ServingDemand
from wattpath.plan.scenario import Scenario
from wattpath.plan.uncertainty.inputs import HALF, Collector, alone
from wattpath.serving import DEFAULT_ENGINE

#: Settings whose value is chosen, so that their range is no uncertainty.
CHOSEN = (
    "power_cap",
    "decode_clock",
    "idle_clock",
    "width_factor",
    "depth_factor",
    "layer_share",
    "comm_bits",
    "oversubscription",
)

#: Rates of a chip, which fall when its kernels take longer.
RATES = tuple(field for field in CHIP_FIELDS.values() if field.endswith(("flops", "ops", "_s")))

#: Attributes of a chip family that carry its power.
POWERS = (
    "idle_share", "idle_clocked", "active_share", "compute_power", "memory_power",
    "memory_clocked", "unpack_power", "narrow_power", "voltage_floor",
)  # fmt: skip

#: Costs around the servers -> title and the fields of the book that move together.
BOOK = {
    "network": ("Network and storage, price", ("network_share", "storage_share")),
    "network-power": (
        "Network and storage, power",
        ("network_power_share", "storage_power_share"),
    ),
    "network-life": ("Network and storage, life", ("network_life_s", "storage_life_s")),
    "upkeep": ("Maintenance and insurance", ("server_maintenance", "insurance", "maintenance")),
    "site-works": ("Land and site works", ("site_usd_w",)),
    "staff": ("Operating staff", ("staff_usd_w_year",)),
    "one-off": ("One-off work of software", ("person_month_usd", "chip_s_usd")),
}

#: Prices of another site -> title and the numbers that move together.
ELSEWHERE = {
    "grid-price": ("Price of grid electricity", ["grid_price", "delivery_charge"]),
    "grid-charges": ("Demand charge", ["demand_charge"]),
    "grid-carbon": ("Carbon of grid electricity", ["carbon_average"]),
    "water-price": ("Price of water", ["water_price"]),
}

#: Carbon of making things: fields of the book that move with that of the servers.
EMBODIED = ("network_embodied_share", "storage_embodied_share", "shell_embodied_kg_w")


def compute(found: Collector, scenario: Scenario) -> None:
    """Servers, chip families, levers and the engine."""
    servers = servers_of(scenario)
    for server in servers:
        _price(found, server, len(servers))
    for server in servers:
        _chip(found, server)
    embodied = alone("embodied", "Embodied carbon")
    lives = alone("server-life", "Life of servers")
    for server in servers:
        entry = catalog.load("server", server.key)
        found.add(entry, ["life_s"], lives)
        found.add(entry, ["embodied_kg"], embodied)
    for name in [*scenario.baseline.levers, *scenario.options.levers]:
        _lever(found, name)
    if any(isinstance(demand, ServingDemand) for demand in scenario.demands):
        engine = catalog.load("engine", DEFAULT_ENGINE)
        times = ["host_s", "host_sequence_s", "request_s", "eager_s", "kernel_factor"]
        times += ["prompt_factor", "collective_factor"]
        found.add(engine, times, alone("engine", "Time that the serving engine adds"))


def alone_server(found: Collector, server: Server) -> None:
    """Price, life, times and power of one server that stands for itself."""
    _price(found, server, 1)
    _chip(found, server)
    life = alone("server-life", "Life of servers")
    found.add(catalog.load("server", server.key), ["life_s"], life)


def _price(found: Collector, server: Server, count: int) -> None:
    entry = catalog.load("server", server.key)
    own = alone(f"price {server.key}", f"Price of {server.name}", 1.0 if count == 1 else HALF)
    market = alone("prices", "Prices of all servers", HALF) if count > 1 else []
    found.add(entry, ["price_usd"], [*market, *own])


def _chip(found: Collector, server: Server) -> None:
    """Times and power of a server's chip family, and power of the server around it."""
    known = hardware.chip.describe(server.chip_key)
    family = catalog.load("efficiency", known.family)
    chip = catalog.load("chip", server.chip_key)
    spread = 1.0 + known.relative_range
    slow = (f"time {family.key}", f"Kernel times of {family.name}")
    for entry, names, sign in ((chip, RATES, -1.0), (family, _times(family), 1.0)):
        for name in names:
            if name in entry.quantities and entry.si(name) > 0.0:
                value = entry.si(name)
                found.effect(
                    (entry.kind, entry.key, name),
                    (value / spread, value, value * spread),
                    [(*slow, sign)],
                    evidence=known.evidence,
                )
    power = alone(f"power {family.key}", f"Power of {family.name} and its servers")
    found.add(family, POWERS, power)
    found.add(catalog.load("server", server.key), ["idle_w", "host_w", "peak_w"], power)


def _times(family: catalog.Entry) -> list[str]:
    return [name for name in family.quantities if name.endswith("_s")]


def _lever(found: Collector, name: str) -> None:
    """What a lever does, what it costs in quality, and its one-off work."""
    lever = levers.load(name)
    entry = catalog.load("lever", lever.key)
    for attribute, quantity in lever.effects.items():
        setting = attribute.partition("_")[2]
        if quantity.source == DEFINITION or setting in CHOSEN:
            continue
        words = setting.replace("_", " ")
        title = f"{lever.name}: {words}"
        found.quantity(entry, quantity, alone(f"effect {lever.key} {setting}", title))
    found.add(entry, ["loss_nats"], alone(f"loss {lever.key}", f"{lever.name}: loss"))
    work = alone("one-off", BOOK["one-off"][0])
    found.add(entry, ["gpu_hours", "person_months", "token_fraction"], work)


def site(found: Collector, scenario: Scenario) -> None:
    """Prices and carbon of the place, but for what the scenario gives itself."""
    entry, grid = catalog.load("site", scenario.site, "site"), scenario.grid
    if grid.price is None and grid.price_file is None:
        price = alone("grid-price", "Price of grid electricity")
        found.add(entry, ["grid_price", "delivery_charge"], price)
    charges = alone("grid-charges", "Grid connection and demand charge")
    found.add(entry, ["connection_cost", "demand_charge"], charges)
    if grid.carbon is None:
        found.add(entry, ["carbon_average"], alone("grid-carbon", "Carbon of grid electricity"))
    if any(technology.fuel == "gas" for technology in technologies_of(scenario)):
        found.add(entry, ["gas_price"], alone("gas-price", "Price of gas"))
    found.add(entry, ["water_price"], alone("water-price", "Price of water"))
    found.add(entry, ["tax"], alone("tax", "Property tax"))
    _others(found, scenario)


def _others(found: Collector, scenario: Scenario) -> None:
    """Prices and carbon of other sites, each drawn for itself, and rent of the network."""
    for one in scenario.other_sites:
        entry = catalog.load("site", one.site)
        for key, (title, attributes) in ELSEWHERE.items():
            found.add(entry, attributes, alone(f"{key} {entry.key}", f"{title}, {entry.name}"))
    if scenario.other_sites:
        rent = catalog.load("cost", "network-wide-area")
        found.add(rent, ["rate_price"], alone("network-rent", "Rent of the network between sites"))


def supplies(found: Collector, scenario: Scenario) -> None:
    """Capital, upkeep, efficiency and carbon of each technology but the grid."""
    for technology in technologies_of(scenario):
        if technology.role == "grid":
            continue
        entry, name = catalog.load("supply", technology.key), technology.name
        capital = alone(f"capital {technology.key}", f"{name}: capital and upkeep")
        attributes = ["capex", "capex_energy", "fixed_om", "fixed_om_energy", "variable_om"]
        found.add(entry, attributes, capital)
        found.add(
            entry, ["efficiency"], alone(f"efficiency {technology.key}", f"{name}: efficiency")
        )
        found.add(entry, ["life"], alone("supply-life", "Life of power plants"))
        if technology.fuel != "none" and technology.fuel != "gas":
            found.add(entry, ["fuel_price"], alone("fuel-price", "Price of other fuels"))


def book(found: Collector, scenario: Scenario) -> None:
    """Costs around the servers, embodied carbon and interest."""
    for key, (title, fields) in BOOK.items():
        for field in fields:
            kind, attribute = FIELDS[field]
            found.add(catalog.load("cost", kind), [attribute], alone(key, title))
    for field in EMBODIED:
        key, attribute = FIELDS[field]
        found.add(catalog.load("cost", key), [attribute], alone("embodied", "Embodied carbon"))
    rate = catalog.load("cost", "finance").quantity("rate")
    own = scenario.finance.discount_rate
    span = (own * rate.low / rate.value, own, own * rate.high / rate.value)
    found.effect(
        ("scenario", "finance", "discount_rate"), span, alone("interest", "Interest"), (0.0, 0.5),
        rate.evidence,
    )  # fmt: skip
