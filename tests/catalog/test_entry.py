"""An entry is refused with file, attribute and reason when it breaks its schema."""

from __future__ import annotations

from typing import Any

import pytest

from wattpath.catalog import Attribute, Quantity, Schema
from wattpath.catalog.entry import build
from wattpath.errors import CatalogError


def number(name: str, **options: Any) -> Attribute:
    settings: dict[str, Any] = {
        "unit": "GB",
        "si_factor": 1e9,
        "minimum": 0.0,
        "maximum": 1000.0,
        "required": False,
        "default": None,
        "description": "memory",
    }
    return Attribute(name=name, type=options.pop("type", "number"), **{**settings, **options})


SCHEMA = Schema(
    "thing",
    {
        "mem_bytes": number("mem_bytes", required=True),
        "spare": number("spare", default=2.0),
        "silent": number("silent"),
        "hourly": number("hourly", type="numbers"),
        "form": number("form", type="choice:rack|box"),
        "parts": number("parts", type="texts"),
        "sold": number("sold", type="flag"),
        "stored": number("stored", type="dated"),
    },
)

CELL = {
    "value": 80,
    "unit": "GB",
    "low": 70,
    "high": 90,
    "source": "s",
    "date": "2026-01",
    "evidence": "datasheet",
}


def raw(**cell: Any) -> dict[str, Any]:
    return {"name": "Thing", "values": {"mem_bytes": {**CELL, **cell}}}


def test_values_become_si() -> None:
    entry = build(SCHEMA, "thing", raw())
    quantity = entry.quantity("mem_bytes")
    assert (quantity.value, quantity.low, quantity.high) == (80e9, 70e9, 90e9)
    assert str(quantity) == "80 GB (70 to 90)"


def test_default_is_an_estimate() -> None:
    quantity = build(SCHEMA, "thing", raw()).quantity("spare")
    assert isinstance(quantity, Quantity)
    assert (quantity.value, quantity.evidence, quantity.source) == (
        2e9,
        "estimate",
        "schema-default",
    )


def test_silence_is_none_or_an_error() -> None:
    entry = build(SCHEMA, "thing", raw())
    assert entry.get("silent") is None
    with pytest.raises(CatalogError, match="gives no silent"):
        entry.si("silent")
    with pytest.raises(CatalogError, match="no attribute 'colour'"):
        entry.get("colour")


def test_series_keeps_list_and_mean() -> None:
    content = raw()
    content["values"]["hourly"] = {**CELL, "value": [70, 90], "low": 70, "high": 90}
    entry = build(SCHEMA, "thing", content)
    assert entry.series("hourly") == (70e9, 90e9)
    assert entry.si("hourly") == 80e9


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ({"unit": "GiB"}, "unit must be 'GB'"),
        ({"value": 60}, "outside 70.0 to 90.0"),
        ({"low": 85}, "outside 85.0 to 90.0"),
        ({"high": 2000}, "physical limits"),
        ({"low": -1}, "physical limits"),
        ({"evidence": "rumour"}, "evidence must be one of"),
        ({"colour": "red"}, "unknown \\['colour'\\]"),
    ],
)
def test_bad_cell_is_refused(cell: dict[str, Any], reason: str) -> None:
    with pytest.raises(CatalogError, match=reason):
        build(SCHEMA, "thing", raw(**cell))


def dated(**cell: Any) -> dict[str, Any]:
    later = {**CELL, "status": "operating", "of": "rack", **cell}
    return {**raw(), "dated": {"stored": [later, {**CELL, "date": "2025", "status": "announced"}]}}


def test_dated_facts_come_oldest_first() -> None:
    facts = build(SCHEMA, "thing", dated()).dated("stored")
    assert [fact.status for fact in facts] == ["announced", "operating"]
    assert (facts[1].quantity.value, facts[1].of) == (80e9, "rack")


def test_dated_facts_are_checked() -> None:
    with pytest.raises(CatalogError, match="status must be one of"):
        build(SCHEMA, "thing", dated(status="dreamt"))
    with pytest.raises(CatalogError, match="unit must be 'GB'"):
        build(SCHEMA, "thing", dated(unit="MB"))
    with pytest.raises(CatalogError, match="not a dated number"):
        build(SCHEMA, "thing", {**raw(), "dated": {"spare": [CELL]}})


@pytest.mark.parametrize("missing", sorted(CELL))
def test_missing_key_is_refused(missing: str) -> None:
    content = raw()
    del content["values"]["mem_bytes"][missing]
    with pytest.raises(CatalogError, match=f"missing \\['{missing}'\\]"):
        build(SCHEMA, "thing", content)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ({"form": "cloud"}, "must be one of"),
        ({"parts": "one"}, "must be a texts"),
        ({"sold": "yes"}, "must be a flag"),
        ({"colour": "red"}, "not a word of the schema"),
        ({"name": ""}, "'name' is missing"),
        ({"values": {}}, "required attribute 'mem_bytes' is missing"),
        ({"values": {"weight": CELL}}, "not a number of the schema"),
    ],
)
def test_bad_word_is_refused(word: dict[str, Any], reason: str) -> None:
    with pytest.raises(CatalogError, match=reason):
        build(SCHEMA, "thing", {**raw(), **word})
