r"""Published cost sheets of a year per power, reproduced from our servers and halls.

.. math::
    k = \left[\frac{S}{P} (1 + c_n + c_s)\, a(r, n) + (k_{hall} + k_{site})\, a(r, n_p)
        + u \, \overline{PUE} \, p \, t\right] + o

with a server's price S and IT power P (network and storage within), annuities a over the lives
that the sheet counts, energy at its price p, and its operation o beside energy. `steps` shows how
the terms of our own book turn into those of the sheet, one after another.

Where it breaks down: the assumptions that a sheet does not publish are derived from its totals or
taken from its successor; the order of the steps decides how their joint effects are shared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from wattpath import catalog, facility
from wattpath.catalog import Entry
from wattpath.economics import CostBook, load_book
from wattpath.economics.finance import yearly_capital_usd
from wattpath.units import YEAR_S


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sheet assumes; lives in s, upkeep and rate a year, prices in SI."""

    rate: float
    server_life_s: float
    network_life_s: float
    plant_life_s: float
    site_life_s: float
    grid_price_usd_j: float
    operation_usd_w_year: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A published sheet beside ours, all in USD per W of computing equipment and year.

    Attributes
    ----------
    source : str
        Key of the publication.
    stated, low, high : float
        Published total and its rounding.
    parts : dict
        Servers, network, hall, land, energy, operation, with the sheet's assumptions.
    steps : tuple of (str, float)
        Our total with our own terms, and after each assumption of the sheet.
    """

    name: str
    source: str
    stated: float
    low: float
    high: float
    parts: dict[str, float]
    steps: tuple[tuple[str, float], ...]

    @property
    def modelled(self) -> float:
        """Our total with the sheet's assumptions."""
        return sum(self.parts.values())

    @property
    def error(self) -> float:
        """Modelled over stated, less one."""
        return self.modelled / self.stated - 1.0


def sheets() -> tuple[Sheet, ...]:
    """All published sheets of the catalogue."""
    return tuple(_sheet(entry) for entry in catalog.entries("costsheet"))


def _sheet(entry: Entry) -> Sheet:
    book = load_book()
    own = _own_terms(entry, book)
    told = replace(
        own,
        rate=entry.si("rate"),
        server_life_s=entry.si("server_life"),
        network_life_s=entry.si("server_life"),
        plant_life_s=entry.si("plant_life"),
        site_life_s=entry.si("plant_life"),
        operation_usd_w_year=entry.si("operation"),
    )
    lives = replace(
        own,
        server_life_s=told.server_life_s,
        network_life_s=told.network_life_s,
        plant_life_s=told.plant_life_s,
        site_life_s=told.site_life_s,
    )
    stages = {
        "with our own terms": own,
        "its lives": lives,
        "its cost of capital": replace(lives, rate=told.rate),
        "its operation beside energy": told,
    }
    steps = tuple((title, sum(_parts(entry, book, one).values())) for title, one in stages.items())
    total = entry.quantity("total")
    parts = _parts(entry, book, told)
    return Sheet(entry.name, total.source, total.value, total.low, total.high, parts, steps)


def _own_terms(entry: Entry, book: CostBook) -> Terms:
    """Our book's terms, with the sheet's price of energy, which no book holds."""
    server = catalog.load("server", entry.text("server"))
    price = _server_usd_w(server, book)
    upkeep = (book.server_maintenance + book.insurance) * price
    land = (book.maintenance + book.insurance) * book.site_usd_w
    return Terms(
        rate=book.rate,
        server_life_s=server.si("life_s"),
        network_life_s=book.network_life_s,
        plant_life_s=book.shell_life_s,
        site_life_s=book.site_life_s,
        grid_price_usd_j=entry.si("grid_price"),
        operation_usd_w_year=upkeep + land + book.staff_usd_w_year,
    )


def _server_usd_w(server: Entry, book: CostBook) -> float:
    """Price of servers, network and storage per W of computing equipment [USD/W]."""
    watts = server.si("peak_w") * book.it_power_factor
    return book.servers_capital_usd(server.si("price_usd")) / watts


def _parts(entry: Entry, book: CostBook, terms: Terms) -> dict[str, float]:
    """Cost of a year by part [USD per W and year]."""
    price = _server_usd_w(catalog.load("server", entry.text("server")), book)
    servers = price * (1.0 + book.storage_share) / book.servers_capital_usd(1.0)
    network = price - servers
    weather = facility.load_weather(entry.text("weather"))
    hall = facility.performance(entry.text("cooling"), entry.text("electrical"), weather)
    load = catalog.load("practice", "campus").si("load_share")
    energy_j = load * hall.pue(load) * YEAR_S
    return {
        "servers and storage": yearly_capital_usd(servers, terms.server_life_s, terms.rate),
        "network": yearly_capital_usd(network, terms.network_life_s, terms.rate),
        "hall": yearly_capital_usd(hall.capital_usd_per_it_w, terms.plant_life_s, terms.rate),
        "land and site works": yearly_capital_usd(book.site_usd_w, terms.site_life_s, terms.rate),
        "energy": energy_j * terms.grid_price_usd_j,
        "operation beside energy": terms.operation_usd_w_year,
    }
