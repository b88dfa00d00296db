"""From a project's servers, cooling, climate and supply to the figures that are announced.

Rated computing power is the servers' rated power with network and storage; the facility's
peak is that through the cooling and electrical chain in the worst hour of the site's weather
year. A year's energy follows a mean load. No number belongs to one project.

Ranges combine the relative ranges of the factors as if independent (root of squares of the
distances to the low and to the high end).

Where it breaks down: rated power assumes every rack at its rating at once; a site with several
cooling systems is answered with the one its entry names; carbon counts the grid's mean and the
named on-site plant, without knowing how often each runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from wattpath import catalog, facility, hardware, models
from wattpath.catalog import Entry, Quantity
from wattpath.economics import load_book
from wattpath.facility import FacilityHours
from wattpath.models.work import training_flops_per_token
from wattpath.projects.project import Project, Stage
from wattpath.units import YEAR_S

#: Precision -> attribute of a chip's dense peak.
PEAKS = {
    "fp64": "fp64_flops",
    "bf16": "bf16_flops",
    "fp8": "fp8_flops",
    "fp4": "fp4_flops",
}

#: Electrical chain where none is named.
CHAIN = "modern-double-conversion"

#: Length of a training sequence for tokens a day [token].
SEQUENCE = 8192.0

#: The chip that "equivalents" count in, and the attributes of its eight-bit peak.
EQUIVALENT = "nvidia-h100-sxm"
EIGHT_BIT = ("fp8_flops", "int8_ops")


@dataclass(frozen=True, slots=True)
class Figure:
    """A modelled number in SI with its range."""

    value: float
    low: float
    high: float

    def times(self, other: Figure | float) -> Figure:
        """The product, with relative distances to the ends added as squares."""
        if not isinstance(other, Figure):
            return Figure(self.value * other, self.low * other, self.high * other)
        value = self.value * other.value
        if value == 0.0:
            return Figure(0.0, 0.0, self.high * other.high)
        down = math.hypot(1.0 - self.low / self.value, 1.0 - other.low / other.value)
        up = math.hypot(self.high / self.value - 1.0, other.high / other.value - 1.0)
        return Figure(value, value * max(0.0, 1.0 - down), value * (1.0 + up))

    def plus(self, other: Figure) -> Figure:
        """The sum; both are taken to miss in the same direction."""
        return Figure(self.value + other.value, self.low + other.low, self.high + other.high)

    def over(self, other: Figure) -> Figure:
        """The quotient, with relative distances to the ends added as squares."""
        high = 1.0 / other.low if other.low > 0.0 else math.inf
        return self.times(Figure(1.0 / other.value, 1.0 / other.high, high))

    @classmethod
    def of(cls, quantity: Quantity) -> Figure:
        """A number of the catalogue."""
        return cls(quantity.value, quantity.low, quantity.high)


NOTHING = Figure(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Modelled:
    """What a stage must be, from its servers up. None where an input is not known.

    Attributes
    ----------
    chips : Figure
        Accelerators.
    server_power, it_power, facility_peak : Figure or None
        Rated power of servers, of computing equipment, and highest of the facility [W].
    capital : Figure or None
        Servers, network, storage, building, plant and land [USD].
    energy : Figure or None
        Of the facility in a year [J].
    water : Figure or None
        Of the site [m3/s].
    emissions : Figure or None
        [kg/s] of the year's electricity.
    flops : mapping
        Precision -> dense peak of all chips [FLOP/s].
    training_flops : Figure or None
        Model FLOP rate of a large training run [FLOP/s].
    training_tokens : Figure or None
        What such a run of the catalogue's next frontier model takes in [token/s].
    h100_equivalents : Figure or None
        Chips of that kind with the same eight-bit peak.
    missing : tuple of str
        What keeps some figures from being known, as sentences.
    """

    chips: Figure
    server_power: Figure | None
    it_power: Figure | None
    facility_peak: Figure | None
    capital: Figure | None
    energy: Figure | None
    water: Figure | None
    emissions: Figure | None
    flops: Mapping[str, Figure]
    training_flops: Figure | None
    training_tokens: Figure | None
    h100_equivalents: Figure | None
    missing: tuple[str, ...]


def model(project: Project, stage: Stage) -> Modelled:
    """The figures of a stage from its servers, cooling, weather and supply.

    Raises
    ------
    UnknownNameError
        If a server of the stage is not in the catalogue.
    """
    missing = [] if stage.chips else ["The servers and their number are not public."]
    if not project.entry.texts("supply"):
        missing.append("Carbon cannot be said: the supply of power is not known.")
    servers = [(catalog.load("server", key), count) for key, count in stage.chips.items()]
    power = servers_w(stage.chips)
    book = load_book()
    it = power.times(book.it_power_factor) if power else None
    hours = plant(project, stage.date)
    if hours is None:
        what = "Facility peak, capital, energy, water and carbon cannot be said"
        missing.append(f"{what}: the cooling, the place or its weather is not known.")
    peak = it.times(peak_ratio(hours)) if it and hours else None
    load = Figure.of(catalog.load("practice", "campus").quantity("load_share"))
    mean_it = it.times(load) if it else None
    energy = mean_it.times(hours.pue(load.value) * YEAR_S) if mean_it and hours else None
    water = mean_it.times(_water_ratio(hours)) if mean_it and hours else None
    rates = _rates(servers)
    training = _training(rates)
    return Modelled(
        chips=_sum([Figure.of(count) for count in stage.chips.values()]) or NOTHING,
        server_power=power,
        it_power=it,
        facility_peak=peak,
        capital=_capital(price_usd(stage.chips), it, hours),
        energy=energy,
        water=water,
        emissions=_emissions(project, energy),
        flops=rates,
        training_flops=training,
        training_tokens=training.times(1.0 / _token_flops()) if training else None,
        h100_equivalents=_equivalents(servers),
        missing=tuple(missing),
    )


def servers_w(chips: Mapping[str, Quantity]) -> Figure | None:
    """Rated power of servers by their numbers of chips [W]; None without any."""
    servers = [(catalog.load("server", key), count) for key, count in chips.items()]
    return _sum([_per_chip(server, "peak_w", count) for server, count in servers])


def price_usd(chips: Mapping[str, Quantity]) -> Figure | None:
    """Price of servers by their numbers of chips [USD]; None where one is not known."""
    servers = [(catalog.load("server", key), count) for key, count in chips.items()]
    return _sum([_per_chip(server, "price_usd", count) for server, count in servers])


def plant(project: Project, date: str) -> FacilityHours | None:
    """The project's hall at its place and date; None where cooling or place are not known."""
    entry = project.entry
    later = entry.text("later_cooling") if entry.text("later_from") <= date else ""
    if not (entry.text("cooling") and entry.text("site")):
        return None
    site = catalog.load("site", entry.text("site"))
    station = site.text("weather") or site.text("climate")
    if not station:
        return None
    cooling = later or entry.text("cooling")
    return _performance(cooling, entry.text("electrical") or CHAIN, station)


