"""Meeting a quality floor by training longer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath import levers, models
from wattpath.errors import InputError
from wattpath.levers.laws import effective_tokens
from wattpath.levers.makeup import dense_size, make_up
from wattpath.models.parameters import parameter_count

DENSE = models.load("llama-3-1-70b").shape
MIXTURE = models.load("deepseek-v3").shape
TOKENS = 15e12


def test_a_floor_that_is_met_costs_nothing() -> None:
    answer = make_up(DENSE, TOKENS, 0.01, 0.02)
    assert answer.feasible
    assert answer.extra_tokens == answer.extra_flop == 0.0


def test_the_longer_training_wins_back_just_the_excess() -> None:
    law = levers.load_law()
    answer = make_up(DENSE, TOKENS, 0.021, 0.011)
    size = dense_size(DENSE, TOKENS)
    gained = law.loss_nats(size, TOKENS) - law.loss_nats(size, TOKENS + answer.extra_tokens)
    assert gained == pytest.approx(0.01)
    assert answer.extra_flop >= 6.0 * 70e9 * answer.extra_tokens * 0.9
    assert answer.token_fraction == pytest.approx(answer.extra_tokens / TOKENS)


def test_more_than_the_data_term_is_never_won_back() -> None:
    most = make_up(DENSE, TOKENS, 0.0, 0.0).most_nats
    assert make_up(DENSE, TOKENS, 0.99 * most, 0.0).feasible
    answer = make_up(DENSE, TOKENS, 1.01 * most, 0.0)
    assert not answer.feasible
    assert f"{most:.3f} nat at most" in answer.reason
    assert math.isinf(answer.extra_flop)


def test_repeated_text_asks_for_more_and_may_not_suffice() -> None:
    free = make_up(DENSE, TOKENS, 0.01, 0.0)
    held = make_up(DENSE, TOKENS, 0.01, 0.0, unique_tokens=20e12)
    assert held.extra_tokens > free.extra_tokens
    worth = effective_tokens(20e12, (TOKENS + held.extra_tokens) / 20e12)
    assert worth == pytest.approx(TOKENS + free.extra_tokens)
    none = make_up(DENSE, TOKENS, 0.025, 0.0, unique_tokens=15e12)
    assert not none.feasible
    assert "too little text" in none.reason


def test_a_mixture_stands_for_a_larger_dense_model() -> None:
    active = float(parameter_count(MIXTURE).active)
    total = float(parameter_count(MIXTURE).total)
    assert 5.0 * active < dense_size(MIXTURE, TOKENS) < total
    assert dense_size(DENSE, TOKENS) == float(parameter_count(DENSE).active)


@given(st.floats(0.0, 0.015), st.floats(0.0, 0.01))
@settings(max_examples=30, deadline=None)
def test_a_looser_floor_never_costs_more(loss: float, slack: float) -> None:
    tight, loose = make_up(DENSE, TOKENS, loss, 0.0), make_up(DENSE, TOKENS, loss, slack)
    assert loose.extra_flop <= tight.extra_flop


@pytest.mark.parametrize(("key", "times"), [("train-longer", 2.0), ("train-longer-fourfold", 4.0)])
def test_levers_of_longer_training_follow_the_law(key: str, times: float) -> None:
    lever, law = levers.load(key), levers.load_law()
    gains = {
        trillions: law.loss_nats(70e9, times * trillions * 1e12)
        - law.loss_nats(70e9, trillions * 1e12)
        for trillions in (2.0, 15.0, 40.0)
    }
    loss = lever.loss_nats
    assert (loss.low, loss.value, loss.high) == pytest.approx(tuple(gains.values()), abs=1e-4)
    assert lever.one_off.token_fraction.value == times - 1.0
    assert make_up(DENSE, TOKENS, -loss.value, 0.0).token_fraction == pytest.approx(
        times - 1.0, rel=0.02
    )


def test_longer_training_brings_four_bits_under_the_usual_floor() -> None:
    four = levers.by_names(("fp4-weights", "kv-fp8"))
    longer = levers.by_names(("fp4-weights", "kv-fp8", "train-longer"))
    assert levers.compatible(longer) is None
    assert levers.loss_nats(longer) < 0.02 < levers.loss_nats(four)


def test_tokens_must_be_positive() -> None:
    with pytest.raises(InputError, match="tokens"):
        make_up(DENSE, 0.0, 0.01, 0.0)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("GPT-3 175B", True),
        ("Llama 3.1 405B", True),  # 38 tokens a parameter: 3.8 times as many
        ("Llama 3.1 70B", False),  # 221: thirty times as many
        ("Llama 3.1 8B", False),  # no data is enough
    ],
)
def test_half_the_size_is_offered_near_the_best_ratio_only(name: str, holds: bool) -> None:
    model = models.load(name)
    assert model.training_tokens is not None
    features = levers.model_features(model.shape, model.traits, model.training_tokens)
    assert ("near-optimal" in features) is holds
    assert "near-optimal" not in levers.model_features(model.shape, model.traits)
    reason = levers.applicable(levers.load("overtrained-small"), (), features)
    assert (reason is None) is holds
