"""Supply: power technologies, hourly operation, capacity and carbon in one optimisation.

`dispatch` answers a load alone; `add_supply` puts the same supply into any `Program`.
"""

from wattpath.supply.block import SupplyBlock, add_supply
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import Scale, SupplyOptions
from wattpath.supply.periods import Periods, full_year, representative
from wattpath.supply.price import hourly_price
from wattpath.supply.problem import choose_days
from wattpath.supply.program import Program, Solution
from wattpath.supply.readers import read_carbon, read_price
from wattpath.supply.resource import (
    PvPlant,
    load_pv,
    solar_capacity_factor,
    wind_capacity_factor,
)
from wattpath.supply.result import Relaxation, SupplyResult, read_supply
from wattpath.supply.screen import Screened, lattice, screen
from wattpath.supply.site import SiteHours, load_site, site_hours
from wattpath.supply.technology import Technology, annuity, load_technology, technologies
from wattpath.supply.terms import Excluded
from wattpath.supply.timing import (
    DatePoint,
    curtailment_cost_usd,
    largest_share,
    quarter_worth_usd,
    time_to_power,
)
from wattpath.supply.whole import dispatch_units

__all__ = [
    "DatePoint",
    "Excluded",
    "Periods",
    "Program",
    "PvPlant",
    "Relaxation",
    "Scale",
    "Screened",
    "SiteHours",
    "Solution",
    "SupplyBlock",
    "SupplyOptions",
    "SupplyResult",
    "Technology",
    "add_supply",
    "annuity",
    "choose_days",
    "curtailment_cost_usd",
    "dispatch",
    "dispatch_units",
    "full_year",
    "hourly_price",
    "largest_share",
    "lattice",
    "load_pv",
    "load_site",
    "load_technology",
    "quarter_worth_usd",
    "read_carbon",
    "read_price",
    "read_supply",
    "representative",
    "screen",
    "site_hours",
    "solar_capacity_factor",
    "technologies",
    "time_to_power",
    "wind_capacity_factor",
]
