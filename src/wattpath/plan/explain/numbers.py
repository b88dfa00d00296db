"""The catalogue's numbers behind a deployment, a hall, a supply and their money.

What is listed is what the layer below reads: the fields of a chip, not all of its datasheet.
A family of chips has some fifty constants of its kernels, of which the efficiencies are listed
and then the range that all together leave a kernel's time; `wattpath catalog efficiency` has all.
"""

from __future__ import annotations

from collections.abc import Iterator

from wattpath import catalog, hardware, levers
from wattpath.economics.book import FIELDS
from wattpath.hardware.chip import CHIP_FIELDS
from wattpath.levers.lever import DEFINITION
from wattpath.plan.explain.step import Step, given, of_entry, sourced
from wattpath.plan.result import Built, Chosen
from wattpath.plan.scenario import Scenario
from wattpath.plan.uncertainty.sourced import POWERS
from wattpath.serving import DEFAULT_ENGINE

#: Fields of a chip that only links between chips use.
LINKS = ("scaleup_bytes_s", "scaleup_domain", "scaleout_bytes_s")

#: Constants of a family of chips that are listed one by one.
EFFICIENCIES = ("memory_eff", "decode_memory_eff", "attention_eff", "softmax_flops", "launch_s")

#: Numbers of the engine that are listed one by one.
ENGINE = ("host_s", "host_sequence_s", "request_s", "kernel_factor", "prompt_factor")

#: Rated widths of a matrix product [bit] -> field of the chip and constant of its family.
WIDTHS = {16: ("bf16_flops", "gemm_eff_16"), 8: ("fp8_flops", "gemm_eff_8"),
          4: ("fp4_flops", "gemm_eff_4")}  # fmt: skip

#: Words in the name of a hall's attribute that is about money or time, not about power.
BUILDING = ("usd", "lead", "life", "embodied")

#: Costs around servers and halls, by fields of the book.
AROUND = ("network_share", "network_life_s", "storage_share", "storage_life_s",
          "server_maintenance", "insurance")  # fmt: skip
SITE = ("site_usd_w", "site_life_s", "maintenance", "staff_usd_w_year")
MADE = ("network_embodied_share", "network_life_s", "storage_embodied_share", "storage_life_s")
SHELL = ("shell_embodied_kg_w", "shell_life_s")

#: Attributes of supply technologies.
MONEY = ("capex", "capex_energy", "fixed_om", "fixed_om_energy", "variable_om", "efficiency",
         "fuel_price", "life")  # fmt: skip
#: J in a MWh, kg/J in kg/MWh.
MWH_J = 3.6e9


def rates(item: Chosen, scenario: Scenario | None) -> Iterator[Step]:
    """What the capacity of a deployment rests on: model, chip, family, engine, levers."""
    column = item.deployment
    demands = {} if scenario is None else {one.name: one for one in scenario.demands}
    demand = demands.get(column.demand)
    if demand is not None and not demand.model.endswith(".json"):
        entry = catalog.load("model", demand.model)
        names = ("params_total", "params_active", "layers", "hidden", "kv_heads")
        yield from of_entry(entry, names)
    known = hardware.chip.describe(column.chip)
    family = catalog.load("efficiency", known.family)
    served = demand is None or demand.kind == "serving"
    bits = _product_bits(column.levers, served=served)
    peak, efficiency = WIDTHS[bits]
    peaks = {field for field, _ in WIDTHS.values()} | {"int8_flops", "tdp_w"}
    used = {field: name for field, name in CHIP_FIELDS.items() if field not in peaks - {peak}}
    if column.chips == 1.0 or column.label == "tp1":
        used = {field: name for field, name in used.items() if field not in LINKS}
    yield from of_entry(catalog.load("chip", column.chip), tuple(used.values()))
    yield from of_entry(family, (efficiency, *EFFICIENCIES))
    spread = known.relative_range
    words = f"{family.name}: a kernel's time over that of its constants"
    law = "the spread of its measured kernels"
    yield Step(words, 1.0, "-", 1.0 / (1.0 + spread), 1.0 + spread, law, known.evidence)
    if served:
        yield from of_entry(catalog.load("engine", DEFAULT_ENGINE), ENGINE)
    for key in column.levers:
        entry = catalog.load("lever", key)
        effects = levers.load(key).effects.items()
        yield from of_entry(entry, tuple(name for name, one in effects if one.source != DEFINITION))


def _product_bits(keys: tuple[str, ...], *, served: bool) -> int:
    """Width of matrix products, the wider of weights and activations [bit]."""
    chosen = levers.by_names(keys)
    if served:
        found = levers.apply_serving(chosen, levers.plain_serving())
        bits = max(found.weight_bits, found.act_bits)
    else:
        bits = levers.apply_training(chosen, levers.TrainingSettings()).gemm_bits
    return min(WIDTHS, key=lambda width: (width < bits, width))


