"""Drawn values stand for the catalogue's within a block, and leave nothing behind."""

from __future__ import annotations

from wattpath import catalog, levers
from wattpath.supply import load_technology

H100 = ("server", "nvidia-dgx-h100", "price_usd")


def test_a_draw_holds_within_its_block_only() -> None:
    before = catalog.load("server", "nvidia-dgx-h100").si("price_usd")
    with catalog.drawn({H100: 123.0}):
        assert catalog.load("server", "DGX H100").si("price_usd") == 123.0
        named = {entry.key: entry for entry in catalog.entries("server")}
        assert named["nvidia-dgx-h100"].si("price_usd") == 123.0
    assert catalog.load("server", "nvidia-dgx-h100").si("price_usd") == before


def test_what_is_remembered_is_kept_apart_for_every_draw() -> None:
    before = load_technology("grid").capex_usd_w
    reuse = levers.load("prefix-caching").sets["prefix_reuse"].value
    given = {
        ("supply", "grid", "capex"): 7.0,
        ("lever", "prefix-caching", "set_prefix_reuse"): 0.5,
    }
    with catalog.drawn(given):
        assert load_technology("grid").capex_usd_w == 7.0
        assert load_technology("grid") is load_technology("grid")
        assert levers.load("prefix-caching").sets["prefix_reuse"].value == 0.5
    with catalog.drawn({("supply", "grid", "capex"): 8.0}):
        assert load_technology("grid").capex_usd_w == 8.0
    assert load_technology("grid").capex_usd_w == before
    assert levers.load("prefix-caching").sets["prefix_reuse"].value == reuse


def test_the_range_stays_beside_a_drawn_value() -> None:
    entry = catalog.load("server", "nvidia-dgx-h100").quantity("price_usd")
    with catalog.drawn({H100: 123.0}):
        drawn = catalog.load("server", "nvidia-dgx-h100").quantity("price_usd")
    assert (drawn.low, drawn.high, drawn.source) == (entry.low, entry.high, entry.source)
