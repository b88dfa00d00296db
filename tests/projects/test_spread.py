"""Ranges of a replan: drawn shares about its own, from what it chose and its neighbours."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wattpath.projects.replan import LEVERS, PRACTICE
from wattpath.projects.spread import Drawn, neighbourhood


def replanned(*sets: tuple[str, str, tuple[str, ...]]) -> Any:
    """A replan of which only the choice matters."""
    chosen = [
        SimpleNamespace(deployment=SimpleNamespace(demand=demand, server=server, levers=levers))
        for demand, server, levers in sets
    ]
    return SimpleNamespace(
        scenario={"baseline": {"levers": list(PRACTICE)}, "options": {"levers": list(LEVERS)}},
        result=SimpleNamespace(plans={"both": SimpleNamespace(chosen=chosen)}),
    )


BASE = ("prefix-caching", "fp8-weights", "kv-fp8", "expert-balancing")
BEST = ("prefix-caching", "expert-balancing", "fp4-weights", "kv-fp4", "disaggregation")


def test_what_is_given_up_brings_the_baseline_back() -> None:
    near = neighbourhood(replanned(("chat", "a", BASE), ("chat", "b", BEST)))
    assert ("chat", "a", BASE) in near
    assert ("chat", "b", BEST) in near
    without = ("prefix-caching", "fp8-weights", "expert-balancing", "kv-fp4", "disaggregation")
    assert {("chat", "a", without), ("chat", "b", without)} <= near
    assert not any({"fp4-weights", "fp8-weights"} <= set(keys) for _, _, keys in near)


def test_ranges_stand_about_the_own_share() -> None:
    drawn = Drawn(np.array([0.3, 0.2]), np.array([[0.2, 0.1], [0.3, 0.2], [0.4, 0.3]]))
    found = drawn.about({"power": 0.3, "cost": 0.2})
    assert found.replaceable["power"] == pytest.approx((0.22, 0.3, 0.38))
    moved = drawn.about({"power": 0.65, "cost": 0.2}).replaceable["power"]
    assert moved[1] == pytest.approx(0.65)
    assert moved[2] - moved[0] == pytest.approx(0.5 * 0.16)
    assert found.infeasible == 0.0
