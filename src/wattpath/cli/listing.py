"""The catalogue as plain data for the screen and for JSON."""

from __future__ import annotations

from typing import Any

from wattpath import catalog
from wattpath.catalog.entry import EVIDENCE, Entry, Quantity

Row = dict[str, Any]

#: Numbers shown beside each entry of a kind.
SHOWN = 3


def kinds() -> list[Row]:
    """One row per kind: how many entries and values, by evidence grade."""
    rows = []
    for name in catalog.kinds():
        entries = catalog.entries(name)
        grades = [q.evidence for entry in entries for q in entry.numbers()]
        row: Row = {"kind": name, "entries": len(entries), "values": len(grades)}
        row.update({grade: grades.count(grade) for grade in EVIDENCE})
        rows.append(row)
    total: Row = {"kind": "all"}
    for key in list(rows[0])[1:]:
        total[key] = sum(row[key] for row in rows)
    return [*rows, total]


def kind(name: str) -> list[Row]:
    """One row per entry of a kind, with the numbers that most of its entries have."""
    entries = catalog.entries(name)
    numbers = [row for row in catalog.schema(name).attributes.values() if row.numeric]
    held = {row.name: sum(row.name in entry.quantities for entry in entries) for row in numbers}
    ranked = sorted(numbers, key=lambda row: (not row.required, -held[row.name]))[:SHOWN]
    shown = [row.name for row in numbers if row in ranked]
    return [_summary(entry, shown) for entry in entries]


def _summary(entry: Entry, shown: list[str]) -> Row:
    row: Row = {"key": entry.key, "name": entry.name}
    for attribute in shown:
        unit = entry.schema.attributes[attribute].unit
        quantity = entry.quantities.get(attribute)
        label = attribute if unit in ("", "-") else f"{attribute} [{unit}]"
        row[label] = None if quantity is None else _rounded(quantity.value / quantity.si_factor)
    return row


def _rounded(value: float) -> float:
    """Without the noise of a conversion to SI and back."""
    return float(f"{value:.9g}")


def entry(kind: str, name: str) -> Row:
    """An entry with every value: range, unit, evidence, date, note and source in full."""
    found = catalog.load(kind, name)
    values = [_value(quantity) for quantity in found.quantities.values()]
    values += [
        {**_value(fact.quantity), "status": fact.status, "of": fact.of} for fact in found.facts
    ]
    used = {str(value["source"]) for value in values}
    return {
        "kind": kind,
        "key": found.key,
        "name": found.name,
        "aliases": list(found.aliases),
        "words": found.words,
        "values": values,
        "sources": [_source(key) for key in sorted(used)],
    }


def _value(quantity: Quantity) -> Row:
    factor = quantity.si_factor
    series = [_rounded(x / factor) for x in quantity.series]
    return {
        "attribute": quantity.attribute,
        "value": series or _rounded(quantity.value / factor),
        "unit": quantity.unit,
        "low": _rounded(quantity.low / factor),
        "high": _rounded(quantity.high / factor),
        "evidence": quantity.evidence,
        "date": quantity.date,
        "source": quantity.source,
        "note": quantity.note,
    }


def _source(key: str) -> Row:
    source = catalog.sources()[key]
    return {
        "key": key,
        "title": source.title,
        "publisher": source.publisher,
        "address": source.address,
        "date": source.date,
        "licence": source.licence,
    }
