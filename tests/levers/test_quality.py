"""The dense law against what its authors and users publish, and against itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from wattpath import catalog
from wattpath.errors import InputError, UnknownNameError
from wattpath.levers.quality import load_law

LAW = load_law()
C4 = load_law("c4-refit")
BUDGETS = st.floats(18.0, 28.0).map(lambda x: 10.0**x)


@pytest.mark.parametrize(("budget", "ratio"), [(1e21, 22.0), (5.76e23, 18.5), (1e27, 15.0)])
def test_tokens_per_parameter(budget: float, ratio: float) -> None:
    parameters, tokens = LAW.optimum(budget)
    assert tokens / parameters == pytest.approx(ratio, rel=0.04)
    assert 6.0 * parameters * tokens == pytest.approx(budget)


def test_size_and_data_grow_almost_equally() -> None:
    # The refit gives N* as C^0.5126.
    small, _ = LAW.optimum(1e22)
    large, _ = LAW.optimum(1e24)
    assert math.log10(large / small) / 2.0 == pytest.approx(0.5126, abs=2e-4)


@given(BUDGETS)
def test_optimum_against_a_numerical_search(budget: float) -> None:
    def loss(log_size: float) -> float:
        return LAW.loss_nats(10.0**log_size, budget / 6.0 / 10.0**log_size)

    best = minimize_scalar(loss, bounds=(4.0, 16.0), method="bounded", options={"xatol": 1e-9})
    assert LAW.best_loss_nats(budget) <= best.fun + 1e-9
    assert math.log10(LAW.optimum(budget)[0]) == pytest.approx(best.x, abs=1e-2)


@pytest.mark.parametrize(
    ("loss", "budget", "worth"), [(0.01, 1e24, 1.46), (0.005, 1e24, 1.21), (0.01, 1e26, 2.29)]
)
def test_exchange_rate(loss: float, budget: float, worth: float) -> None:
    assert LAW.exchange(loss, budget) == pytest.approx(worth, abs=0.01)


def test_reducible_loss_at_two_budgets() -> None:
    assert LAW.best_loss_nats(1e24) - LAW.irreducible_nats == pytest.approx(0.142, abs=1e-3)
    assert LAW.best_loss_nats(1e26) - LAW.irreducible_nats == pytest.approx(0.063, abs=1e-3)
    assert 1.0 / LAW.budget_exponent == pytest.approx(5.61, abs=0.01)


@given(BUDGETS, st.floats(-0.05, 0.3))
def test_exchange_is_the_budget_that_wins_the_loss_back(budget: float, loss: float) -> None:
    target = LAW.best_loss_nats(budget) + loss
    if target > LAW.irreducible_nats:
        assert LAW.exchange(loss, budget) == pytest.approx(
            budget / LAW.compute_for(target), rel=1e-6
        )


def test_exchange_is_one_for_no_loss_and_multiplies() -> None:
    assert LAW.exchange(0.0, 1e24) == 1.0
    assert LAW.exchange(-1.0, 1e24) == 0.0
    assert LAW.compute_for(1.0) == math.inf


@pytest.mark.parametrize(("share", "cost"), [(0.5, 1.26), (2.0, 1.15), (0.25, 4.47)])
def test_smaller_and_longer_at_equal_loss(share: float, cost: float) -> None:
    assert LAW.equal_loss_training(share, 1e24) == pytest.approx(cost, abs=0.02)


def test_a_tenth_of_the_size_never_reaches_the_loss() -> None:
    assert LAW.equal_loss_training(0.1, 1e24) == math.inf
    assert LAW.equal_loss_training(1.0, 1e24) == pytest.approx(1.0)


@given(st.floats(0.2, 5.0))
def test_the_best_size_is_the_cheapest(share: float) -> None:
    assert LAW.equal_loss_training(share, 1e23) >= 1.0 - 1e-9


def test_compensating_tokens_reach_the_old_loss() -> None:
    before = LAW.loss_nats(70e9, 15e12)
    tokens = LAW.compensating_tokens(70e9, 15e12, 0.01)
    assert LAW.loss_nats(70e9, tokens) == pytest.approx(before - 0.01)
    assert LAW.compensating_tokens(70e9, 15e12, 0.0) == pytest.approx(15e12)
    assert LAW.compensating_tokens(70e9, 15e12, 0.5) == math.inf


def test_sibling_of_the_published_sizes() -> None:
    entry = catalog.load("lever", "prune-distill").quantity("loss_nats")
    gap = LAW.sibling_loss_nats(8.03e9, 15e12, 4.51e9 / 8.03e9)
    assert gap == pytest.approx(entry.value, abs=0.001)
    assert LAW.sibling_loss_nats(70e9, 15e12, 0.5625) == pytest.approx(0.018, abs=0.001)
    assert LAW.sibling_loss_nats(405e9, 15e12, 0.5625) == pytest.approx(0.010, abs=0.001)
    assert LAW.sibling_loss_nats(8e9, 15e12, 1.0) == 0.0


def test_one_shot_pruning_of_a_large_model_is_dominated_by_a_small_dense_one() -> None:
    pruned = catalog.load("lever", "prune-one-shot").quantity("loss_nats")
    # Wanda: 2:4 at 70B loses what separates 70B from a dense 7B, perplexity 3.12 and 5.12.
    assert pruned.low >= math.log(5.12 / 3.12) - 1e-9
    sibling = LAW.sibling_loss_nats(70e9, 2e12, 0.5)
    assert sibling < 0.1 * pruned.low


def test_alternative_law_agrees_on_the_split_but_not_on_the_floor() -> None:
    parameters, tokens = C4.optimum(5.76e23)
    assert 15.0 < tokens / parameters < 25.0
    assert C4.irreducible_nats > LAW.irreducible_nats
    assert C4.exchange(0.01, 1e24) == pytest.approx(LAW.exchange(0.01, 1e24), rel=0.15)


@given(st.floats(1e8, 1e13), st.floats(1e9, 1e15), st.floats(1.01, 10.0))
def test_more_of_either_is_better(parameters: float, tokens: float, factor: float) -> None:
    loss = LAW.loss_nats(parameters, tokens)
    assert LAW.loss_nats(parameters * factor, tokens) < loss
    assert LAW.loss_nats(parameters, tokens * factor) < loss
    assert loss > LAW.irreducible_nats


def test_bad_input() -> None:
    with pytest.raises(InputError, match="parameters must be finite and > 0"):
        LAW.loss_nats(0.0, 1e12)
    with pytest.raises(InputError, match="form dense-loss"):
        load_law("repetition")
    with pytest.raises(UnknownNameError, match="chinchilla"):
        load_law("chinchila")
