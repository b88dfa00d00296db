"""Levelised cost of off-grid supply against the off-grid study's calculator.

A row gives solar (MW DC) and four-hour battery (MW) beside 125 MW of gas engines under a
constant 100 MW, and for each place the study's levelised cost and renewable share. The
calculator's arithmetic is followed with its known faults on: DC output over 1.2 without an
inverter, headroom of the battery without charging loss, 35 % fade in 20 years, a full battery
each January. `study_cost(..., mended=True)` turns them off.

Where it breaks down: the study's sun comes from pvlib's chain with a physical model of the
glass and SAPM temperatures; ours follows ASHRAE and Faiman.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wattpath.errors import WattpathError
from wattpath.facility.stations import load_weather
from wattpath.supply.resource import PvPlant, solar_capacity_factor
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows

Floats = NDArray[np.float64]

COLUMNS = ("solar_mw_dc", "battery_mw_4h")

#: Prefix of a table's columns -> weather station of the same data.
PLACES = {"amarillo_2012": "us-amarillo", "west_texas_2013": "us-abilene"}

MW = 1e6
SOURCE = "offgridai-us/cost-calculator at 7680d79"


class StudyCost(NamedTuple):
    """Levelised cost [USD/MWh], renewable share and unserved share of one design."""

    usd_mwh: float
    renewable_share: float
    unserved_share: float


def supply_ledger(file: str | Path) -> Ledger:
    """Predict every row of a table with `COLUMNS` and the places' columns, and compare.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    return compare("supply", read_rows(file, COLUMNS), judge)


def judge(row: dict[str, str]) -> list[LedgerRow]:
    """Levelised cost [USD/J] and renewable share for each place of a row."""
    found: list[LedgerRow] = []
    for place, station in PLACES.items():
        label = f"{place}: {row['solar_mw_dc']} MW solar, {row['battery_mw_4h']} MW battery"
        measured = {
            "lcoe": _number(row, f"{place}_lcoe_usd_per_mwh"),
            "renewable_share": _number(row, f"{place}_renewable_share"),
        }
        try:
            ours = study_cost(station, float(row["solar_mw_dc"]), float(row["battery_mw_4h"]))
        except (ValueError, WattpathError) as refusal:
            found.append(_row(label, place, "lcoe", None, None, str(refusal)))
            continue
        values = {"lcoe": ours.usd_mwh, "renewable_share": ours.renewable_share}
        scale = {"lcoe": 1.0 / 3.6e9, "renewable_share": 1.0}
        for name, value in measured.items():
            if value:  # a share of zero has no relative error
                unit = scale[name]
                found.append(_row(label, place, name, values[name] * unit, value * unit, ""))
    return found


def study_cost(
    station: str, solar_mw: float, storage_mw: float, *, mended: bool = False
) -> StudyCost:
    """Levelised cost of a design with the study's assumptions.

    Parameters
    ----------
    station : str
        Weather station of the catalogue.
    solar_mw : float
        Solar, DC [MW].
    storage_mw : float
        Battery power [MW]; its energy is four hours of it.
    mended : bool
        Whether the calculator's faults are mended.
    """
    book = assumptions()
    plant = book["plant"]
    sun = _sun(station, mended)
    engine, unserved = [], []
    fade = plant["storage_fade_meant" if mended else "storage_fade_year"]
    energy = storage_mw * plant["storage_hours"]
    level = 0.0 if mended else energy
    for year in range(int(book["finance"]["years"])):
        able = sun * solar_mw * (1.0 - plant["solar_fade_year"] * year)
        kept = energy * (1.0 - fade * year)
        engine_mwh, unserved_mwh, last = operate_year(
            able, plant["load_w"] / MW, storage_mw, kept, level, plant["engine_w"] / MW,
            float(np.sqrt(plant["round_trip"])), not mended,
        )  # fmt: skip
        engine.append(engine_mwh)
        unserved.append(unserved_mwh)
        level = min(last, kept) if mended else energy
    load = plant["load_w"] / MW * sun.size * np.ones(len(engine))
    served = load - np.array(unserved)
    cost = levelised_cost(solar_mw, storage_mw, np.array(engine), served)
    share = 1.0 - float(np.sum(engine)) / float(served.sum())
    return StudyCost(cost, share, float(np.sum(unserved)) / float(load.sum()))


def cheapest(
    station: str, step_mw: float = 10.0, *, mended: bool = False
) -> tuple[float, float, StudyCost]:
    """The solar and battery [MW] of least cost on a lattice, and that cost.

    A plain search over solar up to five and battery up to one and a half times the load.
    """
    load = assumptions()["plant"]["load_w"] / MW
    found = [
        (solar, storage, study_cost(station, float(solar), float(storage), mended=mended))
        for solar in np.arange(0.0, 5.0 * load + step_mw, step_mw)
        for storage in np.arange(0.0, 1.5 * load + step_mw, step_mw)
        if storage <= solar
    ]
    solar, storage, cost = min(found, key=lambda item: item[2].usd_mwh)
    return float(solar), float(storage), cost


def levelised_cost(
    solar_mw: float, storage_mw: float, engine_mwh: Floats, served_mwh: Floats
) -> float:
    """The constant price at which equity earns its rate [USD/MWh].

    The net present value of equity's cash is linear in the price, so two prices give it:
    revenue less operation, debt service and tax, plus the tax credit in the first year, less
    equity's part of capital during construction. Money in million USD.
    """
    book = assumptions()
    base = _equity_value(book, solar_mw, storage_mw, engine_mwh, served_mwh, 0.0)
    more = _equity_value(book, solar_mw, storage_mw, engine_mwh, served_mwh, 100.0)
    return -100.0 * base / (more - base)


