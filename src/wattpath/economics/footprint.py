"""Embodied carbon as a yearly quantity.

It is spread evenly over the life of what embodies it; no interest is paid on it.

Where it breaks down: cradle-to-gate figures leave out use and disposal; an even spread
hides that all of it is emitted before the first token.
"""

from __future__ import annotations

from wattpath.economics.book import CostBook
from wattpath.units import YEAR_S


def embodied_kg_per_year(embodied_kg: float, life_s: float) -> float:
    """Embodied carbon per year of life.

    Parameters
    ----------
    embodied_kg : float
        Cradle-to-gate emissions [kg CO2e].
    life_s : float
        Life over which they are spread [s].

    Returns
    -------
    float
        [kg/year].
    """
    return embodied_kg * YEAR_S / life_s


def servers_embodied_kg_per_year(
    book: CostBook, embodied_kg: float, life_s: float | None = None
) -> float:
    """Embodied carbon of servers with their network and storage [kg/year].

    Parameters
    ----------
    book : CostBook
        Shares and lives.
    embodied_kg : float
        Of the servers alone [kg CO2e].
    life_s : float, optional
        Their life where known [s].
    """
    life = book.server_life_s if life_s is None else life_s
    return (
        embodied_kg_per_year(embodied_kg, life)
        + embodied_kg_per_year(embodied_kg * book.network_embodied_share, book.network_life_s)
        + embodied_kg_per_year(embodied_kg * book.storage_embodied_share, book.storage_life_s)
    )


def site_embodied_kg_per_year(book: CostBook, it_capacity_w: float) -> float:
    """Embodied carbon of building and plant [kg/year] for an IT capacity [W]."""
    return embodied_kg_per_year(book.shell_embodied_kg_w * it_capacity_w, book.shell_life_s)