def peak_ratio(hours: FacilityHours) -> Figure:
    """Facility power over computing power in the worst hour, with the model's own error."""
    return _spread(hours.design_facility_w_per_it_w, "peak_error")


def _water_ratio(hours: FacilityHours) -> Figure:
    return _spread(float(hours.water_m3_per_it_j.mean()), "water_error")


def _spread(value: float, error: str) -> Figure:
    share = catalog.load("practice", "campus").si(error)
    return Figure(value, value * (1.0 - share), value * (1.0 + share))


@cache
def _performance(cooling: str, electrical: str, station: str) -> FacilityHours:
    return facility.performance(cooling, electrical, facility.load_weather(station))


def _sum(figures: list[Figure | None]) -> Figure | None:
    """The sum, or None where nothing or not everything is known."""
    if not figures:
        return None
    total = NOTHING
    for figure in figures:
        if figure is None:
            return None
        total = total.plus(figure)
    return total


def _per_chip(server: Entry, attribute: str, count: Quantity) -> Figure | None:
    """An attribute of a server for so many of its chips."""
    if attribute not in server.quantities:
        return None
    each = Figure.of(server.quantity(attribute)).times(1.0 / server.si("chips"))
    return Figure.of(count).times(each)


def _capital(price: Figure | None, it: Figure | None, hours: FacilityHours | None) -> Figure | None:
    """Servers with network and storage, and the hall for the rated power."""
    if price is None or it is None or hours is None:
        return None
    book = load_book()
    site = it.times(hours.capital_usd_per_it_w + book.site_usd_w)
    return price.times(book.servers_capital_usd(1.0)).plus(site)


def _emissions(project: Project, energy: Figure | None) -> Figure | None:
    """Carbon of a year's electricity: half-way between the announced supplies, which bound it."""
    if energy is None or not project.entry.texts("supply"):
        return None
    site = catalog.load("site", project.entry.text("site"))
    each = []
    for key in project.entry.texts("supply"):
        technology = catalog.load("supply", key)
        if key == "grid":
            each.append(site.si("carbon_average"))
        elif technology.text("role") != "storage":
            each.append(technology.si("carbon_direct"))
    if not each:
        return None
    mix = Figure(0.5 * (min(each) + max(each)), min(each), max(each))
    return energy.times(mix).times(1.0 / YEAR_S)


def _rates(servers: list[tuple[Entry, Quantity]]) -> dict[str, Figure]:
    found = {}
    for precision, attribute in PEAKS.items():
        peaks = [_peak(server, (attribute,), count) for server, count in servers]
        total = _sum(peaks)
        if total is not None:
            found[precision] = total
    return found


def _peak(server: Entry, attributes: tuple[str, ...], count: Quantity) -> Figure | None:
    """The first known of some peaks of a server's chip, for all its chips."""
    chip = catalog.load("chip", server.text("chip"))
    for attribute in attributes:
        if attribute in chip.quantities:
            return Figure.of(count).times(chip.si(attribute))
    return None


def _training(rates: Mapping[str, Figure]) -> Figure | None:
    if "bf16" not in rates:
        return None
    share = catalog.load("practice", "campus").quantity("training_share")
    return rates["bf16"].times(Figure.of(share))


@cache
def _token_flops() -> float:
    """Work of one trained token of the service's model, without recomputation [FLOP]."""
    run = next(s for s in catalog.entries("service") if s.text("demand") == "training")
    return float(training_flops_per_token(models.load(run.text("model")).shape, SEQUENCE, 0.0))


def _equivalents(servers: list[tuple[Entry, Quantity]]) -> Figure | None:
    total = _sum([_peak(server, EIGHT_BIT, count) for server, count in servers])
    one = hardware.load_chip(EQUIVALENT).fp8_flops
    return None if total is None else total.times(1.0 / one)
