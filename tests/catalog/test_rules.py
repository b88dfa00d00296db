"""The physical rules hold for every chip, server and fabric, and find planted slips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from wattpath import catalog
from wattpath.catalog import Entry
from wattpath.catalog.rules import RULES


def changed(entry: Entry, **values: float) -> Entry:
    """The entry with other SI values."""
    quantities = dict(entry.quantities)
    for name, value in values.items():
        quantities[name] = replace(quantities[name], value=value, low=value, high=value)
    return replace(entry, quantities=quantities)


@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_entry_obeys(kind: str) -> None:
    found = {entry.key: RULES[kind](entry) for entry in catalog.entries(kind)}
    assert {key: reasons for key, reasons in found.items() if reasons} == {}


def test_newer_datacentre_chips_compute_more_per_watt() -> None:
    """Volta to Blackwell: dense FP16 per watt of TDP rises with each generation."""
    names = ("V100", "A100", "H100", "B200")
    chips = [catalog.load("chip", name) for name in names]
    per_watt = [chip.si("fp16_flops") / chip.si("tdp_w") for chip in chips]
    assert per_watt == sorted(per_watt)


def test_servers_of_one_baseboard_agree() -> None:
    """Boxes around the same eight chips differ by less than a third in rated power."""
    for chip in ("nvidia-h100-sxm", "nvidia-b200-sxm", "amd-mi300x"):
        peaks = [
            server.si("peak_w")
            for server in catalog.entries("server")
            if server.text("chip") == chip and server.si("chips") == 8
        ]
        assert len(peaks) >= 3
        assert max(peaks) < 1.33 * min(peaks)


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
