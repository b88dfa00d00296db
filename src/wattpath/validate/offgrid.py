"""The off-grid study's own arithmetic: levelised cost of sun, battery and engines.

A design gives solar (MW DC) and four-hour battery (MW) beside gas engines under a constant
100 MW. The calculator's arithmetic is followed with its known faults on: DC output over 1.2
without an inverter, headroom of the battery without charging loss, 35 % fade in 20 years, a full
battery each January. `study_cost(..., mended=True)` turns them off.

Where it breaks down: the study's sun comes from pvlib's chain with a physical model of the
glass and SAPM temperatures; ours follows ASHRAE and Faiman.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wattpath.facility.stations import load_weather
from wattpath.supply.resource import PvPlant, solar_capacity_factor

Floats = NDArray[np.float64]

MW = 1e6


class StudyCost(NamedTuple):
    """Levelised cost [USD/MWh], renewable and unserved share, highest shortage [MW] of a design.

    The shortage is what sun and battery leave in the worst hour of all years.
    """

    usd_mwh: float
    renewable_share: float
    unserved_share: float
    highest_short_mw: float


def study_cost(
    station: str,
    solar_mw: float,
    storage_mw: float,
    *,
    mended: bool = False,
    engine_mw: float | None = None,
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
    engine_mw : float, optional
        Engines; the study's if not given.
    """
    book = assumptions()
    plant = book["plant"]
    sun = _sun(station, mended)
    most = plant["engine_w"] / MW if engine_mw is None else engine_mw
    engine, unserved, worst = [], [], 0.0
    fade = plant["storage_fade_meant" if mended else "storage_fade_year"]
    energy = storage_mw * plant["storage_hours"]
    level = 0.0 if mended else energy
    for year in range(int(book["finance"]["years"])):
        able = sun * solar_mw * (1.0 - plant["solar_fade_year"] * year)
        kept = energy * (1.0 - fade * year)
        engine_mwh, unserved_mwh, last, short = operate_year(
            able, plant["load_w"] / MW, storage_mw, kept, level, most,
            float(np.sqrt(plant["round_trip"])), not mended,
        )  # fmt: skip
        worst = max(worst, short)
        engine.append(engine_mwh)
        unserved.append(unserved_mwh)
        level = min(last, kept) if mended else energy
    load = plant["load_w"] / MW * sun.size * np.ones(len(engine))
    served = load - np.array(unserved)
    cost = levelised_cost(solar_mw, storage_mw, np.array(engine), served, most)
    share = 1.0 - float(np.sum(engine)) / float(served.sum())
    return StudyCost(cost, share, float(np.sum(unserved)) / float(load.sum()), worst)


def levelised_cost(
    solar_mw: float, storage_mw: float, engine_mwh: Floats, served_mwh: Floats, engine_mw: float
) -> float:
    """The constant price at which equity earns its rate [USD/MWh].

    The net present value of equity's cash is linear in the price, so two prices give it:
    revenue less operation, debt service and tax, plus the tax credit in the first year, less
    equity's part of capital during construction. Money in million USD.
    """
    book = assumptions()
    sizes = (solar_mw, storage_mw, engine_mw)
    base = _equity_value(book, sizes, engine_mwh, served_mwh, 0.0)
    more = _equity_value(book, sizes, engine_mwh, served_mwh, 100.0)
    return -100.0 * base / (more - base)


@njit(cache=True)
def operate_year(
    able: Floats, load: float, power: float, energy: float, level: float, engine: float,
    root: float, study: bool,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Sun first, then battery, then engines: engine energy, unserved energy, last level, and
    the highest power that engines would have to give.

    With `study` the headroom counts what enters before its loss and the power limit holds on
    the inner side of the discharge, as in the calculator. Powers in MW, steps of an hour.
    """
    burned = missing = worst = 0.0
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
        worst = max(worst, short)
    return burned, missing, level, worst


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
    book: dict[str, Any], sizes: tuple[float, float, float], engine: Floats, served: Floats,
    price: float,
) -> float:  # fmt: skip
    """Net present value of equity's cash at a price [M USD]."""
    solar, storage, engine_mw = sizes
    capital, money = book["capital"], book["finance"]
    renewable = capital["solar_usd_w"] * solar
    renewable += capital["storage_usd_kwh"] * storage * book["plant"]["storage_hours"] / 1e3
    hard = renewable + capital["engine_usd_kw"] * engine_mw / 1e3
    hard += capital["integration_usd_kw"] * book["plant"]["load_w"] / 1e9
    total = hard * (1.0 + capital["soft_share"])
    credit = total * renewable / hard * money["tax_credit"]
    debt, rate, years = total * money["debt_share"], money["debt_rate"], int(money["years"])
    service = debt * rate / (1.0 - (1.0 + rate) ** -years)
    year = np.arange(years)
    owed = debt * (1.0 + rate) ** year - service * ((1.0 + rate) ** year - 1.0) / rate
    written = np.zeros(years)
    written[: len(money["depreciation"])] = money["depreciation"]
    earned = price * served / 1e6 - _operation(book, sizes, engine, hard)
    taxable = earned - written * (total - 0.5 * credit) - owed * rate
    cash: Floats = earned - service - taxable * money["tax_rate"]
    cash[0] += credit
    built = int(money["construction_years"])
    discount = (1.0 + money["equity_rate"]) ** -(np.arange(1, years + built + 1.0))
    paid = total * (1.0 - money["debt_share"]) / built
    return float(cash @ discount[built:] - paid * discount[:built].sum())


def _operation(
    book: dict[str, Any], sizes: tuple[float, float, float], engine: Floats, hard: float
) -> Floats:
    """Fuel, fixed and variable operation of each year [M USD]."""
    cost, plant = book["operation"], book["plant"]
    solar, storage, engine_mw = sizes
    year = np.arange(engine.size)
    heat = engine * plant["heat_rate_btu_kwh"] / 1e3
    fuel = cost["fuel_usd_mmbtu"] * heat / 1e6 * (1.0 + cost["fuel_escalation"]) ** year
    fixed = cost["solar_usd_kw_year"] * solar + cost["storage_usd_kw_year"] * storage
    fixed += cost["engine_usd_kw_year"] * engine_mw
    fixed += cost["integration_usd_kw_year"] * plant["load_w"] / MW
    other = fixed / 1e3 + cost["soft_share_year"] * hard + cost["engine_usd_mwh"] * engine / 1e6
    return np.asarray(fuel + other * (1.0 + cost["escalation"]) ** year)
