"""A way to make, store or import electricity, and what it costs a year.

The yearly cost of a watt of capacity is

    a(r, n) C (1 + r)^(s / 2) + F,      a(r, n) = r / (1 - (1 + r)^-n)

with overnight capital C, life n, spending time s (half of it bears interest) and fixed
operation F; a joule costs fuel over efficiency plus variable operation.

Where it breaks down: one cost for all sizes, no tax shield and no residual value, constant
efficiency over load, and a real interest rate that is the same for every technology.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.errors import InputError

if TYPE_CHECKING:
    from wattpath.catalog import Entry

YEAR_S = 31_557_600.0
HOUR_S = 3600.0

ROLES = ("grid", "firm", "solar", "wind", "storage", "backup")


def annuity(rate: float, years: float) -> float:
    """The yearly share of a capital sum that repays it with interest.

    Parameters
    ----------
    rate : float
        Real interest per year [fraction], 0 allowed.
    years : float
        Time of repayment [years], > 0.

    Returns
    -------
    float
        [1/year].
    """
    if years <= 0.0 or rate < 0.0:
        raise InputError("annuity", "have a rate >= 0 and years > 0", (rate, years))
    if rate == 0.0:
        return 1.0 / years
    return rate / -math.expm1(-years * math.log1p(rate))


@dataclass(frozen=True, slots=True)
class Technology:
    """A supply technology in SI units.

    Attributes
    ----------
    key, name : str
        Names in the catalogue.
    role : str
        One of `ROLES`.
    fuel : str
        ``gas``, ``uranium``, ``diesel`` or ``none``.
    always_on : bool
        Whether `min_load` holds in every hour.
    capex_usd_w, capex_usd_j : float
        Overnight capital per power [USD/W] and, for storage, per energy [USD/J].
    fixed_usd_w_year, fixed_usd_j_year : float
        Fixed operation [USD/W/year] and [USD/J/year].
    variable_usd_j, fuel_usd_j : float
        Variable operation per electricity and fuel price per heat [USD/J].
    efficiency : float
        Electricity over fuel heat, or the round trip of storage.
    life_s, lead_time_s, lead_low_s, lead_high_s, spend_s : float
        Life, lead time with its range, and time of spending [s].
    carbon_direct_kg_j, carbon_life_cycle_kg_j, water_m3_j : float
        Per electricity produced [kg/J], [m3/J].
    min_load, ramp_per_h, outage_rate, availability, annual_factor : float
        Shares of capacity, as in the schema.
    unit_w : float
        Size of one unit [W].
    start_usd_w : float
        Cost of a start per power of the unit [USD/W].
    min_run_s, min_rest_s : float
        Least time on and least time off [s].
    derate_per_k : float
        Output lost per kelvin above 15 degC [1/K].
    self_discharge_per_h, duration_low_s, duration_high_s : float
        Storage: loss [1/h] and limits of energy over power [s].
    firm_credit : float
        Storage: share of its power that the reserve counts.
    hub_height_m : float
        Wind: hub height [m].
    """

    key: str
    name: str
    role: str
    fuel: str
    always_on: bool
    capex_usd_w: float
    capex_usd_j: float
    fixed_usd_w_year: float
    fixed_usd_j_year: float
    variable_usd_j: float
    fuel_usd_j: float
    efficiency: float
    life_s: float
    lead_time_s: float
    lead_low_s: float
    lead_high_s: float
    spend_s: float
    carbon_direct_kg_j: float
    carbon_life_cycle_kg_j: float
    water_m3_j: float
    min_load: float
    ramp_per_h: float
    outage_rate: float
    availability: float
    annual_factor: float
    unit_w: float
    start_usd_w: float
    min_run_s: float
    min_rest_s: float
    derate_per_k: float
    self_discharge_per_h: float
    duration_low_s: float
    duration_high_s: float
    firm_credit: float
    hub_height_m: float

    def capital_usd_w_year(self, rate: float) -> float:
        """Capital with interest during construction, as a yearly cost [USD/W/year]."""
        return self.capex_usd_w * self._repaid(rate)

    def capital_usd_j_year(self, rate: float) -> float:
        """The same per energy capacity of storage [USD/J/year]."""
        return self.capex_usd_j * self._repaid(rate)

    def marginal_usd_j(self, gas_usd_j: float) -> float:
        """Fuel and variable operation per electricity [USD/J], gas at the site's price."""
        price = gas_usd_j if self.fuel == "gas" else self.fuel_usd_j
        heat = 0.0 if self.fuel == "none" else price / self.efficiency
        return heat + self.variable_usd_j

    def lead_s(self, case: str = "central") -> float:
        """Lead time [s]: ``low``, ``central`` or ``high`` of the quoted range."""
        leads = {"low": self.lead_low_s, "central": self.lead_time_s, "high": self.lead_high_s}
        if case not in leads:
            raise InputError("lead", f"be one of {', '.join(leads)}", case)
        return leads[case]

    def carbon_kg_j(self, scope: str) -> float:
        """Carbon per electricity [kg/J]: ``direct`` or ``life-cycle``."""
        scopes = {"direct": self.carbon_direct_kg_j, "life-cycle": self.carbon_life_cycle_kg_j}
        if scope not in scopes:
            raise InputError("carbon_scope", f"be one of {', '.join(scopes)}", scope)
        return scopes[scope]

    def _repaid(self, rate: float) -> float:
        interest = float((1.0 + rate) ** (0.5 * self.spend_s / YEAR_S))
        return interest * annuity(rate, self.life_s / YEAR_S)


