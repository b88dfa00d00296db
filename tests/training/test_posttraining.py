"""Post-training: published shares, asynchrony, speculation, and what cannot run."""

from __future__ import annotations

import pytest

from wattpath.errors import InputError
from wattpath.hardware import load_chip
from wattpath.models import load
from wattpath.training import Layout, load_trainer
from wattpath.training.posttraining import PostTraining, lengths, post_training_step, rollout_s

SHAPE = load("Qwen3-8B").shape
CHIP = load_chip("H100")
TRAINER = load_trainer("current")
LAYOUT = Layout(dp=8.0, zero=3.0, recompute=2.0)
TASK = PostTraining(prompts=32.0, group=8.0, prompt_tokens=512.0, response_tokens=8192.0)


def run(task: PostTraining = TASK, staleness: float = 0.0):  # type: ignore[no-untyped-def]
    return post_training_step(SHAPE, CHIP, TRAINER, LAYOUT, task, staleness=staleness)


def test_rollouts_take_most_of_a_reasoning_step() -> None:
    """Published for an 8B policy: 65 to 72 % of a step; above 90 % with long tails."""
    assert 0.55 < run().shares["rollout"] < 0.95


def test_short_answers_shift_the_share_to_the_update() -> None:
    short = TASK._replace(response_tokens=512.0)
    assert run(short).shares["rollout"] < run().shares["rollout"]


def test_asynchrony_is_faster_and_has_no_tail() -> None:
    """Published speed-ups lie between 1.5 and 2.8."""
    gain = run().step_s / run(staleness=4.0).step_s
    assert 1.1 < gain < 3.0
    assert rollout_s(SHAPE, CHIP, TASK, 8.0, 1.0, False) < rollout_s(
        SHAPE, CHIP, TASK, 8.0, 1.0, True
    )


def test_a_critic_and_a_reward_model_cost_time() -> None:
    ppo = TASK._replace(critic=1.0, reward=1.0)
    assert run(ppo).step_s > run().step_s
    assert run(ppo).phases["rollout"] == pytest.approx(run().phases["rollout"])


def test_speculation_helps_only_when_drafts_are_accepted() -> None:
    good = TASK._replace(draft_tokens=3.0, acceptance=0.75, draft_cost=0.05)
    bad = good._replace(acceptance=0.05)
    assert run(good).phases["rollout"] < run().phases["rollout"] < run(bad).phases["rollout"]


def test_lengths_keep_the_mean_and_the_cut() -> None:
    free = lengths(TASK._replace(longest=1e9))
    assert sum(free) / len(free) == pytest.approx(8192.0)
    assert max(lengths(TASK._replace(longest=10000.0))) == 10000.0


def test_an_engine_without_room_is_refused() -> None:
    small = CHIP._replace(mem_bytes=16e9)
    with pytest.raises(InputError, match="engine_tp"):
        post_training_step(SHAPE, small, TRAINER, LAYOUT, TASK)
