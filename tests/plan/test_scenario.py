"""Reading scenarios: quantities become SI, and bad input becomes one clear sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from wattpath.errors import FileInputError, InputError
from wattpath.plan import scenario
from wattpath.plan.demand import ServingDemand


@pytest.fixture
def raw() -> dict[str, Any]:
    return {
        "name": "Small",
        "site": "us-chicago",
        "demands": [
            {
                "name": "chat",
                "kind": "serving",
                "model": "Llama 3.1 8B",
                "requests": "1M requests/day",
                "input_tokens": 800,
                "output_tokens": 200,
                "ttft": "2 s",
                "tpot": "50 ms",
            }
        ],
        "baseline": {
            "server": "nvidia-dgx-h100",
            "cooling": "air",
            "electrical": "ups",
            "supply": ["grid"],
        },
    }


def test_quantities_become_si(raw: dict[str, Any]) -> None:
    raw["grid"] = {"limit": "100 MW", "price": "45 USD/MWh"}
    raw["carbon"] = {"price": "50 USD/t"}
    read = scenario.from_dict(raw)
    demand = read.demands[0]
    assert isinstance(demand, ServingDemand)
    assert demand.requests == pytest.approx(1e6 / 86400)
    assert demand.tpot == pytest.approx(0.05)
    assert read.grid.limit == pytest.approx(1e8)
    assert read.grid.price == pytest.approx(45 / 3.6e9)
    assert read.carbon.price == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        ("grid.limit", "700 kg", ("grid.limit", "power", "700 kg", "kW")),
        ("grid.limit", "-5 MW", ("grid.limit", "greater than 0", "-5 MW")),
        ("grid.lmit", "5 MW", ("grid.lmit", "known key", "'limit'")),
        ("demands.chat.tpot", "5", ("demands.0.tpot", "time", "unit")),
        ("demands.chat.requsts", "1", ("requsts", "'requests'")),
        ("demands.chat.input_tokens", "-3", ("input_tokens", "-3")),
        ("demands.chat.ttft", "null", ("ttft", "deadline")),
        ("demands.chat.kind", "thinking", ("demands.0", "serving", "training")),
        ("demands.chat.percentile", "1.5", ("percentile", "1.5")),
        ("months_available", "0", ("months_available", "greater than 0")),
        ("fixed_pue", "0.8", ("fixed_pue", "0.8")),
        ("baseline.supply", "[]", ("baseline.supply", "at least 1")),
    ],
)
def test_bad_values_get_one_sentence(
    raw: dict[str, Any], tmp_path: Path, path: str, value: str, parts: tuple[str, ...]
) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(raw))
    with pytest.raises(InputError) as caught:
        scenario.load(file, [f"{path}={value}"])
    sentence = str(caught.value)
    assert all(part in sentence for part in parts), sentence
    assert "\n" not in sentence


def test_missing_key_and_missing_file(raw: dict[str, Any], tmp_path: Path) -> None:
    del raw["site"]
    with pytest.raises(InputError, match="site must be given"):
        scenario.from_dict(raw)
    with pytest.raises(FileInputError, match="readable scenario file"):
        scenario.load(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["a: [1", "- 1\n- 2\n", ""])
def test_files_that_are_no_scenario(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(FileInputError):
        scenario.load(file)


def test_two_demands_of_one_name_are_refused(raw: dict[str, Any]) -> None:
    raw["demands"] = raw["demands"] * 2
    with pytest.raises(InputError, match="name of its own"):
        scenario.from_dict(raw)


def test_overrides_reach_lists_by_name_and_number(raw: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(yaml.safe_dump(raw))
    read = scenario.load(file, ["demands.chat.tpot=30 ms", "demands.0.ttft=1 s", "seed=7"])
    demand = read.demands[0]
    assert isinstance(demand, ServingDemand)
    assert (demand.tpot, demand.ttft, read.seed) == (pytest.approx(0.03), 1.0, 7)
    for wrong in ("seed", "demands.nobody.tpot=3 s", "name.first=x"):
        with pytest.raises(InputError):
            scenario.load(file, [wrong])
