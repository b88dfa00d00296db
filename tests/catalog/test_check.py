"""The whole catalogue holds together: schema, ranges, sources, physics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.catalog.check import check, entry_problems, schema_gaps, summary
from wattpath.catalog.rules import RULES


def changed(entry: Entry, **values: float) -> Entry:
    """The entry with other SI values."""
    quantities = dict(entry.quantities)
    for name, value in values.items():
        quantities[name] = replace(quantities[name], value=value, low=value, high=value)
    return replace(entry, quantities=quantities)


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


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda e: changed(e, fp8_flops=1.0e14), "bf16_flops exceeds fp8_flops"),
        (lambda e: changed(e, sparse_bf16_flops=5.0e14), "bf16_flops exceeds sparse_bf16_flops"),
        (lambda e: changed(e, bandwidth_bytes_s=3.35e9), "no believable ridge point"),
        (lambda e: changed(e, tdp_w=7.0), "is not believable"),
        (lambda e: changed(e, tdp_w=2000.0), "tdp_w exceeds system_w"),
    ],
)
def test_chip_rule_finds_slips(spoil: Callable[[Entry], Entry], reason: str) -> None:
    chip = catalog.load("chip", "H100")
    assert RULES["chip"](chip) == []
    assert any(reason in found for found in RULES["chip"](spoil(chip)))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda e: changed(e, peak_w=5.0e3), "its chips alone exceed peak_w"),
        (lambda e: changed(e, idle_w=11.0e3), "idle_w must be below peak_w"),
        (lambda e: changed(e, liquid_share=0.5), "gives no heat to liquid"),
        (lambda e: changed(e, price_usd=1.0e4), "far below that of its chips"),
        (lambda e: changed(e, scaleup_domain=1000.0), "larger than nvlink-4 allows"),
        (lambda e: changed(e, embodied_kg=100.0), "less than that of its chips"),
    ],
)
def test_server_rule_finds_slips(spoil: Callable[[Entry], Entry], reason: str) -> None:
    server = catalog.load("server", "DGX H100")
    assert RULES["server"](server) == []
    assert any(reason in found for found in RULES["server"](spoil(server)))


def test_server_rule_finds_two_way_rate() -> None:
    """A server must not name a fabric that counts both directions."""
    server = catalog.load("server", "DGX H100")
    words: dict[str, Any] = {**server.words, "scaleup_fabric": "nvlink-5"}
    found = RULES["server"](replace(server, words=words))
    assert any("runs at another rate" in reason for reason in found)
