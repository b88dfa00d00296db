"""The money of plans as a spreadsheet that computes itself.

One sheet holds the terms, one each plan with its assets and years, one the boundaries. Every
number of a plan's years is a formula over the terms, the assets' prices and the price of a
million tokens, in the words of `wattpath.economics.cashflow`; whoever changes a term sees the
consequence. Only the levelised price is a number: the price at which the present value is nothing
is found by goal seek. The sheet of values holds the statements as they were found, for programs
that read a spreadsheet without computing it (see `wattpath.report.finance_values`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath.economics.cashflow import Asset, Terms
from wattpath.errors import FileInputError
from wattpath.plan.finance.statements import LIKE_SERVERS
from wattpath.report import finance_values

if TYPE_CHECKING:
    from wattpath.plan.finance.statements import Financed

TERMS, BOUNDARIES = "Inputs", "Boundaries"

#: Line of a plan's sheet that shows that the books balance.
BALANCE = "Book value less what is owed and equity (0: the books balance)"

#: Term -> words on the sheet of inputs.
WORDS = {
    "inflation": "Inflation a year",
    "debt_share": "Share of purchases that lenders pay",
    "debt_rate": "Nominal interest a year",
    "debt_tenor": "Years of repayment",
    "equity_rate": "Nominal return that owners ask a year",
    "tax": "Tax on profit",
    "server_write_off": "Years over which servers are written off",
    "plant_write_off": "Years over which halls and plant are written off",
    "server_residual": "Value of servers at the end of their life over price",
    "plant_residual": "Value of halls and plant at the end of their life over price",
}

#: Row of the first term on its sheet.
FIRST_TERM = 4

#: First column of years on a plan's sheet: that of the beginning, year 0.
FIRST_YEAR = 8

#: Columns of an asset on a plan's sheet.
NAME, GROUP, PRICE, LIFE, WRITE_OFF, RESIDUAL = 1, 2, 3, 4, 5, 6

#: Rows of a plan's sheet above its assets.
PRICE_ROW, NPV_ROW, IRR_ROW, PROJECT_ROW, COVER_ROW, YEAR_ROW, LEVEL_ROW = 3, 4, 5, 6, 7, 10, 11

MONEY, RATE = "#,##0;[Red]-#,##0", "0.0%"


def write(found: Financed, file: str | Path) -> Path:
    """Write the spreadsheet; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    path = Path(file)
    part = path.with_name(f".{path.name}.part")
    try:
        book(found).save(part)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        hint = f"{error.strerror}."
        raise FileInputError("--xlsx", "be in a writable folder", str(file), hint) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path


def book(found: Financed) -> Any:
    """The workbook."""
    from openpyxl import Workbook

    made = Workbook()
    _terms(made.active, found)
    for name in found.projects:
        PlanSheet(made.create_sheet(name), found, name).fill()
    finance_values.fill(made.create_sheet(finance_values.VALUES), found)
    _boundaries(made.create_sheet(BOUNDARIES), found)
    return made


def term(name: str) -> str:
    """Where a term stands, as formulas name it."""
    row = FIRST_TERM + [field.name for field in fields(Terms)].index(name)
    return f"{TERMS}!$B${row}"


def _terms(sheet: Any, found: Financed) -> None:
    sheet.title = TERMS
    _row(sheet, 1, [f"{found.scenario}: terms; change a value and every sheet follows"], bold=True)
    _row(sheet, 3, ["Term", "Value", "Name", "Unit"], bold=True)
    for row, field in enumerate(fields(Terms), start=FIRST_TERM):
        value = getattr(found.terms, field.name)
        whole = field.name in ("debt_tenor", "server_write_off", "plant_write_off")
        _row(sheet, row, [WORDS[field.name], value, field.name, "years" if whole else "share"])
        sheet.cell(row, 2).number_format = "0" if whole else RATE
    sheet.column_dimensions["A"].width = 58
    sheet.column_dimensions["C"].width = 20


def _boundaries(sheet: Any, found: Financed) -> None:
    _row(sheet, 1, ["What", "Boundary"], bold=True)
    for row, (label, words) in enumerate(found.boundaries(), start=2):
        _row(sheet, row, [label, words])
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 140


