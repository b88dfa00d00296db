"""What a plan without an answer is told: the reasons that it meets itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import wattpath

LOSSY = {
    "baseline.levers": ["prefix-caching", "prune-one-shot"],
    "options.levers": ["kv-fp8", "prune-distill-light"],
}


@pytest.mark.parametrize(
    ("given", "name", "said", "unsaid"),
    [
        (LOSSY, "baseline", "(prune-one-shot)", "prune-distill-light"),
        ({"months_available": 1}, "baseline", "dgx-h100 and its software take", "h200"),
        ({"months_available": 1}, "both", "dgx-h200 and its software take", "nats"),
    ],
)
def test_a_plan_is_told_of_what_it_may_use_itself(
    tiny: dict[str, Any], tmp_path: Path, given: dict[str, Any], name: str, said: str, unsaid: str
) -> None:
    for path, value in given.items():
        part, _, key = path.rpartition(".")
        (tiny[part] if part else tiny)[key] = value
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(tiny), encoding="utf-8")
    outcome = wattpath.plan(file).plans[name]
    assert not outcome.feasible
    text = " ".join(outcome.reasons)
    assert said in text
    assert unsaid not in text
