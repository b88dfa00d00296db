"""Economics: capital over time, the book of costs, embodied carbon, price of a token."""

from wattpath.economics.book import CostBook, boundaries, load_book
from wattpath.economics.finance import (
    annuity,
    internal_rate,
    levelised_cost,
    present_value,
    price_level,
    yearly_capital_usd,
)
from wattpath.economics.footprint import (
    embodied_kg_per_year,
    servers_embodied_kg_per_year,
    site_embodied_kg_per_year,
)
from wattpath.economics.tokens import TokenSplit, per_million, token_prices_usd

__all__ = [
    "CostBook",
    "TokenSplit",
    "annuity",
    "boundaries",
    "embodied_kg_per_year",
    "internal_rate",
    "levelised_cost",
    "load_book",
    "per_million",
    "present_value",
    "price_level",
    "servers_embodied_kg_per_year",
    "site_embodied_kg_per_year",
    "token_prices_usd",
    "yearly_capital_usd",
]
