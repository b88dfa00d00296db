"""A scenario's own price and carbon of the grid, its money and its agreement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wattpath.errors import InputError
from wattpath.plan import scenario
from wattpath.plan.build import site_of
from wattpath.plan.connection import exchange, supply_options
from wattpath.plan.halls import weather_of
from wattpath.units import MONTH_S

START = datetime(2023, 1, 1, tzinfo=UTC)
VALUES = 100.0 + np.arange(8760) % 24


def write(file: Path, column: str) -> None:
    rows = [f"{START + timedelta(hours=i):%Y-%m-%dT%H:%M},{v}" for i, v in enumerate(VALUES)]
    file.write_text("\n".join([f"time_utc,{column}", *rows]), encoding="utf-8")


def site(raw: dict[str, Any]) -> Any:
    asked = scenario.from_dict(raw)
    return site_of(asked, weather_of(asked))


def test_a_price_in_euro_is_turned_at_the_mean_of_its_year(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    write(tmp_path / "euro.csv", "price [EUR/MWh]")
    tiny |= {"folder": str(tmp_path), "grid": {"price_file": "euro.csv"}}
    stated = exchange(scenario.from_dict(tiny))["exchange_rate"]
    assert stated.startswith("1.0817 USD per EUR, mean of 2023 (Foreign Exchange Rates")
    euro = site(tiny).grid_price_usd_j
    tiny["grid"]["exchange_rate"] = 2 * 1.0817
    twice = site(tiny).grid_price_usd_j
    assert (twice - euro).mean() * 3.6e9 == pytest.approx(1.0817 * VALUES.mean())


def test_a_carbon_file_is_of_the_kind_that_counts(tiny: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path / "carbon.csv", "carbon [g/kWh]")
    tiny |= {"folder": str(tmp_path), "grid": {"carbon_file": "carbon.csv"}}
    plain = site(tiny)
    assert plain.grid_average_kg_j.mean() * 3.6e9 == pytest.approx(VALUES.mean())
    tiny["carbon"] = {"grid": "marginal", "carbon_free_share": 0.9, "matched_share": 1.0}
    marginal = site(tiny)
    assert marginal.grid_marginal_kg_j.mean() * 3.6e9 == pytest.approx(VALUES.mean())
    options = supply_options(scenario.from_dict(tiny))
    assert (options.grid_carbon, options.carbon_free_share) == ("marginal", 0.9)
    assert options.matched_share == 1.0


def test_an_agreement_brings_its_own_date(tiny: dict[str, Any]) -> None:
    tiny["grid"] = {"curtailed_hours": 100, "curtailed_months": 12, "outage_hours": 4}
    found = site(tiny)
    assert (found.curtailed_h, found.outage_h) == (100.0, 4.0)
    assert found.grid_lead_s == pytest.approx(12 * MONTH_S)
    assert found.firm_lead_s > found.grid_lead_s


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"curtailed_months": 12}, "curtailed_hours above 0"),
        ({"price": "40 USD/MWh", "price_file": "a.csv"}, "either price or price_file"),
        ({"curtailed_hours": -1}, "grid.curtailed_hours must be"),
    ],
)
def test_a_grid_that_contradicts_itself_is_refused(
    tiny: dict[str, Any], grid: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        scenario.from_dict(tiny | {"grid": grid})
