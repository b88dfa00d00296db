"""The whole catalogue holds together: schema, ranges, sources, physics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.catalog.check import check, entry_problems, schema_gaps, summary


def test_no_problems() -> None:
    """Every entry of every kind passes; the message lists what does not."""
    assert "\n".join(map(str, check())) == ""


def test_schema_tables_are_complete() -> None:
    assert "\n".join(map(str, schema_gaps())) == ""


def test_summary_counts_every_number() -> None:
    for row in summary():
        assert row.entries == len(catalog.names(row.kind))
        assert row.numbers == sum(row.evidence.values())


def test_catalogue_has_the_promised_size() -> None:
    needed = ("bf16_flops", "mem_bytes", "bandwidth_bytes_s", "tdp_w")
    chips = catalog.entries("chip")
    complete = [c for c in chips if all(c.get(name) is not None for name in needed)]
    assert len(chips) >= 70
    assert len(complete) >= 45
    makers = {server.text("maker") for server in catalog.entries("server")}
    assert {"Lenovo", "Dell", "HPE", "Supermicro", "Gigabyte", "Inspur"} <= makers


def regraded(entry: Entry, name: str, **fields: Any) -> Entry:
    """The entry with other fields of one number."""
    quantity = replace(entry.quantities[name], **fields)
    return replace(entry, quantities={**entry.quantities, name: quantity})


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda e: regraded(e, "peak_w", evidence="estimate"), "peak_w: an estimate must have"),
        (lambda e: regraded(e, "peak_w", date="last May"), "peak_w: the date must be"),
        (lambda e: replace(e, key="DGX_H100"), "the key must be lower-case"),
        (lambda e: replace(e, words={**e.words, "chip": "h101"}), "there is no chip 'h101'"),
    ],
)
def test_entry_slips_are_found(spoil: Callable[[Entry], Entry], reason: str) -> None:
    server = catalog.load("server", "DGX H100")
    assert entry_problems(server) == []
    assert any(reason in str(problem) for problem in entry_problems(spoil(server)))


def test_estimate_of_nothing_needs_no_range() -> None:
    server = regraded(catalog.load("server", "DGX H100"), "liquid_share", evidence="estimate")
    assert entry_problems(server) == []
