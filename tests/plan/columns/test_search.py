"""The search of a plan loses nothing by leaving out what is beaten, and counts all it considers."""

from __future__ import annotations

import copy
import importlib
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from tests.conftest import TINY
from wattpath.plan import scenario
from wattpath.plan.columns import search
from wattpath.plan.columns.counts import Counts
from wattpath.plan.columns.deployment import Columns, Deployment
from wattpath.plan.prices import Prices
from wattpath.serving import pairs
from wattpath.training import deployment as layouts

serving = importlib.import_module("wattpath.serving.candidates")

RUN: dict[str, Any] = {
    "name": "run", "kind": "training", "model": "Llama 3.1 8B", "tokens": "20B tokens",
    "within": "60 days", "batch_sequences": 32,
}  # fmt: skip


def _searched(demands: list[dict[str, Any]], server: str, levers: list[str]) -> Columns:
    given = copy.deepcopy(TINY)
    given["demands"] = demands
    given["options"] = {"servers": [server], "levers": levers}
    asked = scenario.from_dict(given)
    return search.search(asked, Prices.of(asked), lambda stage, share: None)


def _all_units(*given: Any) -> tuple[Any, int]:
    """Every unit of prefill and decode workers, beaten or not."""
    chip, settings, prefill, decode, per_server, workers, chips, _ = given
    units = np.empty((len(prefill) * len(decode) * workers**2, pairs.UNIT))
    limits = per_server, workers, chips
    count = pairs.all_units(chip, settings, prefill, decode, *limits, units)
    return units[:count], count


def _beats(kept: Deployment, column: Deployment, margin: float) -> bool:
    """Whether a column may stand wherever another may, and is no worse in any respect."""
    same = kept.demand == column.demand and kept.players <= column.players
    return (
        same
        and set(column.cooling) <= set(kept.cooling)
        and all(
            own <= other * (1.0 + margin)
            for own, other in zip(kept.burden(), column.burden(), strict=True)
        )
    )


def test_no_operating_point_of_serving_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_WORKERS", 2)
    monkeypatch.setattr(serving, "MOST_CHIPS", 16.0)
    given = TINY["demands"], "nvidia-gb200-nvl72", ["kv-fp8", "disaggregation"]
    kept = _searched(*given)
    monkeypatch.setattr(serving, "front_units", _all_units)
    monkeypatch.setattr(serving, "packed_front", lambda points, per_server: points)
    monkeypatch.setattr(search, "undominated", lambda columns, owned: list(columns))
    every = _searched(*given)
    assert len(every.deployments) > 20 * len(kept.deployments)
    assert every.counts.considered == kept.counts.considered
    for column in every.deployments:
        assert any(_beats(own, column, 2e-6) for own in kept.deployments), column.label


def test_hardly_any_training_layout_is_better_than_those_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The fastest ones are kept for sure; a slower one may need a little less energy."""
    given = [RUN], "nvidia-dgx-h200", ["training-layout"]
    kept = _searched(*given)
    find = layouts.search
    monkeypatch.setattr(
        layouts, "search", lambda *known, keep: find(*known, keep=4000, prune=False)
    )
    monkeypatch.setattr(layouts, "_worthwhile", lambda points: points)
    monkeypatch.setattr(search, "undominated", lambda columns, owned: list(columns))
    every = _searched(*given)
    assert len(every.deployments) > 100 * len(kept.deployments)
    assert every.counts.considered == kept.counts.considered
    assert kept.counts.bounded > 0 == every.counts.bounded
    for column in every.deployments:
        assert any(_beats(own, column, 0.005) for own in kept.deployments), column.label


def test_what_is_considered_is_counted_once() -> None:
    columns = _searched([RUN], "nvidia-dgx-h200", ["training-layout"])
    counts = columns.counts
    assert counts.kept == len(columns.deployments)
    for kind in ("indivisible", "memory", "limits", "unsupported", "quality"):
        assert getattr(counts, kind) == sum(
            row.count for row in columns.refusals if row.kind == kind
        )
    assert counts.considered == sum(count for _, count in counts.rows())
    assert counts.dominated == counts.bounded + counts.slower + counts.beaten


def test_every_count_has_a_title() -> None:
    assert all(own.metadata["title"] for own in fields(Counts))
