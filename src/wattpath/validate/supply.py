"""Levelised cost of off-grid supply against the off-grid study's calculator.

A row gives solar (MW DC) and four-hour battery (MW), and for each place the study's levelised
cost and renewable share. Beside them stands `lcoe_best`: the least cost of any sizes with no more
gas than the row (`wattpath.validate.offgrid_best`), against the calculator's cost of the row; it
is below it where the row is not the best of its gas share.

Where it breaks down: see `wattpath.validate.offgrid`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wattpath.errors import WattpathError
from wattpath.validate.ledger import Ledger, LedgerRow, compare, read_rows
from wattpath.validate.offgrid import study_cost
from wattpath.validate.offgrid_best import best_design

#: J in a MWh.
MWH_J = 3.6e9

COLUMNS = ("solar_mw_dc", "battery_mw_4h")

#: Prefix of a table's columns -> weather station of the same data.
PLACES = {"amarillo_2012": "us-amarillo", "west_texas_2013": "us-abilene"}

SOURCE = "offgridai-us/cost-calculator at 7680d79"


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
        values = {"lcoe": ours.usd_mwh / MWH_J, "renewable_share": ours.renewable_share}
        scale = {"lcoe": 1.0 / MWH_J, "renewable_share": 1.0}
        for name, value in measured.items():
            if value:  # a share of zero has no relative error
                found.append(_row(label, place, name, values[name], value * scale[name], ""))
        price = measured["lcoe"]
        if price:
            best = best_design(station, ours.renewable_share)
            text = f"{place}: {best.solar_mw:.0f} MW solar, {best.storage_mw:.0f} MW battery"
            one = _row(text, place, "lcoe_best", best.cost.usd_mwh / MWH_J, price / MWH_J, "")
            found.append(replace(one, case=""))  # optima are no alternatives to rank
    return found


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
