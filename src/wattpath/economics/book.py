"""The book of costs: what belongs to a site beside servers, plant and supply.

Yearly cost of servers of price S with life n, and of the site per W of IT capacity:

    K_servers = S [ a(r, n) + a(r, n_net) q_net + a(r, n_sto) q_sto
                    + (m + i) (1 + q_net + q_sto) ]
    k_site    = (a(r, n_l) + m_l + i) c_l + o

with shares q of the server price for network and storage, maintenance m, insurance i,
capital c_l of land and site works, and staff o. Building, cooling and electrical plant
(facility), generation and grid (supply), energy, water and property tax (site) are counted
in their own layers; of the building only the time to erect it and its carbon stand here.

Where it breaks down: shares of a price ignore the network's real topology; staff does
not grow by the watt in small server rooms; no tax, debt or resale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wattpath import catalog
from wattpath.catalog import Quantity
from wattpath.economics.finance import yearly_capital_usd
from wattpath.errors import UnknownNameError

#: Field of the book -> entry and attribute of the catalogue.
FIELDS: dict[str, tuple[str, str]] = {
    "rate": ("finance", "rate"),
    "server_life_s": ("server-life", "life"),
    "network_share": ("network-scale-out", "server_share"),
    "network_life_s": ("network-scale-out", "life"),
    "network_power_share": ("network-scale-out", "power_share"),
    "network_embodied_share": ("network-scale-out", "embodied_share"),
    "storage_share": ("storage", "server_share"),
    "storage_life_s": ("storage", "life"),
    "storage_power_share": ("storage", "power_share"),
    "storage_embodied_share": ("storage", "embodied_share"),
    "server_maintenance": ("server-maintenance", "yearly_share"),
    "insurance": ("insurance", "yearly_share"),
    "shell_life_s": ("building", "life"),
    "shell_lead_s": ("building", "lead_time"),
    "shell_embodied_kg_w": ("building", "embodied"),
    "site_usd_w": ("site-works", "capital"),
    "site_life_s": ("site-works", "life"),
    "maintenance": ("maintenance", "yearly_share"),
    "staff_usd_w_year": ("staff-operations", "fixed"),
    "person_month_usd": ("engineering", "price_month"),
    "chip_s_usd": ("accelerator-hour", "price_hour"),
}


@dataclass(frozen=True, slots=True)
class CostBook:
    """Costs of a site in SI, each with its evidence in `evidence`.

    Parameters
    ----------
    rate : float
        Real interest [1/year].
    server_life_s, network_life_s, storage_life_s, shell_life_s, site_life_s : float
        Economic lives [s].
    network_share, storage_share : float
        Capital as a share of the price of servers [-].
    network_power_share, storage_power_share : float
        IT power as a share of the servers' [-].
    network_embodied_share, storage_embodied_share : float
        Embodied carbon as a share of the servers' [-].
    server_maintenance, insurance, maintenance : float
        Yearly share of the capital concerned [1/year].
    site_usd_w : float
        Capital of land and site works [USD per W of IT capacity].
    shell_lead_s : float
        From decision to a building [s].
    shell_embodied_kg_w : float
        Embodied carbon of building and plant [kg CO2e per W of IT capacity].
    staff_usd_w_year : float
        Operating staff [USD per W of IT capacity and year].
    person_month_usd, chip_s_usd : float
        Price of one-off work: people [USD/person-month], accelerators [USD/s].
    currency_year : int
        Year whose dollars all costs are in.
    evidence : dict of str to Quantity
        The sourced number behind each field.
    """

    rate: float
    server_life_s: float
    network_share: float
    network_life_s: float
    network_power_share: float
    network_embodied_share: float
    storage_share: float
    storage_life_s: float
    storage_power_share: float
    storage_embodied_share: float
    server_maintenance: float
    insurance: float
    shell_life_s: float
    shell_lead_s: float
    shell_embodied_kg_w: float
    site_usd_w: float
    site_life_s: float
    maintenance: float
    staff_usd_w_year: float
    person_month_usd: float
    chip_s_usd: float
    currency_year: int
    evidence: dict[str, Quantity] = field(repr=False, compare=False, hash=False)

    def servers_usd_per_year(self, price_usd: float, life_s: float | None = None) -> float:
        """Yearly cost of servers with their share of network and storage [USD/year].

        Parameters
        ----------
        price_usd : float
            Price of the servers [USD].
        life_s : float, optional
            Their life where known [s].
        """
        life = self.server_life_s if life_s is None else life_s
        network, storage = price_usd * self.network_share, price_usd * self.storage_share
        capital = (
            yearly_capital_usd(price_usd, life, self.rate)
            + yearly_capital_usd(network, self.network_life_s, self.rate)
            + yearly_capital_usd(storage, self.storage_life_s, self.rate)
        )
        upkeep = (self.server_maintenance + self.insurance) * (price_usd + network + storage)
        return capital + upkeep

    def servers_capital_usd(self, price_usd: float) -> float:
        """Purchase of servers with network and storage [USD]."""
        return price_usd * (1.0 + self.network_share + self.storage_share)

    @property
    def it_power_factor(self) -> float:
        """IT power with network and storage over that of the servers alone [-]."""
        return 1.0 + self.network_power_share + self.storage_power_share

    @property
    def land_and_staff_usd_w_year(self) -> float:
        """Yearly cost of land and site works, their upkeep, and staff [USD per W and year].

        Per W of IT capacity. Building and plant stand in `wattpath.facility`.
        """
        upkeep = self.maintenance + self.insurance
        land = yearly_capital_usd(self.site_usd_w, self.site_life_s, self.rate)
        return land + upkeep * self.site_usd_w + self.staff_usd_w_year

    def one_off_usd(self, chip_s: float, person_months: float) -> float:
        """Price of one-off work: accelerator time [s] and people [USD]."""
        return chip_s * self.chip_s_usd + person_months * self.person_month_usd


def load_book(overrides: Mapping[str, float] | None = None) -> CostBook:
    """The book from the catalogue.

    Parameters
    ----------
    overrides : mapping of str to float, optional
        Field of `CostBook` -> SI value, for a scenario's own figures and for draws.

    Raises
    ------
    UnknownNameError
        If an override names no field.
    """
    given = dict(overrides or {})
    for name in given:
        if name not in FIELDS:
            raise UnknownNameError("costs", "cost", name, FIELDS)
    evidence = {
        name: catalog.load("cost", key).quantity(attribute)
        for name, (key, attribute) in FIELDS.items()
    }
    values = {name: given.get(name, quantity.value) for name, quantity in evidence.items()}
    year = int(catalog.load("cost", "finance").si("currency_year"))
    return CostBook(**values, currency_year=year, evidence=evidence)


def boundaries() -> tuple[tuple[str, str], ...]:
    """Name of each cost with what it counts and what it leaves to others."""
    return tuple((entry.name, entry.text("boundary")) for entry in catalog.entries("cost"))
