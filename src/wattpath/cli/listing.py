"""The catalogue as rows for the screen and for JSON."""

from __future__ import annotations

from typing import Any

from wattpath import catalog
from wattpath.catalog.entry import EVIDENCE, Entry

Row = dict[str, Any]


def kinds() -> list[Row]:
    """One row per kind: how many entries and values, by evidence grade."""
    rows = []
    for name in catalog.kinds():
        entries = catalog.entries(name)
        grades = [q.evidence for entry in entries for q in entry.quantities.values()]
        row: Row = {"kind": name, "entries": len(entries), "values": len(grades)}
        row.update({grade: grades.count(grade) for grade in EVIDENCE})
        rows.append(row)
    total: Row = {"kind": "all"}
    for key in list(rows[0])[1:]:
        total[key] = sum(row[key] for row in rows)
    return [*rows, total]


def kind(name: str) -> list[Row]:
    """One row per entry of a kind with its first few required numbers."""
    schema = catalog.schema(name)
    shown = [row.name for row in schema.attributes.values() if row.numeric][:6]
    return [_summary(entry, shown) for entry in catalog.entries(name)]


def _summary(entry: Entry, shown: list[str]) -> Row:
    row: Row = {"key": entry.key, "name": entry.name}
    for attribute in shown:
        unit = entry.schema.attributes[attribute].unit
        quantity = entry.quantities.get(attribute)
        label = attribute if unit in ("", "-") else f"{attribute} [{unit}]"
        row[label] = None if quantity is None else float(f"{quantity.value / quantity.si_factor:.6g}")
    return row


def entry(kind: str, name: str) -> list[Row]:
    """One row per value of an entry: value, range, unit, evidence, date and source."""
    found = catalog.load(kind, name)
    rows: list[Row] = [{"attribute": "name", "value": found.name}]
    rows += [{"attribute": word, "value": value} for word, value in found.words.items()]
    for quantity in found.quantities.values():
        factor = quantity.si_factor
        rows.append(
            {
                "attribute": quantity.attribute,
                "value": [x / factor for x in quantity.series] or quantity.value / factor,
                "unit": quantity.unit,
                "low": quantity.low / factor,
                "high": quantity.high / factor,
                "evidence": quantity.evidence,
                "date": quantity.date,
                "source": catalog.sources()[quantity.source].title,
                "note": quantity.note,
            }
        )
    return rows
