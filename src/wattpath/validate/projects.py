"""Announced projects against the model: the catalogue's own facts, or a table of others.

A table's row names a catalogued ``project``, or gives ``server``, ``chips``, ``site``,
``cooling`` and ``electrical`` of a site, with the published ``quantity``, ``value`` and
``unit`` (those of the catalogue's project table), and may give a ``date``.

Where it breaks down: an analyst's estimate is compared as if it were measured; its stated
range tells how far that goes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from wattpath import catalog, projects
from wattpath.catalog import Entry, Fact
from wattpath.catalog.entry import build
from wattpath.errors import WattpathError
from wattpath.projects.costsheet import Sheet, sheets
from wattpath.projects.project import Project, project_of
from wattpath.projects.reproduce import Comparison, compare
from wattpath.validate.ledger import Ledger, LedgerRow, read_rows

#: What every row of a table must have.
COLUMNS = ("quantity", "value", "unit")

#: Date of a table's row that gives none: later than any fact.
_OPEN_DATE = "2099"

#: Words that describe a site in a table.
_WORDS = ("site", "cooling", "electrical")


def projects_ledger(file: str | Path | None = None) -> Ledger:
    """Compare every stated figure that servers, cooling and place predict.

    Parameters
    ----------
    file : path, optional
        A table (see the module); the catalogue's projects without it.

    Raises
    ------
    FileInputError
        If the table cannot be read or lacks a column.
    """
    if file is not None:
        rows = enumerate(read_rows(file, COLUMNS), 2)
        return Ledger("projects", tuple(_judge(line, row) for line, row in rows))
    found = [row for project in projects.projects() for row in _project(project)]
    return Ledger("projects", (*found, *map(_sheet, sheets())))


def _project(project: Project) -> list[LedgerRow]:
    return [_row(project, comparison) for comparison in compare(project)]


def _row(project: Project, comparison: Comparison) -> LedgerRow:
    stated = comparison.stated
    chips = project.newest.chips if project.newest else {}
    outside = "" if comparison.overlap else "the ranges do not meet"
    return LedgerRow(
        row_id=f"{project.key} {comparison.date} {comparison.quantity}",
        source=stated.source,
        n_chips=int(sum(count.value for count in chips.values())),
        quantity=comparison.quantity,
        predicted=comparison.modelled.value,
        measured=stated.value,
        status="answered",
        reason=outside,
        chip="+".join(sorted(chips)),
    )


def _sheet(sheet: Sheet) -> LedgerRow:
    """A published cost sheet, in USD per W of computing equipment and year."""
    return LedgerRow(
        row_id=sheet.name,
        source=sheet.source,
        n_chips=0,
        quantity="yearly_cost",
        predicted=sheet.modelled,
        measured=sheet.stated,
        status="answered",
    )


def _judge(line: int, row: dict[str, str]) -> LedgerRow:
    label = f"line {line}: {row.get('project') or row.get('server', '')}"
    try:
        given, fact = _given(row), _fact(row)
        asked = project_of(replace(given, facts=(*given.facts, fact)))
        found = [each for each in compare(asked) if each.stated is fact.quantity]
    except (ValueError, WattpathError) as refusal:
        return _refused(label, row, str(refusal))
    if not found:
        reason = "its servers, its cooling or its place do not tell this quantity"
        return _refused(label, row, reason)
    return replace(_row(asked, found[0]), row_id=label)


def _refused(label: str, row: dict[str, str], reason: str) -> LedgerRow:
    return LedgerRow(
        label, row.get("source", ""), 0, row["quantity"], None, None, "refused", reason
    )


def _given(row: dict[str, str]) -> Entry:
    """The catalogued project of a row, or a site of its servers."""
    if row.get("project"):
        return projects.load(row["project"]).entry
    server = catalog.load("server", row.get("server", ""), "server")
    count = _cell(row.get("chips", ""), "chip", row, of=server.key)
    words = {word: row[word] for word in _WORDS if row.get(word)}
    return _entry({**words, "dated": {"chips": [count]}})


def _fact(row: dict[str, str]) -> Fact:
    return _entry({"dated": {row["quantity"]: [_cell(row["value"], row["unit"], row)]}}).facts[0]


def _entry(content: dict[str, Any]) -> Entry:
    head = {"name": "A site", "form": "site", "owner": "not given", "country": "not given"}
    return build(catalog.schema("project"), "table", {**head, **content})


def _cell(value: str, unit: str, row: dict[str, str], **more: str) -> dict[str, Any]:
    number = float(value)
    return {
        "value": number,
        "unit": unit,
        "low": number,
        "high": number,
        "source": row.get("source") or "table",
        "date": row.get("date") or _OPEN_DATE,
        "evidence": "datasheet",
        "status": "operating",
        **more,
    }
