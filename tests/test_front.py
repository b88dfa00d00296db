"""The Python front door: a call, a package, and light to open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import wattpath
from wattpath.errors import InputError
from wattpath.plan.result import PLANS, PlanResult

CONFIG = Path(__file__).parent / "models" / "configs" / "gpt2.json"


@pytest.mark.parametrize(
    "first",
    ["", "import wattpath.plan.study", "from wattpath.plan import scenario, study"],
    ids=["nothing", "module", "names"],
)
def test_plan_is_a_call_and_a_package(first: str) -> None:
    code = (
        f"{first}\nimport wattpath\nassert callable(wattpath.plan)\n"
        "from wattpath.plan import scenario\n"
        "assert wattpath.plan.scenario is scenario and callable(wattpath.plan)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_answer_carries_its_question(tiny_answer: PlanResult) -> None:
    assert tuple(tiny_answer.plans) == PLANS
    assert tiny_answer.asked is not None
    assert tiny_answer.asked.name == tiny_answer.scenario
    frame = tiny_answer.to_frame()
    assert frame.loc["both", "chips"] == tiny_answer.plans["both"].chips
    steps = tiny_answer.explain()
    assert steps[-1].value == tiny_answer.plans["both"].facility_power_peak_w


def test_overrides_are_a_list_or_a_mapping(tiny_file: Path) -> None:
    one = wattpath.load_scenario(tiny_file, ["grid.limit=2 MW", "seed=3"])
    other = wattpath.load_scenario(tiny_file, {"grid.limit": "2 MW", "seed": 3})
    assert one == other
    assert one.grid.limit == 2e6


def test_scenario_may_be_a_mapping_which_stays_as_it_is(tiny: dict[str, object]) -> None:
    read = wattpath.load_scenario(tiny, {"demands.chat.ttft": "3 s"})
    assert read.demands[0].ttft == 3.0
    assert tiny["demands"][0]["ttft"] == "2 s"
    with pytest.raises(InputError, match="site must be given"):
        wattpath.load_scenario({key: value for key, value in tiny.items() if key != "site"})


def test_progress_is_reported(tiny_file: Path) -> None:
    seen: list[tuple[str, float]] = []
    wattpath.plan(tiny_file, progress=lambda stage, share: seen.append((stage, share)))
    assert len({stage for stage, _ in seen}) >= 2
    assert all(0.0 <= share <= 1.0 for _, share in seen)


def test_model_by_name_and_by_file() -> None:
    assert wattpath.model("gpt-3-175b").parameters.total == pytest.approx(175e9, rel=0.01)
    assert wattpath.model(CONFIG).parameters.total == pytest.approx(124_439_808, rel=0.01)


def test_catalog_is_at_hand() -> None:
    assert wattpath.catalog.load("chip", "H100").si("tdp_w") == 700.0
