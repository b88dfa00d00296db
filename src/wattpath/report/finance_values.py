"""The statements of all plans as plain numbers: one table for programs that compute no formulas.

One row for each line of each plan, one column for each year, nominal dollars but for the first
lines of a plan, which stand for the whole span.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wattpath.economics.cashflow import Statement
    from wattpath.plan.finance.statements import Financed

VALUES = "Values"

#: Lines of the whole span -> attribute of a statement, and unit.
SPAN = {
    "Price of a million tokens": ("price_usd", "USD, real"),
    "Present value to owners": ("npv_usd", "USD"),
    "Return of the owners": ("irr", "1/year"),
    "Return of the project": ("project_irr", "1/year"),
    "Least debt cover": ("cover", "-"),
}

#: Lines of each year -> attribute of a statement.
YEARLY = {
    "Revenue": "revenue",
    "Operation": "operation",
    "Purchases": "purchase",
    "Debt drawn": "drawn",
    "Interest": "interest",
    "Repaid": "repaid",
    "Written off": "write_off",
    "Tax": "tax",
    "Value left": "residual",
    "To owners": "owners",
    "To owners and lenders": "project",
    "Book value": "book",
    "Owed": "debt",
    "Equity": "equity",
}


def fill(sheet: Any, found: Financed) -> None:
    """Write the table of all plans to a sheet."""
    sheet.append(["Plan", "Line", "Unit", "Span", "0", *found.years])
    for name, statement in found.asked.items():
        for row in _rows(name, statement):
            sheet.append(row)
    sheet.freeze_panes = "D2"
    sheet.column_dimensions["B"].width = 28


def _rows(plan: str, own: Statement) -> Iterator[list[Any]]:
    """A plan's lines: those of the span, then those of its years."""
    for line, (attribute, unit) in SPAN.items():
        value = getattr(own, attribute)
        yield [plan, line, unit, None if value in (None, float("inf")) else float(value)]
    yield [plan, "Output", "million tokens", float(own.output.sum()), *own.output.tolist()]
    for line, attribute in YEARLY.items():
        flows = getattr(own, attribute)
        total = None if attribute in ("book", "debt", "equity") else float(flows.sum())
        yield [plan, line, "USD, nominal", total, *flows.tolist()]
