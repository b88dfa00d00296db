"""A replan's slice is in proportion to the project; who tells too little is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import wattpath
from wattpath import catalog, projects
from wattpath.errors import InputError
from wattpath.projects.reader import read_project
from wattpath.projects.replan import KNOWN_RATE, Replan, replan

#: Chips of the one training run.
TRAINING = 20_000.0


def need(demand: dict[str, Any]) -> float:
    """Chips that the stand-in of a plan gives a demand."""
    if demand["kind"] == "training":
        return TRAINING
    rate = float(demand["requests"].split()[0])
    return rate * (5.0 if "r1" in demand["model"] else 0.7)


def planned(scenario: dict[str, Any], **_: Any) -> SimpleNamespace:
    """A plan in which chips are in proportion to requests, and power to chips."""
    chosen = tuple(
        SimpleNamespace(
            units=need(demand) / 8.0,
            deployment=SimpleNamespace(demand=demand["name"], chips=8, server="nvidia-dgx-h100"),
        )
        for demand in scenario["demands"]
    )
    chips = sum(need(demand) for demand in scenario["demands"])
    base = SimpleNamespace(
        feasible=True, reasons=(), chosen=chosen, chips=chips, facility_power_peak_w=2e3 * chips
    )
    return SimpleNamespace(plans={"baseline": base})


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Replan:
    monkeypatch.setattr(wattpath, "plan", planned)
    return replan(projects.load("stargate-abilene"), progress=lambda *_: None)


def test_the_slice_has_the_shares_of_the_mix(answered: Replan) -> None:
    chips = {demand["name"]: need(demand) for demand in answered.scenario["demands"]}
    total = sum(chips.values())
    for service in catalog.entries("service"):
        assert chips[service.key] / total == pytest.approx(service.si("chip_share"), rel=1e-5)


def test_the_whole_is_the_slice_by_the_ratio_of_chips(answered: Replan) -> None:
    assert answered.whole("baseline", "chips") == pytest.approx(answered.chips, rel=1e-5)
    each = answered.whole("baseline", "facility_power_peak_w") / answered.chips
    assert each == pytest.approx(2e3, rel=1e-5)


def test_the_rate_that_is_tried_first_does_not_matter(
    answered: Replan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wattpath.projects.replan.KNOWN_RATE", 7.0 * KNOWN_RATE)
    again = replan(projects.load("stargate-abilene"), progress=lambda *_: None)
    assert again.factor == pytest.approx(answered.factor)
    assert again.scenario["demands"] == answered.scenario["demands"]


def test_servers_are_counted_by_their_peak(answered: Replan) -> None:
    stage = projects.load("stargate-abilene").newest
    assert stage is not None
    assert answered.server in stage.chips
    assert not answered.assumed
    heads = sum(count.value for count in stage.chips.values())
    assert answered.chips == pytest.approx(heads, rel=0.1)


def test_options_leave_out_what_is_there(answered: Replan) -> None:
    base, options = answered.scenario["baseline"], answered.scenario["options"]
    assert answered.server not in options["servers"]
    assert not set(base["supply"]) & set(options["supply"])
    assert base["cooling"] not in options["cooling"]


def test_a_server_that_cannot_train_serves_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def serving(scenario: dict[str, Any], **rest: Any) -> SimpleNamespace:
        if any(demand["kind"] == "training" for demand in scenario["demands"]):
            base = SimpleNamespace(feasible=False, reasons=("It takes too long.",))
            return SimpleNamespace(plans={"baseline": base})
        return planned(scenario, **rest)

    monkeypatch.setattr(wattpath, "plan", serving)
    found = replan(projects.load("stargate-abilene"), progress=lambda *_: None)
    chips = {demand["name"]: need(demand) for demand in found.scenario["demands"]}
    share = {s.key: s.si("chip_share") for s in catalog.entries("service") if s.key in chips}
    assert found.untrained == "It takes too long."
    assert len(share) == len(catalog.entries("service")) - 1
    for key, count in chips.items():
        assert count / sum(chips.values()) == pytest.approx(share[key] / sum(share.values()))


def test_an_impossible_baseline_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def hopeless(*_: Any, **__: Any) -> SimpleNamespace:
        base = SimpleNamespace(feasible=False, reasons=("No chip holds the model.",))
        return SimpleNamespace(plans={"baseline": base})

    monkeypatch.setattr(wattpath, "plan", hopeless)
    with pytest.raises(InputError, match="No chip holds the model"):
        replan(projects.load("stargate-abilene"), progress=lambda *_: None)


@pytest.mark.parametrize("key", ["inspur", "stargate-lordstown", "stargate"])
def test_projects_that_tell_too_little_are_refused(key: str) -> None:
    with pytest.raises(InputError, match="wattpath projects"):
        replan(projects.load(key), progress=lambda *_: None)


def test_a_file_without_a_place_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "campus.yaml"
    file.write_text("it_power: 200 MW\n", encoding="utf-8")
    with pytest.raises(InputError, match="no place with weather"):
        replan(read_project(file), progress=lambda *_: None)
