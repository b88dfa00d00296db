"""One-off training is paid at the FLOP of what is trained, and of who teaches."""

from __future__ import annotations

import pytest

from wattpath import levers, models
from wattpath.models.shrink import shrink
from wattpath.models.work import training_flops_per_token
from wattpath.plan.prices import Prices
from wattpath.plan.scenario import load

PRICES = Prices.of(load("examples/enterprise.yaml"))
MODEL = models.load("Llama 3.1 70B")


def training_usd(key: str) -> float:
    """Price of the tokens alone."""
    lever = levers.load(key)
    rest = PRICES.book.one_off_usd(lever.one_off.chip_s.value, lever.one_off.person_months.value)
    return (PRICES.one_off_usd(lever, MODEL) - rest) / lever.one_off.token_fraction.value


def test_a_sibling_is_trained_at_its_own_size_and_its_teacher_reads_along() -> None:
    parent = training_usd("train-longer")
    flops = [
        float(training_flops_per_token(shape, 4096.0, 0.0))
        for shape in (MODEL.shape, shrink(MODEL.shape, 0.75))
    ]
    alone = flops[1] / flops[0]
    assert 0.5 < alone < 0.7
    assert training_usd("overtrained-small") / parent == pytest.approx(alone, rel=1e-6)
    light = levers.load("prune-distill")
    width = light.sets["width_factor"].value
    small = float(training_flops_per_token(shrink(MODEL.shape, width), 4096.0, 0.0)) / flops[0]
    assert light.teacher
    assert training_usd("prune-distill") / parent == pytest.approx(small + 1.0 / 3.0, rel=1e-6)
