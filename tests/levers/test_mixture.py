"""A mixture made of a model is as good as it, lighter to train and heavier to keep."""

from __future__ import annotations

import pytest

from wattpath import levers, models
from wattpath.levers.makeup import dense_size
from wattpath.models.parameters import parameter_count
from wattpath.models.work import training_flops_per_token

TOKENS = 15e12
SPARSE = levers.apply_training([levers.load("sparse-experts")], levers.TrainingSettings())
FINER = levers.apply_training([levers.load("finer-experts")], levers.TrainingSettings())


@pytest.mark.parametrize("name", ["Llama 3.1 405B", "Llama 3.1 70B"])
def test_a_dense_model_becomes_a_lighter_mixture_of_the_same_worth(name: str) -> None:
    parent = models.load(name).shape
    child = levers.trained_shape(parent, SPARSE, TOKENS)
    worth = dense_size(child, TOKENS) / dense_size(parent, TOKENS)
    assert 1.0 <= worth < 1.1  # whole tiles and experts round up
    before, after = parameter_count(parent), parameter_count(child)
    assert after.active < before.active / 4.0
    assert after.total > before.total
    assert 0.04 < child.experts_active / child.experts < 0.06
    assert 2.0 * child.hidden / child.moe_ffn == pytest.approx(8.0, rel=0.15)
    assert child.experts_active * child.moe_ffn > 2.0 * child.hidden
    saved = training_flops_per_token(parent, 4096.0, 0.0) / training_flops_per_token(
        child, 4096.0, 0.0
    )
    assert 4.0 < saved < 15.0


def test_fewer_active_experts_make_it_lighter_still() -> None:
    parent = models.load("Llama 3.1 405B").shape
    sizes = [
        parameter_count(
            levers.trained_shape(parent, SPARSE._replace(active_share=share), TOKENS)
        ).active
        for share in (0.25, 0.1, 0.05, 0.031)
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_finer_experts_gain_where_experts_are_coarse_and_nothing_where_they_are_fine() -> None:
    coarse, fine = models.load("Mixtral 8x7B").shape, models.load("DeepSeek-V3").shape
    child = levers.trained_shape(coarse, FINER, TOKENS)
    assert parameter_count(child).active < 0.85 * parameter_count(coarse).active
    assert dense_size(child, TOKENS) >= dense_size(coarse, TOKENS)
    again = levers.trained_shape(fine, FINER, TOKENS)
    assert parameter_count(again).active > 0.95 * parameter_count(fine).active


def test_without_the_levers_a_model_is_itself() -> None:
    shape = models.load("Llama 3.1 70B").shape
    assert levers.trained_shape(shape, levers.TrainingSettings(), TOKENS) is shape
