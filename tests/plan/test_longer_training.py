"""A quality floor that a lever misses alone is met by longer training, which the plan pays."""

from __future__ import annotations

from typing import Any

from wattpath.plan import scenario, study

RAW: dict[str, Any] = {
    "name": "Four bits under a tight floor",
    "site": "us-abilene",
    "months_available": 48,
    "demands": [
        {
            "name": "batch",
            "kind": "serving",
            "model": "Llama 3.1 8B",
            "requests": "3000M requests/day",
            "input_tokens": 3000,
            "output_tokens": 300,
            "deadline": "24 h",
            "quality": {"max_loss_nats": 0.015},
        }
    ],
    "grid": {"limit": "20 MW"},
    "baseline": {
        "server": "nvidia-dgx-b200",
        "cooling": "air-evaporative-hyperscale",
        "electrical": "modern-double-conversion",
        "supply": ["grid"],
        "levers": [],
    },
}


def test_the_floor_is_met_by_training_that_is_paid() -> None:
    raw = {**RAW, "options": {"levers": ["fp4-weights", "train-longer"]}}
    result = study.run(scenario.from_dict(raw))
    units = result.plans["both"].chosen
    assert {key for unit in units for key in unit.deployment.levers} == {
        "fp4-weights",
        "train-longer",
    }
    assert all(0.0 < unit.deployment.loss_nats < 0.015 for unit in units)
    assert all(unit.deployment.once_usd_per_year > 0.0 for unit in units)
    assert "quality floor" in [refusal.reason for refusal in result.refusals]
