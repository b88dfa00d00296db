"""Embodied carbon per year."""

from __future__ import annotations

import pytest

from wattpath import economics
from wattpath.units import YEAR_S


def test_embodied_carbon_is_spread_over_life() -> None:
    assert economics.embodied_kg_per_year(5000.0, 5 * YEAR_S) == pytest.approx(1000.0)


def test_servers_carry_their_network_and_storage() -> None:
    zero = {"network_embodied_share": 0.0, "storage_embodied_share": 0.0}
    alone = economics.servers_embodied_kg_per_year(economics.load_book(zero), 4000.0, 4 * YEAR_S)
    assert alone == pytest.approx(1000.0)
    book = economics.load_book()
    whole = economics.servers_embodied_kg_per_year(book, 4000.0, 4 * YEAR_S)
    assert 1.1 * alone < whole < 1.3 * alone
    assert economics.servers_embodied_kg_per_year(book, 4000.0) < whole


def test_building_carbon_per_megawatt() -> None:
    book = economics.load_book({"shell_embodied_kg_w": 0.9, "shell_life_s": 30 * YEAR_S})
    assert economics.site_embodied_kg_per_year(book, 1e6) == pytest.approx(30_000.0)
