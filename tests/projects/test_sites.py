"""The same service elsewhere: each place once, the cheapest first, reasons for the rest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from wattpath import projects
from wattpath.projects import sites as module
from wattpath.projects.sites import Place, elsewhere


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> tuple[Place, ...]:
    costs = {"us-abilene": 3.0, "se-lulea": 2.0, "fr-paris": float("nan")}

    def at(_: Any, key: str, own: str, bank: Any) -> Place:
        reason = "No plan exists there." if key == "fr-paris" else ""
        return Place(key, key, key == own, reason, cost_usd=costs[key])

    monkeypatch.setattr(module, "_at", at)
    asked: Any = SimpleNamespace(project=projects.load("stargate-abilene"))
    return elsewhere(asked, lambda *_: None, ("se-lulea", "fr-paris", "us-abilene"))


def test_each_place_once_the_cheapest_first(found: tuple[Place, ...]) -> None:
    assert [place.site for place in found] == ["se-lulea", "us-abilene", "fr-paris"]


def test_the_own_place_is_marked(found: tuple[Place, ...]) -> None:
    assert [place.site for place in found if place.own] == ["us-abilene"]


def test_a_place_without_a_plan_says_why(found: tuple[Place, ...]) -> None:
    assert [place.site for place in found if not place.feasible] == ["fr-paris"]