class PlanSheet:
    """One plan: what it buys, and its years as formulas.

    Parameters
    ----------
    sheet : openpyxl worksheet
    found : Financed
    name : str
        Of the plan.
    """

    def __init__(self, sheet: Any, found: Financed, name: str) -> None:
        self.sheet, self.found, self.name = sheet, found, name
        self.project = found.projects[name]
        self.assets: Sequence[Asset] = self.project.assets
        self.years = len(self.project.output)
        self.rows: dict[str, int] = {}

    def fill(self) -> None:
        """Write everything."""
        self._years()
        self._assets()
        self._output()
        self._flows()
        self._head()
        self.sheet.freeze_panes = self.sheet.cell(YEAR_ROW + 1, FIRST_YEAR)
        self.sheet.column_dimensions["A"].width = 52
        self.sheet.column_dimensions["B"].width = 22
        for place in range(PRICE, FIRST_YEAR + self.years + 1):
            self.sheet.column_dimensions[self._letter(place)].width = 14

    # ------------------------------------------------------------------ places

    def _letter(self, column: int) -> str:
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(column))

    def _at(self, row: int, year: int) -> str:
        """A cell of a row in a year."""
        return f"{self._letter(FIRST_YEAR + year)}{row}"

    def _all(self, row: int) -> str:
        """A row in all years, as formulas name it."""
        first, last = self._letter(FIRST_YEAR), self._letter(FIRST_YEAR + self.years)
        return f"${first}${row}:${last}${row}"

    def _fill(self, row: int, formulas: Sequence[Any], style: str = MONEY) -> None:
        for year, formula in enumerate(formulas):
            cell = self.sheet.cell(row, FIRST_YEAR + year, formula)
            cell.number_format = style

    def _line(self, row: int, label: str, formulas: Sequence[Any], style: str = MONEY) -> None:
        self.rows[label] = row
        _row(self.sheet, row, [label])
        self._fill(row, formulas, style)

    # ------------------------------------------------------------------ blocks

    def _years(self) -> None:
        _row(self.sheet, YEAR_ROW, ["Year (0: the beginning)"], bold=True)
        self._fill(YEAR_ROW, list(range(self.years + 1)), "0")
        levels = [f"=(1+{term('inflation')})^{self._at(YEAR_ROW, y)}" for y in self._span()]
        self._line(LEVEL_ROW, "Price level", levels, "0.0000")

    def _span(self) -> range:
        return range(self.years + 1)

    def _assets(self) -> None:
        """Three blocks of one row for each asset: real purchases, write-off, value left."""
        top = LEVEL_ROW + 2
        titles = ("Purchases, real USD", "Written off, nominal USD", "Value left, nominal USD")
        height = len(self.assets) + 2
        self.blocks = [top + 1 + place * height for place in range(len(titles))]
        for title, first in zip(titles, self.blocks, strict=True):
            _row(self.sheet, first - 1, [title], bold=True)
        heads = ["Purchases, real USD", "class", "price, USD", "life, years"]
        heads += ["written off, years", "value at end, share"]
        _row(self.sheet, top, heads, bold=True)
        for place, asset in enumerate(self.assets):
            rows = [first + place for first in self.blocks]
            self._asset(asset, rows[0])
            for row in rows[1:]:
                _row(self.sheet, row, [asset.name])
            self._fill(rows[1], [self._written(rows[0], year) for year in self._span()])
            self._fill(rows[2], [self._left(rows[0], year) for year in self._span()])
        self.below = self.blocks[-1] + len(self.assets) + 1

    def _asset(self, asset: Asset, row: int) -> None:
        """What is bought when: a formula where it is renewed, numbers where the plan says."""
        server = asset.group in LIKE_SERVERS
        residual: Any = asset.residual
        if residual != 0.0:
            residual = f"={term('server_residual' if server else 'plant_residual')}"
        life = _whole(term("server_write_off" if server else "plant_write_off"))
        price: Any = asset.price_usd[0] if asset.renewed else ""
        _row(self.sheet, row, [asset.name, asset.group, price, asset.life, f"={life}", residual])
        if asset.renewed:
            own, each = f"$C{row}", f"$D{row}"
            paid: list[Any] = [
                f"=IF(MOD({self._at(YEAR_ROW, y)},{each})=0,{own},0)" for y in range(self.years)
            ]
        else:
            paid = asset.purchases(self.years).tolist()
        self._fill(row, [*paid, 0])

    def _written(self, row: int, year: int) -> str:
        """Equal parts until the write-off or the use ends, then all that is left."""
        t, n = self._at(YEAR_ROW, year), self._at(YEAR_ROW, self.years)
        s = self._all(YEAR_ROW)
        cost, over, life = f"{self._all(row)}*{self._all(LEVEL_ROW)}", f"$E{row}", f"$D{row}"
        ends = f"((({s}+{life}={t})+({t}={n})*({s}+{life}>{n}))>0)"
        used = f"(({over}+({t}-{s})-ABS({over}-({t}-{s})))/2)"
        even = f"SUMPRODUCT({cost}*({s}<{t})*({s}+{over}>={t})*({s}+{life}>={t}))/{over}"
        return f"={even}+SUMPRODUCT({cost}*({s}<{t})*{ends}*(1-{used}/{over}))"

    def _left(self, row: int, year: int) -> str:
        """Value at the end of a life, or of the span by the years still to come."""
        t, n = self._at(YEAR_ROW, year), self._at(YEAR_ROW, self.years)
        s, life, residual = self._all(YEAR_ROW), f"$D{row}", f"$F{row}"
        ends = f"((({s}+{life}={t})+({t}={n})*({s}+{life}>{n}))>0)"
        worth = f"({residual}+(1-{residual})*({s}+{life}-{t})/{life})"
        level = self._at(LEVEL_ROW, year)
        return f"=SUMPRODUCT({self._all(row)}*({s}<{t})*{ends}*{worth})*{level}"

    def _output(self) -> None:
        """Operation by line and output."""
        row = self.below
        _row(self.sheet, row, ["Operation, real USD"], bold=True)
        self.lines = []
        for label, usd in self.project.operation.items():
            row += 1
            self.lines.append(row)
            _row(self.sheet, row, [label])
            self._fill(row, [0, *usd])
        row += 2
        self._line(row, "Output, million tokens", [0, *self.project.output])
        self.below = row + 2

    def _flows(self) -> None:
        """The statement, each line a formula of the ones above."""
        _row(self.sheet, self.below, ["Nominal USD"], bold=True)
        names = ("Revenue", "Operation", "Purchases", "Debt drawn", "Loan ends after years",
                 "Payment of a dollar of it", "Interest", "Repaid", "Owed", "Written off",
                 "Value left", "Profit", "Losses carried forward", "Tax", "To owners",
                 "To owners and lenders", "Debt cover", "Book value", "Equity",
                 BALANCE)  # fmt: skip
        self.rows |= {name: self.below + 1 + place for place, name in enumerate(names)}
        for name in names:
            style = MONEY if name not in ("Payment of a dollar of it", "Debt cover") else "0.000"
            self._line(self.rows[name], name, [self._flow(name, y) for y in self._span()], style)

    def _flow(self, name: str, year: int) -> str:
        """The formula of a line in a year."""

        def at(line: str, back: int = 0) -> str:
            return self._at(self.rows[line], year - back)

        level = self._at(LEVEL_ROW, year)
        if name == "Operation":
            return f"=SUM({self._block(self.lines, year)})*{level}"
        if name == "Purchases":
            return f"=SUM({self._block(self._block_rows(0), year)})*{level}"
        if name == "Written off":
            return f"=SUM({self._block(self._block_rows(1), year)})"
        if name == "Value left":
            return f"=SUM({self._block(self._block_rows(2), year)})"
        if name in ("Loan ends after years", "Payment of a dollar of it", "Interest", "Repaid"):
            return self._loan(name, year)
        first = year == 0
        flows = {
            "Revenue": f"=$C${PRICE_ROW}*{at('Output, million tokens')}*{level}",
            "Debt drawn": f"={term('debt_share')}*{at('Purchases')}",
            "Owed": f"={at('Debt drawn')}" if first
            else f"={at('Owed', 1)}+{at('Debt drawn')}-{at('Repaid')}",
            "Profit": f"={at('Revenue')}-{at('Operation')}-{at('Written off')}"
            f"-{at('Interest')}+{at('Value left')}",
            "Losses carried forward": f"=MAX(0,0-{at('Profit')})" if first
            else f"=MAX(0,{at('Losses carried forward', 1)}-{at('Profit')})",
            "Tax": f"={term('tax')}*MAX(0,{at('Profit')})" if first
            else f"={term('tax')}*MAX(0,{at('Profit')}-{at('Losses carried forward', 1)})",
            "To owners": f"={at('Revenue')}-{at('Operation')}-{at('Tax')}-{at('Interest')}"
            f"-{at('Repaid')}-({at('Purchases')}-{at('Debt drawn')})+{at('Value left')}",
            "To owners and lenders": f"={at('Revenue')}-{at('Operation')}-{at('Tax')}"
            f"-{at('Purchases')}+{at('Value left')}",
            "Debt cover": f"=IF({at('Interest')}+{at('Repaid')}>0,"
            f"({at('Revenue')}-{at('Operation')}-{at('Tax')}+{at('Value left')})"
            f"/({at('Interest')}+{at('Repaid')}),"
            '"")',
        }  # fmt: skip
        return flows[name] if name in flows else self._books(name, year)

    def _books(self, name: str, year: int) -> str:
        """What is bought and not written off, the owners' part of it, and that both are all."""

        def at(line: str, back: int = 0) -> str:
            return self._at(self.rows[line], year - back)

        before = "" if year == 0 else f"+{at(name, 1)}"
        if name == "Book value":
            return f"={at('Purchases')}-{at('Written off')}{before}"
        if name == "Equity":
            return f"={at('Profit')}-{at('Tax')}-{at('To owners')}{before}"
        return f"={at('Book value')}-{at('Owed')}-{at('Equity')}"

    def _loan(self, name: str, year: int) -> str:
        """Each year's purchases have a loan of their own, repaid in equal payments."""
        ends, pay = (self.rows[n] for n in ("Loan ends after years", "Payment of a dollar of it"))
        t, n, rate = self._at(YEAR_ROW, year), self._at(YEAR_ROW, self.years), term("debt_rate")
        if name == "Loan ends after years":
            return f"=MAX(1,MIN({_whole(term('debt_tenor'))},{n}-{t}))"
        if name == "Payment of a dollar of it":
            long = self._at(ends, year)
            return f"=IF({rate}=0,1/{long},{rate}/(1-(1+{rate})^(0-{long})))"
        if name == "Interest":
            return "=0" if year == 0 else f"={rate}*{self._at(self.rows['Owed'], year - 1)}"
        drawn, s = self._all(self.rows["Debt drawn"]), self._all(YEAR_ROW)
        paid = f"SUMPRODUCT({drawn}*{self._all(pay)}*({s}<{t})*({s}+{self._all(ends)}>={t}))"
        return f"={paid}-{self._at(self.rows['Interest'], year)}"

    def _block_rows(self, block: int) -> list[int]:
        first = self.blocks[block]
        return list(range(first, first + len(self.assets)))

    def _block(self, rows: Sequence[int], year: int) -> str:
        """A column of rows that follow each other."""
        return f"{self._at(rows[0], year)}:{self._at(rows[-1], year)}"

    def _head(self) -> None:
        """The price, and what it means to owners and lenders."""
        owners, both = self.rows["To owners"], self.rows["To owners and lenders"]
        later = f"{self._at(owners, 1)}:{self._at(owners, self.years)}"
        value = f"=NPV({term('equity_rate')},{later})+{self._at(owners, 0)}"
        level = self.found.levelised[self.name].price_usd
        head = (
            (1, f"{self.found.scenario}: {self.name}", "", ""),
            (2, "Levelised price that was found, USD of a million tokens", level, "0.0000"),
            (PRICE_ROW, "Price, real USD of a million tokens (an input)",
             self.found.asked[self.name].price_usd, "0.0000"),
            (NPV_ROW, "Present value to owners, USD", value, MONEY),
            (IRR_ROW, "Return of the owners", _return(self._all(owners)), RATE),
            (PROJECT_ROW, "Return of the project", _return(self._all(both)), RATE),
            (COVER_ROW, "Least debt cover", f"=MIN({self._all(self.rows['Debt cover'])})", "0.00"),
        )  # fmt: skip
        for row, label, content, style in head:
            _row(self.sheet, row, [label, "", content], bold=row <= PRICE_ROW)
            self.sheet.cell(row, PRICE).number_format = style or "General"


def _whole(reference: str) -> str:
    """A term in whole years, at least one."""
    return f"MAX(1,ROUND({reference},0))"


def _return(flows: str) -> str:
    return f'=IFERROR(IRR({flows}),"")'


def _row(sheet: Any, row: int, values: Sequence[Any], *, bold: bool = False) -> None:
    """Cells from the first column on; the first is a label, whatever sign it begins with."""
    from openpyxl.styles import Font

    for column, value in enumerate(values, start=1):
        if value == "":
            continue
        cell = sheet.cell(row, column, value)
        if column == NAME:
            cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
