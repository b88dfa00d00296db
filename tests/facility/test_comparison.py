"""Systems side by side at a place, and the texts and tables of a run."""

from __future__ import annotations

import pytest

from wattpath import facility


def test_ranks_feasible_systems_by_pue() -> None:
    weather = facility.load_weather("us-phoenix")
    names = ["immersion", "DLC dry", "legacy air", "direct evaporative"]
    result = facility.compare_cooling(weather, names)
    frame = result.to_frame()
    assert list(frame["cooling"])[:2] == ["liquid-dry-cooler", "air-evaporative-hyperscale"]
    assert frame["feasible"].tolist() == [True, True, True, False]
    assert frame["pue"].iloc[:3].is_monotonic_increasing
    assert "K above its supply limit" in frame["reason"].iloc[3]


def test_one_chain_for_all() -> None:
    weather = facility.load_weather("us-denver")
    result = facility.compare_cooling(weather, ["rear door", "DLC tower"], "dc-800v")
    assert {one.electrical for one in result.systems} == {"dc-800v"}


def test_run_as_text_table_and_map() -> None:
    weather = facility.load_weather("us-denver")
    run = facility.simulate("liquid-dry-cooler", "modern-eco", weather, 0.7)
    assert run.heat_map.shape == (365, 24)
    frame = run.to_frame()
    assert len(frame) == 8760
    assert frame["pue"].mean() == pytest.approx(run.pue, rel=1e-3)
    text = run.explain()
    assert text.startswith("liquid-dry-cooler on modern-eco at us-denver: PUE 1.0")
    assert "worst hour" in text
