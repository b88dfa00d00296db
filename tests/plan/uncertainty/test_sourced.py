"""Which ranges a scenario meets, and how they move together."""

from __future__ import annotations

from typing import Any

import pytest

from wattpath.plan import scenario
from wattpath.plan.uncertainty.distribution import Z_95
from wattpath.plan.uncertainty.study import prepare


def test_every_effect_keeps_its_own_range(tiny: dict[str, Any]) -> None:
    model, inputs = prepare(scenario.from_dict(tiny))
    keys = {own.key for own in inputs}
    for effect in model.effects.values():
        assert sum(weight**2 for _, weight in effect.loads) == pytest.approx(1.0)
        assert {name for name, _ in effect.loads} <= keys
        z = {name: Z_95 * weight for name, weight in effect.loads}
        assert effect.at(z) == pytest.approx(min(effect.high, effect.most))
        assert effect.at({}) == effect.value
    assert len(keys) == len(inputs)
    assert {"prices", "time hopper", "power hopper", "grid-price", "interest"} <= keys


def test_what_the_scenario_gives_is_no_input(tiny: dict[str, Any]) -> None:
    tiny["grid"] |= {"price": "90 USD/MWh", "carbon": "300 kg/MWh"}
    tiny["fixed_pue"] = 1.3
    model, inputs = prepare(scenario.from_dict(tiny))
    keys = {own.key for own in inputs}
    assert not keys & {"grid-price", "grid-carbon"}
    assert not any(key.startswith("overhead") for key in keys)
    assert ("hall", "air-chiller-economiser", "overhead") not in model.effects


def test_a_decision_is_no_input(tiny: dict[str, Any]) -> None:
    tiny["options"]["levers"] = ["prune-distill-light", "prefix-caching"]
    model, _ = prepare(scenario.from_dict(tiny))
    assert ("lever", "prune-distill-light", "set_width_factor") not in model.effects
    assert ("lever", "prefix-caching", "set_prefix_reuse") in model.effects


def test_slower_kernels_mean_lower_rates_and_longer_times(tiny: dict[str, Any]) -> None:
    model, _ = prepare(scenario.from_dict(tiny))
    slow = {"time hopper": Z_95}
    rate = model.effects["chip", "nvidia-h100-sxm", "bandwidth_bytes_s"]
    launch = model.effects["efficiency", "hopper", "launch_s"]
    assert rate.value / rate.at(slow) == pytest.approx(launch.at(slow) / launch.value)
    assert rate.at(slow) < rate.value
