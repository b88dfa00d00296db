"""The spreadsheet computes what the statements say, and follows when a term is changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from wattpath.economics.cashflow import Asset, load_terms, statement
from wattpath.economics.finance import internal_rate, present_value
from wattpath.plan.finance.projects import Project
from wattpath.plan.finance.statements import Financed
from wattpath.report import finance

YEARS = 9
PLANNED = (300.0, 0.0, 250.0, 0.0, 0.0, 90.0)

FLOWS = {
    "Revenue": "revenue",
    "Operation": "operation",
    "Purchases": "purchase",
    "Debt drawn": "drawn",
    "Interest": "interest",
    "Repaid": "repaid",
    "Owed": "debt",
    "Written off": "write_off",
    "Value left": "residual",
    "Tax": "tax",
    "To owners": "owners",
    "To owners and lenders": "project",
    "Book value": "book",
    "Equity": "equity",
}


def _project() -> Project:
    terms = load_terms()
    server = (round(terms.server_write_off), terms.server_residual)
    plant = (round(terms.plant_write_off), terms.plant_residual)
    return Project(
        "both",
        (
            Asset("=1+1", (1000.0,), 4, *server, "servers"),
            Asset("switches", (150.0,), 6, *server, "network and storage"),
            Asset("work", (80.0,), 4, server[0], 0.0, "software work"),
            Asset("hall", (700.0,), 20, *plant, "halls"),
            Asset("turbine", PLANNED, 3, *plant, "power plant", renewed=False),
        ),
        {"upkeep": (60.0,) * YEARS, "energy": tuple(40.0 + year for year in range(YEARS))},
        tuple(100.0 + 5.0 * year for year in range(YEARS)),
        1.0,
        {"chat": 1.0},
    )


def _financed(**terms: float) -> Financed:
    project, given = _project(), load_terms(**terms)
    found = statement(project.assets, project.running, project.output, given)
    asked = statement(project.assets, project.running, project.output, given, 9.0)
    labels = tuple(str(year + 1) for year in range(YEARS))
    return Financed(
        "=cmd", given, labels, 9.0, {"both": project}, {"both": found}, {"both": asked},
        {"both": {}}, {},
    )  # fmt: skip


class Sheets:
    """Formulas of a workbook, computed in the way of a spreadsheet."""

    REFERENCE = re.compile(r"(?:(\w+)!)?(\$?[A-Z]+\$?\d+)(?::(\$?[A-Z]+\$?\d+))?(?![\w(])")

    def __init__(self, book: Any) -> None:
        self.book, self.known = book, {}

    def cell(self, sheet: str, place: str) -> Any:
        key = sheet, place.replace("$", "")
        if key not in self.known:
            cell = self.book[sheet][key[1]]
            value = 0.0 if cell.value is None else cell.value
            if cell.data_type == "f":
                value = self._formula(sheet, value[1:])
            self.known[key] = np.float64(value) if isinstance(value, (int, float)) else value
        return self.known[key]

    def row(self, sheet: str, row: int) -> np.ndarray:
        first = finance.FIRST_YEAR
        places = [f"{get_column_letter(first + year)}{row}" for year in range(YEARS + 1)]
        return np.array([self.cell(sheet, place) for place in places])

    def _range(self, sheet: str, first: str, last: str) -> Any:
        cells = self.book[sheet][f"{first}:{last}".replace("$", "")]
        found = [self.cell(sheet, one.coordinate) for line in cells for one in line]
        return np.array([np.nan if one == "" else one for one in found], dtype=float)

    def _formula(self, sheet: str, text: str) -> Any:
        def read(match: re.Match[str]) -> str:
            own, first, last = match.groups()
            name = own or sheet
            if last is None:
                return f"cell({name!r},{first!r})"
            return f"area({name!r},{first!r},{last!r})"

        python = self.REFERENCE.sub(read, text).replace("^", "**")
        python = re.sub(r"(?<![<>=])=(?!=)", "==", python)
        names: dict[str, Callable[..., Any]] = {
            "cell": self.cell,
            "area": self._range,
            "SUM": np.sum,
            "SUMPRODUCT": np.sum,
            "ABS": np.abs,
            "ROUND": np.round,
            "MOD": np.mod,
            "MAX": max,
            "MIN": lambda *given: np.nanmin(np.hstack(given)),
            "IF": lambda test, yes, no: yes if test else no,
            "IFERROR": lambda value, other: other if value is None else value,
            "NPV": lambda rate, flows: present_value(rate, [0.0, *flows]),
            "IRR": lambda flows: internal_rate(flows.tolist()),
        }
        with np.errstate(all="ignore"):
            return eval(python, {"__builtins__": {}}, names)


def _opened(found: Financed, tmp_path: Path) -> Any:
    return load_workbook(finance.write(found, tmp_path / "plans.xlsx"))


def _label_row(sheet: Any, label: str) -> int:
    return max(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == label)


@pytest.mark.parametrize("terms", [{}, {"debt_rate": 0.0, "tax": 0.4}, {"debt_share": 0.0}])
def test_formulas_compute_the_statement(terms: dict[str, float], tmp_path: Path) -> None:
    found = _financed(**terms)
    book = _opened(found, tmp_path)
    sheets, own, sheet = Sheets(book), found.asked["both"], book["both"]
    for label, flow in FLOWS.items():
        computed = sheets.row("both", _label_row(sheet, label))
        np.testing.assert_allclose(computed, getattr(own, flow), rtol=1e-9, atol=1e-6)
    balance = sheets.row("both", _label_row(sheet, finance.BALANCE))
    np.testing.assert_allclose(balance, 0.0, atol=1e-6)
    np.testing.assert_allclose(own.book, own.debt + own.equity, atol=1e-6)
    assert (own.book[-1], own.debt[-1]) == (pytest.approx(0.0, abs=1e-6),) * 2
    assert sheets.cell("both", "C4") == pytest.approx(own.npv_usd)
    assert sheets.cell("both", "C2") == pytest.approx(found.levelised["both"].price_usd)
    if own.cover < np.inf:
        assert sheets.cell("both", "C7") == pytest.approx(own.cover)


def test_changed_terms_and_price_change_the_sheet(tmp_path: Path) -> None:
    found = _financed()
    book = _opened(found, tmp_path)
    names = list(finance.WORDS)
    for name, value in (("tax", 0.1), ("server_write_off", 3), ("debt_tenor", 2)):
        book[finance.TERMS].cell(finance.FIRST_TERM + names.index(name), 2).value = value
    book["both"]["C3"] = 11.0
    terms = replace(found.terms, tax=0.1, server_write_off=3.0, debt_tenor=2.0)
    project = found.projects["both"]
    assets = [
        replace(a, write_off=3) if a.group in finance.LIKE_SERVERS else a for a in project.assets
    ]
    expected = statement(assets, project.running, project.output, terms, 11.0)
    sheets = Sheets(book)
    owners = sheets.row("both", _label_row(book["both"], "To owners"))
    np.testing.assert_allclose(owners, expected.owners, rtol=1e-9, atol=1e-6)


def test_sheets_terms_and_boundaries_are_there_and_text_is_no_formula(tmp_path: Path) -> None:
    book = _opened(_financed(), tmp_path)
    assert book.sheetnames == ["Inputs", "both", "Values", "Boundaries"]
    assert len(list(book["Boundaries"].rows)) > 10
    texts = [c for row in book["both"].iter_rows(max_col=1) for c in row if c.value is not None]
    assert {cell.data_type for cell in texts} == {"s"}
    formulas = [c for row in book["both"].rows for c in row if c.data_type == "f"]
    assert len(formulas) > 20 * YEARS


def test_values_are_the_statements_for_programs_that_compute_no_formulas(tmp_path: Path) -> None:
    import pandas as pd

    found = _financed()
    own = found.asked["both"]
    file = finance.write(found, tmp_path / "plans.xlsx")
    table = pd.read_excel(file, sheet_name="Values").set_index("Line")
    assert set(table["Plan"]) == {"both"}
    years = [str(year) for year in range(YEARS + 1)]
    for line, flow in FLOWS.items():
        told = table.loc[line, years].astype(float)
        np.testing.assert_allclose(told, getattr(own, flow), rtol=1e-12, atol=1e-9)
    assert table.loc["Present value to owners", "Span"] == pytest.approx(own.npv_usd)
    assert table.loc["Revenue", "Span"] == pytest.approx(own.revenue.sum())
