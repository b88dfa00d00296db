"""No lever is chosen in vain: what a lever changes is read, or the lever says why not."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import wattpath
from wattpath import levers

ROOT = Path(wattpath.__file__).parent

#: Stage -> its settings and the layer that reads them.
READERS = {
    "serving": (levers.ServingSettings, "serving", "levers/attention.py"),
    "training": (levers.TrainingSettings, "training", "levers/mixture.py"),
    "operation": (levers.OperationSettings, "plan"),
}


def _files(place: Path) -> list[Path]:
    return [place] if place.suffix else sorted(place.rglob("*.py"))


@cache
def read_fields(stage: str) -> frozenset[str]:
    """Fields of a stage's settings that any module of its layer takes as an attribute."""
    settings, *places = READERS[stage]
    files = [file for place in places for file in _files(ROOT / place)]
    taken = {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    return frozenset(taken & set(settings._fields))


@pytest.mark.parametrize("lever", levers.all_levers(base=True), ids=lambda lever: lever.key)
def test_a_lever_is_computed_exactly_if_its_fields_are_read(lever: levers.Lever) -> None:
    unread = ({*lever.sets, *lever.scales}) - read_fields(lever.stage)
    reason = levers.computed(lever)
    if unread:
        assert reason is not None, f"{lever.key} sets {sorted(unread)}, which nothing reads"
    else:
        assert reason is None, f"{lever.key} is computed; drop its `uncomputed`"


def test_every_unread_field_belongs_to_a_lever_that_says_so() -> None:
    for stage, (settings, *_) in READERS.items():
        moved = {name for x in levers.all_levers(stage) for name in (*x.sets, *x.scales)}
        assert set(settings._fields) - read_fields(stage) <= moved, stage


def test_the_reason_is_one_sentence() -> None:
    described = replace(levers.load("place-shifting"), uncomputed="nothing moves")
    reason = levers.computed(described)
    assert reason == "Load shifting between sites is described but not computed by a plan: " + (
        "nothing moves."
    )
    assert levers.computed(levers.load("routing")) is None
    assert levers.computed(levers.load("response-cache")) is None
    for lever in levers.all_levers():
        assert not lever.uncomputed.endswith(".")


def test_an_honest_baseline_is_computed() -> None:
    features = frozenset({"moe", "mtp", "full-attention", "fp8"})
    for stage in levers.STAGES:
        for lever in levers.good_practice(stage, features, features):
            assert levers.computed(lever) is None
