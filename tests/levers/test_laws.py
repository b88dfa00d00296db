"""Experts, repetition, sparsity, precision and progress against published numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from wattpath import catalog
from wattpath.errors import InputError
from wattpath.levers import laws
from wattpath.levers.quality import load_law


def test_every_law_says_where_it_breaks_down() -> None:
    for entry in catalog.entries("law"):
        assert entry.text("breaks").endswith(".")
        assert entry.text("domain").endswith(".")


def test_leverage_of_the_published_example() -> None:
    # The paper: over 7x at 1e22 FLOP with 3.1 % of experts active and a granularity of 12.
    assert laws.moe_leverage(0.031, 12.0, 1e22) == pytest.approx(7.0, rel=0.05)
    # Its pilot: 0.85B active of 17.5B parameters matched 6.1B dense after 1e12 tokens.
    pilot = laws.moe_leverage(0.034, 12.0, 6 * 0.85e9 * 1e12)
    assert pilot == pytest.approx(6.1 / 0.85, rel=0.1)


def test_best_granularity_is_8_to_12() -> None:
    best = minimize_scalar(
        lambda g: -laws.moe_leverage(0.03, g, 1e22), bounds=(1.0, 64.0), method="bounded"
    )
    assert 8.0 <= best.x <= 12.0


def test_sparsity_explains_most_of_deepseek_against_llama() -> None:
    dense, mixture = 6 * 405e9 * 15.6e12, 6 * 37e9 * 14.8e12
    assert dense / mixture == pytest.approx(11.5, abs=0.1)
    leverage = laws.moe_leverage(37 / 671, 8.0, mixture)
    assert leverage == pytest.approx(9.1, abs=0.2)
    law = load_law()
    gap = laws.moe_loss_nats(law, 37 / 671, 8.0, mixture) - law.best_loss_nats(dense)
    assert abs(gap) < 0.01


@given(st.floats(0.01, 0.5), st.floats(4.0, 16.0), st.floats(18.0, 26.0))
def test_sparser_experts_and_larger_budgets_gain(share: float, g: float, power: float) -> None:
    gain = laws.moe_leverage(share, g, 10.0**power)
    assert gain > 1.0
    assert laws.moe_leverage(share / 2, g, 10.0**power) > gain
    assert laws.moe_leverage(share, g, 10.0 ** (power + 1)) > gain


def test_dense_has_no_leverage_and_nonsense_is_refused() -> None:
    assert laws.moe_leverage(1.0, 12.0, 1e24) == 1.0
    with pytest.raises(InputError, match="active share"):
        laws.moe_leverage(0.0, 12.0, 1e24)


@pytest.mark.parametrize(("epochs", "share"), [(1, 1.0), (4, 0.931), (8, 0.828), (16, 0.66)])
def test_worth_of_repeated_tokens(epochs: float, share: float) -> None:
    worth = laws.effective_tokens(1e11, epochs) / (1e11 * epochs)
    assert worth == pytest.approx(share, abs=0.002)


@given(st.floats(1.0, 1e4))
def test_repetition_is_never_worth_more_than_fresh_data_or_its_limit(epochs: float) -> None:
    worth = laws.effective_tokens(1.0, epochs)
    assert worth <= epochs + 1e-9
    assert worth <= 1.0 + 15.387756


def test_excess_parameters_fade_faster_than_repeated_tokens() -> None:
    assert laws.effective_parameters(0.5, 1.0) == 0.5
    assert laws.effective_parameters(4.0, 1.0) < laws.effective_tokens(1.0, 4.0)
    with pytest.raises(InputError, match="epochs >= 1"):
        laws.effective_tokens(1e9, 0.5)


@pytest.mark.parametrize(
    ("sparsity", "size"), [(0.0, 1.0), (0.5, 1.59), (0.75, 2.15), (0.875, 2.63)]
)
def test_dense_equivalent_of_sparse_training(sparsity: float, size: float) -> None:
    # The paper gives 2.15 at 75 %.
    assert laws.sparse_equivalent(sparsity) == pytest.approx(size, rel=0.01)


@pytest.mark.parametrize(
    ("sparsity", "losses"),
    [(0.5, (2.28497, 1.92399)), (0.75, (2.22563, 1.86596)), (0.875, (2.19884, 1.85098))],
)
def test_dense_equivalent_against_released_runs(sparsity: float, losses: tuple[float, ...]) -> None:
    # A million steps at a 32nd and an 8th of the largest non-zero size, against the dense runs
    # of the same and of four times that size (google-research/jaxpruner, bigsparse, Apache-2.0).
    dense = (2.45077, 2.05402, 1.74006)
    for loss, low, high in zip(losses, dense, dense[1:], strict=False):
        size = 4.0 ** ((low - loss) / (low - high))
        assert laws.sparse_equivalent(sparsity) == pytest.approx(size, rel=0.16)


def test_pruned_siblings_save_what_a_family_of_three_is_published_to_save() -> None:
    # Minitron: 15B trained, 8B and 4B pruned from it with a fortieth of the tokens, against
    # three trained apart: 1.8 times less compute. Teaching is a third of a training pass.
    parent, siblings, share = 15.0, (8.0, 4.0), 1.0 / 40.0
    pruned = parent + share * sum(size + parent / 3.0 for size in siblings)
    assert (parent + sum(siblings)) / pruned == pytest.approx(1.8, rel=0.05)
    own = catalog.load("lever", "prune-distill").quantity("token_fraction")
    assert own.low < share < own.high


def test_a_teacher_trained_for_one_student_alone_does_not_pay() -> None:
    # Distillation scaling laws: with one student and no teacher, plain training is preferable.
    student, tokens = 0.5, catalog.load("lever", "prune-distill").quantity("token_fraction")
    teaching = tokens.value * (student + 1.0 / 3.0)
    assert teaching < student < 1.0 + teaching


def test_a_sibling_is_never_better_than_its_teacher() -> None:
    law = load_law()
    for share in (0.1, 0.5, 1.0):
        assert law.sibling_loss_nats(70e9, 15e12, share) >= 0.0


@pytest.mark.parametrize("key", ["moe-leverage", "precision", "sparse-pretraining"])
def test_constants_that_were_not_compared_with_their_paper_are_estimates(key: str) -> None:
    entry = catalog.load("law", key)
    assert "not compared with the paper" in entry.text("breaks")
    for name, quantity in entry.quantities.items():
        assert quantity.evidence == "estimate", name
        assert quantity.high - quantity.low >= 0.15 * abs(quantity.value), name


def test_precision_share_rises_to_one() -> None:
    shares = [laws.precision_share(bits, bits, bits) for bits in (2, 4, 8, 16)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.005)
    assert laws.precision_share(8, 64, 64) == pytest.approx(0.95, abs=0.005)
    assert laws.precision_share(4, 64, 64) == pytest.approx(0.78, abs=0.005)


def test_precision_constants_are_only_estimates_since_they_miss_the_published_optimum() -> None:
    # Share per bit is highest at the best training precision; the paper says 7 to 8 bit.
    best = minimize_scalar(
        lambda bits: -laws.precision_share(bits, bits, bits) / bits,
        bounds=(1.0, 16.0),
        method="bounded",
    )
    assert best.x < 5.0
    entry = catalog.load("law", "precision")
    assert {q.evidence for q in entry.quantities.values()} == {"estimate"}


def test_quantisation_hurts_longer_trained_and_smaller_models_more() -> None:
    same = laws.transferred_ptq_loss(0.012, 70e9, 2e12, 70e9, 2e12)
    assert same == pytest.approx(0.012)
    assert laws.transferred_ptq_loss(0.012, 70e9, 15e12, 70e9, 2e12) > same
    assert laws.transferred_ptq_loss(0.012, 7e9, 2e12, 70e9, 2e12) > same


def test_progress_halves_in_eight_months() -> None:
    assert laws.progress_factor(0.0) == 1.0
    assert laws.progress_factor(8.0 / 12.0) == pytest.approx(0.5)
    assert laws.progress_factor(1.0) == pytest.approx(0.354, abs=0.001)
