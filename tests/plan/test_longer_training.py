"""A quality floor that a lever misses alone is met by longer training, which the plan pays."""

from __future__ import annotations

from typing import Any

from wattpath.plan import scenario
from wattpath.plan.columns.search import search
from wattpath.plan.prices import Prices

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
    raw = scenario.from_dict({**RAW, "options": {"levers": ["fp4-weights", "train-longer"]}})
    columns = search(raw, Prices.of(raw), lambda stage, share: None)
    low = [column for column in columns.deployments if "fp4-weights" in column.levers]
    assert low
    for column in low:
        assert "train-longer" in column.levers
        assert 0.0 < column.loss_nats < 0.015
        assert column.once_usd_per_year > 0.0
    assert "quality floor" in [refusal.reason for refusal in columns.refusals]
