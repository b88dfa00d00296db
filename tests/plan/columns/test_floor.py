"""The floor in words: the nearest set, and the lever that would meet it."""

from __future__ import annotations

from wattpath import levers
from wattpath.plan.columns.floor import nearest
from wattpath.plan.columns.leversets import lever_sets
from wattpath.plan.demand import ServingDemand
from wattpath.plan.scenario import load


def told(floor: float, base: list[str], options: list[str]) -> str:
    given = f"demands.assistant.quality.max_loss_nats={floor}"
    demand = load("examples/enterprise.yaml", [given]).demands[0]
    assert isinstance(demand, ServingDemand)
    return nearest(demand, list(lever_sets(levers.by_names(base), levers.by_names(options))))


def test_where_every_set_misses_the_best_and_what_would_do_are_named() -> None:
    text = told(0.0, ["prefix-caching", "fp8-weights"], ["kv-fp8", "fp4-weights"])
    loss = levers.load("fp8-weights").loss_nats.value
    assert f"the best loses {loss:.3g} nats (fp8-weights)" in text
    assert text.startswith("every set of software loses more than the 0 nats")
    assert text.endswith("; train-longer under options.levers would meet the floor")


def test_what_no_training_wins_back_is_not_promised() -> None:
    text = told(0.0, ["prune-one-shot"], [])
    assert "(prune-one-shot)" in text
    assert "would meet" not in text


def test_where_some_keep_it_the_nearest_miss_is_named() -> None:
    loss = levers.loss_nats(levers.by_names(["fp4-weights"]))
    text = told(0.9 * loss, ["fp8-weights"], ["fp4-weights"])
    assert text == f"fp4-weights loses {loss:.3g} nats where {0.9 * loss:.3g} are allowed"
    assert told(0.1, ["fp8-weights"], []) == ""
