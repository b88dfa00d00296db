"""Mixes of supply for one load: the cheapest first, and every joule comes from somewhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wattpath import catalog, projects
from wattpath.projects import alternatives as module
from wattpath.projects.alternatives import Alternative, alternatives
from wattpath.projects.replan import Replan

MIXES = {"grid": ("grid",), "gas turbines": ("gas-simple-cycle",), "sun": ("solar-single-axis",)}


def asked(tiny: dict[str, Any], factor: float, key: str, hourly: Any) -> Replan:
    """A replan of which only the load matters."""
    project = projects.load(key)
    stage = project.newest
    assert stage is not None
    plans = {"both": SimpleNamespace(hourly=hourly)}
    result: Any = SimpleNamespace(plans=plans)
    scenario = {name: value for name, value in tiny.items() if name != "grid"}
    return Replan(project, stage, "nvidia-dgx-h100", 1e5, False, scenario, factor, result)


@pytest.fixture
def load() -> SimpleNamespace:
    hours = np.arange(8760)
    return SimpleNamespace(facility_w=2e7 + 4e6 * np.sin(2.0 * np.pi * hours / 24.0))


@pytest.fixture
def found(
    tiny: dict[str, Any], load: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> tuple[tuple[Alternative, ...], tuple[Alternative, ...]]:
    monkeypatch.setattr(module, "MIXES", MIXES)
    monkeypatch.setattr(module, "DAYS", 3)
    one = alternatives(asked(tiny, 1.0, "google-new-albany", load))
    return one, alternatives(asked(tiny, 5.0, "google-new-albany", load))


def test_the_cheapest_is_first_and_the_impossible_last(
    found: tuple[tuple[Alternative, ...], tuple[Alternative, ...]],
) -> None:
    one, _ = found
    assert {each.name for each in one} == {"as announced", *MIXES}
    able = [each.levelised_usd_j for each in one if each.feasible]
    assert able == sorted(able)
    last = one[-1]
    assert (last.name, last.feasible) == ("sun", False)
    assert last.reason


def test_every_joule_comes_from_the_mix(
    found: tuple[tuple[Alternative, ...], tuple[Alternative, ...]], load: SimpleNamespace
) -> None:
    mixes = {each.name: each for each in found[0]}
    gas = mixes["gas turbines"]
    burnt = catalog.load("supply", "gas-simple-cycle").si("carbon_direct")
    assert gas.carbon_kg_j == pytest.approx(burnt, rel=0.05)
    assert gas.capacity_w["gas-simple-cycle"] >= load.facility_w.max() * (1.0 - 1e-6)
    assert mixes["as announced"].levelised_usd_j == pytest.approx(mixes["grid"].levelised_usd_j)


def test_mixes_grow_with_the_load(
    found: tuple[tuple[Alternative, ...], tuple[Alternative, ...]],
) -> None:
    one, five = ({each.name: each for each in part if each.feasible} for part in found)
    assert one.keys() == five.keys()
    for name, each in one.items():
        assert five[name].levelised_usd_j == pytest.approx(each.levelised_usd_j, rel=1e-3)
        for key, power in each.capacity_w.items():
            assert five[name].capacity_w[key] == pytest.approx(5.0 * power, rel=1e-3)


def test_an_infeasible_plan_has_no_supply(tiny: dict[str, Any]) -> None:
    each = alternatives(asked(tiny, 1.0, "google-new-albany", None))
    assert not any(mix.feasible for mix in each)
    assert all("plan both is infeasible" in mix.reason for mix in each)
