"""Validity of layouts: each rule refuses what it names."""

from __future__ import annotations

import pytest

from wattpath.models import Shape
from wattpath.training.layout import REASONS, Layout, chips_of, microbatches, validity


def code(shape: Shape, layout: Layout, chips: float, batch: float = 64.0) -> str:
    layout = Layout(*(float(x) for x in layout))
    return REASONS[validity(shape, layout, float(chips), batch, 4096.0, 0.0)]


def test_a_valid_layout_has_no_reason(shape: Shape) -> None:
    layout = Layout(tp=8.0, pp=4.0, dp=2.0)
    assert chips_of(layout) == 64
    assert microbatches(layout, 64.0) == 32
    assert code(shape, layout, 64) == ""


@pytest.mark.parametrize(
    ("layout", "chips", "word"),
    [
        (Layout(tp=8, dp=2), 64, "number of chips"),
        (Layout(tp=5), 5, "heads"),
        (Layout(pp=5), 5, "layers"),
        (Layout(dp=3), 3, "global batch"),
        (Layout(dp=2, ep=2), 2, "experts"),
        (Layout(pp=4, vpp=2, micro_batch=32), 4, "interleaving"),
        (Layout(pp=8, schedule=4.0, micro_batch=8), 8, "the schedule needs"),
        (Layout(cp=3), 3, "sequence"),
    ],
)
def test_each_rule_names_itself(shape: Shape, layout: Layout, chips: float, word: str) -> None:
    assert word in code(shape, layout, chips)


def test_expert_groups_must_fit_the_ranks(mixture: Shape) -> None:
    assert code(mixture, Layout(dp=8, ep=8), 8) == ""
    assert "ep x expert tp" in code(mixture, Layout(dp=8, ep=16), 8)