def load_technology(name: str, path: str = "technology") -> Technology:
    """The technology with this key, name or alias.

    Parameters
    ----------
    name : str
        Such as ``solar`` or ``gas-combined-cycle-f``.
    path : str
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    """
    return _from_entry(catalog.load("supply", name, path).key)


def technologies(*names: str) -> tuple[Technology, ...]:
    """The named technologies, or all of the catalogue."""
    return tuple(load_technology(name) for name in names or catalog.names("supply"))


@catalog.remembered
def _from_entry(key: str) -> Technology:
    entry: Entry = catalog.load("supply", key)
    lead = entry.quantity("lead_time")
    return Technology(
        key=entry.key,
        name=entry.name,
        role=entry.text("role"),
        fuel=entry.text("fuel"),
        always_on=entry.flag("always_on"),
        capex_usd_w=entry.si("capex"),
        capex_usd_j=entry.si("capex_energy"),
        fixed_usd_w_year=entry.si("fixed_om"),
        fixed_usd_j_year=entry.si("fixed_om_energy"),
        variable_usd_j=entry.si("variable_om"),
        fuel_usd_j=entry.si("fuel_price"),
        efficiency=entry.si("efficiency"),
        life_s=entry.si("life"),
        lead_time_s=lead.value,
        lead_low_s=lead.low,
        lead_high_s=lead.high,
        spend_s=entry.si("spend_time"),
        carbon_direct_kg_j=entry.si("carbon_direct"),
        carbon_life_cycle_kg_j=entry.si("carbon_life_cycle"),
        water_m3_j=entry.si("water"),
        min_load=entry.si("min_load"),
        ramp_per_h=entry.si("ramp"),
        outage_rate=entry.si("outage_rate"),
        availability=entry.si("availability"),
        annual_factor=entry.si("annual_factor"),
        unit_w=entry.si("unit_size"),
        start_usd_w=entry.si("start_cost"),
        min_run_s=entry.si("min_run"),
        min_rest_s=entry.si("min_rest"),
        derate_per_k=entry.si("derate"),
        self_discharge_per_h=entry.si("self_discharge"),
        duration_low_s=entry.si("duration_low"),
        duration_high_s=entry.si("duration_high"),
        firm_credit=entry.si("firm_credit"),
        hub_height_m=entry.si("hub_height"),
    )
