"""Numbers of levers that follow from laws or from published figures, worked out again."""

from __future__ import annotations

import math

import pytest

from wattpath import catalog, levers
from wattpath.levers.laws import effective_tokens
from wattpath.serving.speculation import tokens_per_step

LAW = levers.load_law()


def value(key: str, attribute: str) -> float:
    return catalog.load("lever", key).quantity(attribute).value


@pytest.mark.parametrize(
    ("key", "published", "costs"),
    [
        ("speculative-decoding", 2.45, False),  # tokens a step, Llama 4 Maverick (SpecForge)
        ("mtp-decoding", 1.8, True),  # tokens a second over none, DeepSeek-V3
    ],
)
def test_acceptance_gives_the_published_tokens_a_step(
    key: str, published: float, costs: bool
) -> None:
    drafts = value(key, "set_draft_tokens")
    step = 1.0 + drafts * value(key, "set_draft_cost") * costs
    gain = tokens_per_step(drafts, value(key, "set_acceptance")) / step
    assert gain == pytest.approx(published, rel=0.05)


def test_half_the_size_takes_the_tokens_of_the_law() -> None:
    law = LAW.equal_loss_training(0.5, 1e24) / 0.5
    assert value("overtrained-small", "token_fraction") == pytest.approx(law, rel=0.01)


@pytest.mark.parametrize(("key", "times"), [("train-longer", 2.0), ("train-longer-fourfold", 4.0)])
def test_longer_training_wins_the_fall_of_the_data_term(key: str, times: float) -> None:
    quantity = catalog.load("lever", key).quantity("loss_nats")
    falls = {"low": 2e12, "value": 15e12, "high": 40e12}
    for bound, tokens in falls.items():
        fall = LAW.loss_nats(70e9, times * tokens) - LAW.loss_nats(70e9, tokens)
        assert getattr(quantity, bound) == pytest.approx(fall, rel=0.02)
    assert value(key, "token_fraction") == times - 1.0


@pytest.mark.parametrize(("passes", "bound"), [(4.0, "value"), (8.0, "high")])
def test_repeated_text_costs_what_it_loses_in_worth(passes: float, bound: str) -> None:
    quantity = catalog.load("lever", "data-repetition").quantity("scale_token_factor")
    worth = effective_tokens(1.0, passes) / passes
    assert getattr(quantity, bound) == pytest.approx(1.0 / worth, rel=0.01)


def test_one_shot_pruning_loses_the_published_ratio_of_perplexities() -> None:
    quantity = catalog.load("lever", "prune-one-shot").quantity("loss_nats")
    assert quantity.value == pytest.approx(math.log(5.16 / 3.12), abs=0.001)
    assert quantity.high == pytest.approx(math.log(10.17 / 5.12), abs=0.001)


def test_seldom_exchanges_send_32_bits_every_500_steps() -> None:
    assert value("low-communication", "set_site_traffic") == pytest.approx(32.0 / 16.0 / 500.0)


@pytest.mark.parametrize(
    ("key", "tokens", "parent"),
    [
        ("prune-distill", 94e9, 15e12),
        ("sparse-attention", 2.1e9 + 943.7e9, 14.8e12),
        ("latent-attention", 6e9, 2e12),
    ],
)
def test_one_off_tokens_are_those_of_the_published_runs(
    key: str, tokens: float, parent: float
) -> None:
    assert value(key, "token_fraction") == pytest.approx(tokens / parent, rel=0.01)


def test_the_grade_of_an_optimiser_is_that_of_its_largest_controlled_size() -> None:
    quantity = catalog.load("lever", "matrix-optimizer").quantity("set_flop_factor")
    assert quantity.value == pytest.approx(1.0 / 1.1, rel=0.01)
    assert quantity.low == pytest.approx(0.52)
    assert quantity.evidence == "estimate"
