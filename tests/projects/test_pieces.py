"""Parts held against the whole: orders, racks, batteries, smoke, running cost, leases, dates."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from wattpath import catalog, projects
from wattpath.projects.audit import Audit, Finding, audit
from wattpath.projects.reader import read_project
from wattpath.units import YEAR_S

PLACE = "date: 2026-05\nsite: us-abilene\ncooling: liquid-air-chiller\n"
RACKS = "servers: {nvidia-gb300-nvl72: 72000}\n"


def audited(tmp_path: Path, text: str, today: datetime.date | None = None) -> Audit:
    file = tmp_path / "campus.yaml"
    file.write_text(text, encoding="utf-8")
    (found,) = audit(read_project(file), today)
    return found


def finding(found: Audit, figure: str, origin: str) -> Finding:
    (one,) = [f for f in found.findings if (f.stated_name, f.from_name) == (figure, origin)]
    return one


@pytest.mark.parametrize(("racks", "agrees"), [(1000, True), (1400, True), (600, False)])
def test_racks_hold_the_chips(tmp_path: Path, racks: int, agrees: bool) -> None:
    found = finding(audited(tmp_path, f"{RACKS}racks: {racks}\n"), "racks", "chips")
    assert found.implied.value == 1000.0
    assert found.agrees is agrees


@pytest.mark.parametrize(("power", "agrees"), [("145 kW", True), ("60 kW", False)])
def test_a_rack_carries_its_server(tmp_path: Path, power: str, agrees: bool) -> None:
    found = audited(tmp_path, f"{RACKS}rack_power: {power}\n")
    assert finding(found, "rack_power", "server").agrees is agrees


def test_a_battery_states_hours_that_exist(tmp_path: Path) -> None:
    text = "battery_energy: {} GWh\nbattery_power: 150 MW\n"
    good = audited(tmp_path, text.format(0.6))
    assert good.implied["battery_duration"].value == pytest.approx(4.0 * 3600.0)
    assert finding(good, "battery_energy", "battery_power").agrees
    assert not finding(
        audited(tmp_path, text.format(6.0)), "battery_energy", "battery_power"
    ).agrees


def test_a_battery_alone_is_told_in_hours_of_the_load(tmp_path: Path) -> None:
    found = audited(tmp_path, "facility_peak: 100 MW\nbattery_energy: 0.2 GWh\n")
    assert found.implied["battery_duration"].value == pytest.approx(2.0 * 3600.0)


def test_a_facility_carries_its_computing_even_without_a_place(tmp_path: Path) -> None:
    text = "it_power: 100 MW\nfacility_peak: {}\n"
    assert not finding(audited(tmp_path, text.format("50 MW")), "facility_peak", "it_power").agrees
    assert finding(audited(tmp_path, text.format("120 MW")), "facility_peak", "it_power").agrees


def test_smoke_is_no_more_than_burning_all_year(tmp_path: Path) -> None:
    text = "supply: [gas-simple-cycle]\ngas_power: 100 MW\nemissions: {} Mt/year\n"
    good, bad = (audited(tmp_path, text.format(each)) for each in (0.4, 4.0))
    assert finding(good, "emissions", "gas power").agrees
    assert not finding(bad, "emissions", "gas power").agrees
    rate = catalog.load("supply", "gas-simple-cycle").si("carbon_direct")
    assert finding(good, "emissions", "gas power").implied.value == pytest.approx(1e8 * rate)


def test_turbines_tell_their_mean_size(tmp_path: Path) -> None:
    found = audited(tmp_path, "turbines: 10\ngas_power: 360 MW\n")
    assert found.implied["power_per_turbine"].value == pytest.approx(36e6)


def test_money_of_a_year(tmp_path: Path) -> None:
    text = "operating_cost: {} USD/year\nlease: {} USD/year\n"
    good = audited(tmp_path, PLACE + RACKS + text.format(2.5e8, 2e9))
    assert finding(good, "operating_cost", "chips").agrees
    assert finding(good, "lease", "chips").agrees
    bad = audited(tmp_path, PLACE + RACKS + text.format(5e9, 3e8))
    assert not finding(bad, "operating_cost", "chips").agrees
    assert not finding(bad, "lease", "chips").agrees
    per = good.implied["lease_per_it_power"].value
    it = good.implied["it_power"].value
    assert per * it * YEAR_S == pytest.approx(2e9)
    costs = good.implied["yearly_cost"].value
    assert costs > finding(good, "operating_cost", "chips").implied.value


def test_capital_per_watt_is_the_quotient(tmp_path: Path) -> None:
    found = audited(tmp_path, "investment: 4 billion USD\nit_power: 100 MW\n")
    assert found.implied["capital_per_it_power"].value == pytest.approx(40.0)


def test_an_order_is_held_against_the_most_chips_stated() -> None:
    found = {each.claims.status: each for each in audit(projects.load("stargate-abilene"))}
    order = finding(found["announced"], "chip_order", "chips")
    assert not order.agrees
    assert order.ratio == pytest.approx(2.0, rel=0.2)  # the order counts pairs of chips
    bought = found["announced"].implied["chips_that_the_order_buys"]
    assert bought.value == pytest.approx(order.ratio * 403_200, rel=1e-6)


def test_training_tokens_follow_from_the_rate(tmp_path: Path) -> None:
    found = audited(tmp_path, RACKS).implied
    work = found["training_flops"].value / found["training_tokens"].value
    assert 1.5e11 < work < 6e11  # six times the active parameters, and attention


@pytest.mark.parametrize(
    ("date", "says"), [("2010", True), ("2020-05", True), ("2024", False), ("2026-05", False)]
)
def test_a_server_that_was_not_yet_made_is_said(tmp_path: Path, date: str, says: bool) -> None:
    found = audited(tmp_path, f"date: {date}\n{RACKS}")
    assert any("cannot be right" in each for each in found.unknown) is says


def test_a_year_that_has_passed_is_said(tmp_path: Path) -> None:
    text = "it_power: 20 MW\nready: 2024\n"
    late = audited(tmp_path, text, datetime.date(2026, 1, 1))
    assert "It was to run in 2024: whether it does is not stated." in late.unknown
    early = audited(tmp_path, text, datetime.date(2024, 1, 1))
    assert not any("was to run" in each for each in early.unknown)
