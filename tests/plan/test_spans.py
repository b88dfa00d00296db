"""A scenario's own ranges are read as its values are, and are drawn like those of the catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from wattpath.errors import InputError
from wattpath.plan import scenario
from wattpath.plan.spans import limits_of, placed, steps, taken
from wattpath.plan.uncertainty import outside
from wattpath.plan.uncertainty.inputs import Collector

TOKENS = {"value": 1500, "low": "1k tokens", "high": "4k tokens"}


def _given(tiny: dict[str, Any]) -> scenario.Scenario:
    tiny["demands"][0]["input_tokens"] = TOKENS
    tiny["grid"] = {**tiny.get("grid", {}), "price": {
        "value": "70 USD/MWh", "low": "50 USD/MWh", "high": "90 USD/MWh"}}  # fmt: skip
    tiny["finance"] = {"discount_rate": {"value": 0.08, "low": 0.06, "high": 0.1}}
    return scenario.from_dict(tiny)


def test_a_range_is_its_value_with_both_ends_in_si(tiny: dict[str, Any]) -> None:
    asked = _given(tiny)
    assert asked.demands[0].input_tokens == 1500.0  # type: ignore[union-attr]
    assert asked.spans["demands.0.input_tokens"] == (1000.0, 4000.0)
    low, high = asked.spans["grid.price"]
    assert low / high == pytest.approx(50.0 / 90.0)
    assert low < asked.grid.price < high  # type: ignore[operator]


def test_a_growth_for_all_years_may_have_a_range(tiny: dict[str, Any]) -> None:
    tiny["horizon"] = {"years": 3}
    tiny["demands"][0]["growth"] = {"value": "20 %", "low": 0.1, "high": 0.3}
    asked = scenario.from_dict(tiny)
    assert asked.demands[0].growth == [0.2]
    assert asked.spans == {"demands.0.growth.0": (0.1, 0.3)}
    assert limits_of(asked, ("demands", "0", "growth", "0")) == (-0.9, 20.0)


def test_ranges_are_inputs_with_their_path_as_the_name(tiny: dict[str, Any]) -> None:
    asked, found = _given(tiny), Collector()
    outside.own(found, asked)
    titles = {own.title: own.key for own in found.inputs()}
    name = f"demands.{asked.demands[0].name}.input_tokens"
    assert titles.keys() == {name, "grid.price", "finance.discount_rate"}
    drawn = outside.asked_of(asked, outside.values_of(found.effects, {titles[name]: 1.0}))
    assert drawn.demands[0].input_tokens > 1500.0  # type: ignore[union-attr]
    assert drawn.grid == asked.grid
    still = outside.asked_of(asked, outside.values_of(found.effects, {}))
    assert still == asked


def test_draws_keep_to_the_limits_of_the_value(tiny: dict[str, Any]) -> None:
    tiny["demands"][0]["shared_prefix"] = {"value": 0.5, "low": 0.2, "high": 0.95}
    asked, found = scenario.from_dict(tiny), Collector()
    outside.own(found, asked)
    (effect,) = found.effects.values()
    assert effect.at({effect.loads[0][0]: 9.0}) == 0.99


@pytest.mark.parametrize(
    ("path", "given", "words"),
    [
        ("demands.0.input_tokens", {"value": 1500, "low": 2000, "high": 4000}, "in this order"),
        ("demands.0.input_tokens", {"value": 1500, "low": 1000}, "have high too"),
        ("demands.0.input_tokens", {"value": 1500, "low": "10 kg", "high": 4000}, "tokens"),
        ("demands.0.name", {"value": "a", "low": "b", "high": "c"}, "have no range"),
        ("seed", {"value": 1, "low": 0, "high": 2}, "have no range"),
    ],
)
def test_what_is_no_range_is_refused(
    tiny: dict[str, Any], path: str, given: dict[str, Any], words: str
) -> None:
    place: Any = tiny
    *parents, last = path.split(".")
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    place[last] = given
    with pytest.raises(InputError, match=words):
        scenario.from_dict(tiny)


def test_a_value_is_put_in_its_place_and_nowhere_else(tiny: dict[str, Any]) -> None:
    asked = scenario.from_dict(tiny)
    at = steps("demands.0.spare")
    changed = placed(asked, at, 0.3)
    assert taken(changed, at) == 0.3
    assert placed(changed, at, taken(asked, at)) == asked
