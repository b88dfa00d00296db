"""The book of costs: complete evidence, sane sums, overrides, boundaries."""

from __future__ import annotations

import pytest

from wattpath import catalog, economics
from wattpath.economics.book import FIELDS
from wattpath.errors import UnknownNameError
from wattpath.units import YEAR_S


def test_every_field_has_a_sourced_range() -> None:
    book = economics.load_book()
    assert set(book.evidence) == set(FIELDS)
    for name, quantity in book.evidence.items():
        assert getattr(book, name) == quantity.value
        assert quantity.source in catalog.sources()
        assert quantity.low < quantity.high, name


def test_units_come_out_in_si() -> None:
    book = economics.load_book()
    assert book.site_usd_w == pytest.approx(1.13)
    assert book.server_life_s == pytest.approx(5 * YEAR_S)
    assert book.chip_s_usd * 3600.0 == pytest.approx(2.5)


def test_bare_servers_pay_only_the_annuity() -> None:
    names = ("network_share", "storage_share", "server_maintenance", "insurance")
    bare = economics.load_book(dict.fromkeys(names, 0.0))
    expected = economics.yearly_capital_usd(1e5, 4 * YEAR_S, bare.rate)
    assert bare.servers_usd_per_year(1e5, 4 * YEAR_S) == pytest.approx(expected)
    assert bare.servers_capital_usd(1e5) == 1e5


def test_server_cost_is_proportional_and_grows_with_every_share() -> None:
    book = economics.load_book()
    one = book.servers_usd_per_year(1e5)
    assert book.servers_usd_per_year(3e5) == pytest.approx(3.0 * one)
    for name in ("network_share", "storage_share", "server_maintenance", "insurance", "rate"):
        dearer = economics.load_book({name: getattr(book, name) + 0.01})
        assert dearer.servers_usd_per_year(1e5) > one, name
    assert book.servers_usd_per_year(1e5, 3 * YEAR_S) > one


def test_site_cost_is_the_sum_of_its_parts() -> None:
    book = economics.load_book({"rate": 0.0, "insurance": 0.0, "maintenance": 0.0})
    assert book.land_and_staff_usd_w_year == pytest.approx(1.13 / 60.0 + 0.06)
    dearer = economics.load_book({"insurance": 0.004, "maintenance": 0.015, "rate": 0.0})
    assert dearer.land_and_staff_usd_w_year == pytest.approx(1.13 / 60.0 + 0.06 + 1.13 * 0.019)


def test_the_building_is_paid_once_and_by_the_facility() -> None:
    book = {attribute for _, attribute in FIELDS.values()}
    assert "capital" not in {a for key, a in FIELDS.values() if key == "building"}
    assert "capital" in book  # of land and site works
    assert catalog.load("cost", "building").get("capital") is None
    for cooling in catalog.entries("cooling"):
        assert cooling.si("building_usd_per_it_w") > 0.0


def test_one_off_work() -> None:
    book = economics.load_book({"chip_s_usd": 0.001, "person_month_usd": 20_000.0})
    assert book.one_off_usd(3.6e6, 2.0) == pytest.approx(3600.0 + 40_000.0)


def test_network_and_storage_draw_power() -> None:
    assert economics.load_book().it_power_factor == pytest.approx(1.06)


def test_unknown_override_gets_a_hint() -> None:
    with pytest.raises(UnknownNameError, match="'insurance'"):
        economics.load_book({"insurence": 0.01})


def test_boundaries_are_named_for_every_entry() -> None:
    named = dict(economics.boundaries())
    assert len(named) == len(catalog.names("cost"))
    assert "the facility systems" in named["Building"]
