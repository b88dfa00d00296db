"""One small scenario, answered once per session for the tests of commands and reports."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

import wattpath
from wattpath.plan.result import PlanResult

TINY: dict[str, Any] = {
    "name": "Tiny <service>",
    "site": "us-chicago",
    "months_available": 30,
    "demands": [
        {
            "name": "chat",
            "kind": "serving",
            "model": "Llama 3.1 8B",
            "requests": "20M requests/day",
            "input_tokens": 800,
            "output_tokens": 200,
            "rhythm": "office",
            "ttft": "2 s",
            "tpot": "50 ms",
            "percentile": 0.95,
        }
    ],
    "grid": {"existing": "500 kW"},
    "baseline": {
        "server": "nvidia-dgx-h100",
        "cooling": "air-chiller-economiser",
        "electrical": "modern-double-conversion",
        "supply": ["grid"],
    },
    "options": {"servers": ["nvidia-dgx-h200"], "levers": ["kv-fp8"]},
}


@pytest.fixture
def tiny() -> dict[str, Any]:
    """A scenario that plans in a second once its kernels are compiled."""
    return copy.deepcopy(TINY)


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small scenario as a file."""
    file = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    file.write_text(yaml.safe_dump(TINY), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def tiny_answer(tiny_file: Path) -> PlanResult:
    """The answer to the small scenario."""
    return wattpath.plan(tiny_file)


@pytest.fixture(scope="session")
def hopeless_answer(tiny_file: Path) -> PlanResult:
    """The answer where no supply can meet the load."""
    return wattpath.plan(tiny_file, {"grid.existing": "1 W", "grid.limit": "1 W"})