@njit(cache=True)
def operate_year(
    able: Floats, load: float, power: float, energy: float, level: float, engine: float,
    root: float, study: bool,
) -> tuple[float, float, float]:  # fmt: skip
    """Sun first, then battery, then engines: engine energy, unserved energy, last level.

    With `study` the headroom counts what enters before its loss and the power limit holds on
    the inner side of the discharge, as in the calculator. Powers in MW, steps of an hour.
    """
    burned = missing = 0.0
    for hour in range(able.size):
        balance = able[hour] - load
        if balance > 0.0:
            room = energy - level if study else (energy - level) / root
            level += max(min(balance, power, room), 0.0) * root
            continue
        inner = min(power if study else power / root, -balance / root, level)
        level -= inner
        short = -balance - inner * root
        burned += min(short, engine)
        missing += max(short - engine, 0.0)
    return burned, missing, level


@cache
def assumptions() -> dict[str, Any]:
    """The study's assumptions with their source."""
    text = (files("wattpath.validate") / "offgrid.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _sun(station: str, mended: bool) -> Floats:
    """Solar output per DC capacity that reaches the busbar."""
    plant, weather = assumptions()["plant"], load_weather(station)
    panel = PvPlant(
        1.0, plant["temp_per_k"], 0.0, 1.0, plant["ground_cover"],
        float(np.radians(plant["tracker_limit_deg"])), plant["heat_loss_constant"],
        plant["heat_loss_wind"], plant["albedo"], plant["incidence_loss"],
    )  # fmt: skip
    direct = solar_capacity_factor(
        weather.latitude, weather.longitude, weather.utc_offset_h, weather.ghi_w_m2,
        weather.dni_w_m2, weather.dhi_w_m2, weather.dry_bulb_c, weather.wind_speed_m_s, panel,
    )  # fmt: skip
    if mended:
        return np.minimum(direct * float(plant["inverter_meant"]), 1.0 / float(plant["dc_ac"]))
    return direct / float(plant["dc_ac"])


def _equity_value(
    book: dict[str, Any], solar: float, storage: float, engine: Floats, served: Floats,
    price: float,
) -> float:  # fmt: skip
    """Net present value of equity's cash at a price [M USD]."""
    capital, money = book["capital"], book["finance"]
    renewable = capital["solar_usd_w"] * solar
    renewable += capital["storage_usd_kwh"] * storage * book["plant"]["storage_hours"] / 1e3
    hard = renewable + capital["engine_usd_kw"] * book["plant"]["engine_w"] / 1e9
    hard += capital["integration_usd_kw"] * book["plant"]["load_w"] / 1e9
    total = hard * (1.0 + capital["soft_share"])
    credit = total * renewable / hard * money["tax_credit"]
    debt, rate, years = total * money["debt_share"], money["debt_rate"], int(money["years"])
    service = debt * rate / (1.0 - (1.0 + rate) ** -years)
    year = np.arange(years)
    owed = debt * (1.0 + rate) ** year - service * ((1.0 + rate) ** year - 1.0) / rate
    written = np.zeros(years)
    written[: len(money["depreciation"])] = money["depreciation"]
    earned = price * served / 1e6 - _operation(book, solar, storage, engine, hard)
    taxable = earned - written * (total - 0.5 * credit) - owed * rate
    cash: Floats = earned - service - taxable * money["tax_rate"]
    cash[0] += credit
    built = int(money["construction_years"])
    discount = (1.0 + money["equity_rate"]) ** -(np.arange(1, years + built + 1.0))
    paid = total * (1.0 - money["debt_share"]) / built
    return float(cash @ discount[built:] - paid * discount[:built].sum())


def _operation(
    book: dict[str, Any], solar: float, storage: float, engine: Floats, hard: float
) -> Floats:
    """Fuel, fixed and variable operation of each year [M USD]."""
    cost, plant = book["operation"], book["plant"]
    year = np.arange(engine.size)
    heat = engine * plant["heat_rate_btu_kwh"] / 1e3
    fuel = cost["fuel_usd_mmbtu"] * heat / 1e6 * (1.0 + cost["fuel_escalation"]) ** year
    fixed = cost["solar_usd_kw_year"] * solar + cost["storage_usd_kw_year"] * storage
    fixed += cost["engine_usd_kw_year"] * plant["engine_w"] / MW
    fixed += cost["integration_usd_kw_year"] * plant["load_w"] / MW
    other = fixed / 1e3 + cost["soft_share_year"] * hard + cost["engine_usd_mwh"] * engine / 1e6
    return np.asarray(fuel + other * (1.0 + cost["escalation"]) ** year)


def _number(row: dict[str, str], column: str) -> float | None:
    try:
        return float(row[column])
    except (KeyError, ValueError):
        return None


def _row(
    label: str, place: str, quantity: str, predicted: float | None, measured: float | None,
    reason: str,
) -> LedgerRow:  # fmt: skip
    return LedgerRow(
        row_id=label, source=SOURCE, n_chips=0, quantity=quantity, predicted=predicted,
        measured=measured, status="refused" if predicted is None else "answered", reason=reason,
        layout=place, case=place,
    )  # fmt: skip
