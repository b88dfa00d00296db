"""A replan on the terminal: the answer first, then ranges, supplies and places with reasons."""

from __future__ import annotations

from typing import Any

import pytest

from wattpath.cli import show_replan
from wattpath.projects.answers import EXTENSIVE


def row() -> dict[str, Any]:
    plan = dict.fromkeys(EXTENSIVE, 1e6) | {"reasons": []}
    supply = {"name": "grid", "feasible": True, "reason": "", "levelised_usd_j": 1e-8,
              "carbon_kg_j": 1e-7, "water_m3_j": 0.0, "months_to_power": 42.0,
              "capacity_w": {"grid": 2e8}}  # fmt: skip
    place = {"name": "Paris", "own": True, "reason": "", "cost_usd": 2e9, "carbon_kg": 3e7,
             "water_m3": 1e5, "months": 48.0, "supplies": ("Grid",)}  # fmt: skip
    return {
        "name": "A campus", "date": "2026-09", "server": "nvidia-gb300-nvl72",
        "server_assumed": True, "untrained": "", "chips": 1e5,
        "plans": {"blue": plan, "both": plan},
        "replaceable_share": {"power": 0.3, "cost": 0.31}, "attribution": [],
        "supplies": [supply, supply | {"feasible": False, "name": "sun", "reason": "No land."}],
        "draws": 8, "ranges": {"power": (0.25, 0.3, 0.34), "cost": (0.26, 0.32, float("nan"))},
        "places": [place, place | {"own": False, "name": "Oslo", "reason": "No grid."}],
    }  # fmt: skip


def test_answer_ranges_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    show_replan.replan(row())
    out = " ".join(capsys.readouterr().out.split())
    assert "Software replaces 30% of the best-built data centre's power" in out
    assert "over 8 draws of the sourced ranges: power 25%, 30%, 34%; cost 26%, 32%, –" in out
    assert "Paris (own)" in out
    assert "Oslo: No grid." in out
    assert "sun: No land." in out


def test_without_draws_and_places_nothing_is_said_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_replan.replan(row() | {"draws": 0, "ranges": {}, "places": [], "untrained": "No memory."})
    out = capsys.readouterr().out
    assert "They serve only: No memory." in out
    assert "P10" not in out
    assert "elsewhere" not in out