def power(item: Chosen) -> Iterator[Step]:
    """What the power of a deployment rests on: chip, server, and network around them."""
    column = item.deployment
    yield from of_entry(catalog.load("chip", column.chip), ("tdp_w",))
    yield from of_entry(catalog.load("server", column.server), ("idle_w", "host_w", "peak_w"))
    family = catalog.load("efficiency", hardware.chip.describe(column.chip).family)
    yield from of_entry(family, POWERS)
    yield from book("network_power_share", "storage_power_share")


def hall(item: Chosen) -> Iterator[Step]:
    """What the overhead and the water of a hall rest on."""
    for kind, key in (("cooling", item.cooling), ("electrical", item.electrical)):
        entry = catalog.load(kind, key)
        names = (n for n in entry.quantities if not any(word in n for word in BUILDING))
        yield from of_entry(entry, tuple(names))


def server_money(item: Chosen, scenario: Scenario | None) -> Iterator[Step]:
    """Price and life of servers, what stands around them, one-off work of new software."""
    entry = catalog.load("server", item.deployment.server)
    yield from of_entry(entry, ("price_usd", "life_s"))
    yield from book(*AROUND)
    if item.deployment.once_usd_per_year > 0.0:
        on = [] if scenario is None else scenario.baseline.levers
        done = {lever.key for lever in levers.by_names(on)}
        for key in (one for one in item.deployment.levers if one not in done):
            work = ("token_fraction", "gpu_hours", "person_months")
            yield from of_entry(catalog.load("lever", key), work)
        yield from book("person_month_usd", "chip_s_usd")


def hall_money(item: Chosen) -> Iterator[Step]:
    """Capital, upkeep and life of a hall."""
    for kind, key in (("cooling", item.cooling), ("electrical", item.electrical)):
        entry = catalog.load(kind, key)
        names = (n for n in entry.quantities if "usd" in n or n == "life_s")
        yield from of_entry(entry, tuple(names))
    yield from book(*SITE)


def supply_money(built: Built, scenario: Scenario | None) -> Iterator[Step]:
    """Capital and running cost of a technology; of the grid the site's prices."""
    entry = catalog.load("supply", built.key)
    if built.key != "grid":
        yield from of_entry(entry, MONEY)
        if scenario is not None and entry.text("fuel") == "gas":
            yield from of_entry(catalog.load("site", scenario.site), ("gas_price", "tax"))
        return
    yield from of_entry(entry, ("life", "fixed_om"))
    if scenario is None:
        return
    site = site_of(built, scenario)
    price = scenario.grid.price if site == scenario.site else None
    names = ["connection_cost", "demand_charge", "delivery_charge", "tax"]
    if price is not None:
        yield given("mean price of the grid", price * MWH_J, "USD/MWh")
    elif scenario.grid.price_file is None or site != scenario.site:
        names.insert(0, "grid_price")
    yield from of_entry(catalog.load("site", site), tuple(names))


def supply_carbon(built: Built, scenario: Scenario | None) -> Iterator[Step]:
    """Emissions of a technology; of the grid those of the site."""
    if built.key != "grid":
        yield from of_entry(
            catalog.load("supply", built.key), ("carbon_direct", "carbon_life_cycle", "efficiency")
        )
    elif scenario is not None:
        site = site_of(built, scenario)
        mean = scenario.grid.carbon if site == scenario.site else None
        if mean is not None:
            yield given("mean carbon of the grid", mean * MWH_J, "kg/MWh")
        elif scenario.grid.carbon_file is None or site != scenario.site:
            yield from of_entry(catalog.load("site", site), (f"carbon_{scenario.carbon.grid}",))


def site_of(built: Built, scenario: Scenario) -> str:
    """The site whose grid this is: the scenario's, or the other one that its name ends with."""
    for other in scenario.other_sites:
        if built.name.endswith(f", {catalog.load('site', other.site).name}"):
            return str(other.site)
    return scenario.site


def embodied(item: Chosen) -> Iterator[Step]:
    """Carbon of making servers, network and storage."""
    yield from of_entry(catalog.load("server", item.deployment.server), ("embodied_kg", "life_s"))
    yield from book(*MADE)


def dates(item: Chosen) -> Iterator[Step]:
    """Lead times of servers, software and halls."""
    yield from of_entry(catalog.load("server", item.deployment.server), ("lead_time_s",))
    for key in item.deployment.levers:
        yield from of_entry(catalog.load("lever", key), ("adopt",))
    for kind, key in (("cooling", item.cooling), ("electrical", item.electrical)):
        yield from of_entry(catalog.load(kind, key), ("lead_time_s",))
    yield from book("shell_lead_s")


def book(*fields: str) -> Iterator[Step]:
    """Fields of the book of costs."""
    for field in fields:
        key, attribute = FIELDS[field]
        entry = catalog.load("cost", key)
        yield sourced(entry.name, entry.quantity(attribute))
