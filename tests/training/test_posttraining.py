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


#: Published shares of a synchronous step: source, chip, model, chips, engine tp, task, and the
#: shares by phase. Batches and response lengths are not all published; they are those of the
#: examples, or such that the update takes the published time.
SPLITS = (
    # NeMo-RL (arXiv:2604.26779): 65 to 72 % rollout, 27 to 33 % scoring and update
    (
        "H100", "Qwen3-8B", 16.0, 1.0,
        PostTraining(128.0, 16.0, 300.0, 6000.0, 0.6, 32768.0, reference=0.0),
        (0.60, 0.82), (0.18, 0.40),
    ),
    # verl, DAPO 32B: rollout about 70 %
    (
        "H800", "Qwen2.5-32B", 128.0, 4.0,
        PostTraining(512.0, 16.0, 300.0, 4000.0, 0.9, 20480.0, reference=0.0),
        (0.45, 0.80), (0.20, 0.55),
    ),
    # verl, DAPO 7B on 16 H20, weak in arithmetic: 30 to 43 % rollout, 57 to 70 % the rest
    (
        "H20", "Qwen2.5-7B", 16.0, 1.0,
        PostTraining(512.0, 16.0, 300.0, 700.0, 1.0, 20480.0, reference=0.0),
        (0.20, 0.50), (0.50, 0.80),
    ),
)  # fmt: skip


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: f"{split[1]} on {split[0]}")
def test_shares_are_near_the_published_ones(split) -> None:  # type: ignore[no-untyped-def]
    chip, model, chips, tp, task, rollout, rest = split
    layout = Layout(tp=tp, dp=chips / tp, zero=3.0, recompute=0.0)
    shape = load(model).shape
    shares = post_training_step(shape, load_chip(chip), TRAINER, layout, task, engine_tp=tp).shares
    assert rollout[0] < shares["rollout"] < rollout[1]
    assert rest[0] < shares["scoring"] + shares["update"] < rest[1]


def test_scoring_against_the_update_as_published() -> None:
    """verl, 7B on H20: 88 s of old log-probabilities beside 286 s of update; 119 beside 344."""
    phases = run(TASK._replace(reference=0.0)).phases
    assert 0.2 < phases["scoring"] / phases["update"] < 0.4


def test_more_chips_do_not_shorten_the_longest_response() -> None:
    """Published for a 32B policy: more resources leave the duration of rollouts as it is."""
    few, many = (rollout_s(SHAPE, CHIP, TASK, n, 1.0, True) for n in (256.0, 1024.0))
    assert many > 0.8 * few
    much = TASK._replace(prompts=512.0)
    free = (rollout_s(SHAPE, CHIP, much, n, 1.0, False) for n in (8.0, 32.0))
    assert next(free) > 2.0 * next(free)


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
    """Published with three drafts for an 8B policy: 1.5 to 1.8 times faster rollouts."""
    good = TASK._replace(draft_tokens=3.0, acceptance=0.55, draft_cost=0.05)
    bad = good._replace(acceptance=0.05)
    assert run(good).phases["rollout"] < run().phases["rollout"] < run(bad).phases["rollout"]
    assert 1.3 < run().phases["rollout"] / run(good).phases["rollout"] < 2.0


def test_many_drafts_are_lost_where_arithmetic_binds() -> None:
    """Verifying drafts is work: with short contexts and large batches it costs more."""
    crowd = TASK._replace(prompts=512.0, response_tokens=256.0, spread=0.1)
    drafted = crowd._replace(draft_tokens=7.0, acceptance=0.6, draft_cost=0.05)
    few = drafted._replace(draft_tokens=2.0)
    assert run(drafted).phases["rollout"] > run(few).phases["rollout"]


def test_lengths_keep_the_mean_the_cut_and_the_rare_long_ones() -> None:
    free = lengths(TASK._replace(longest=1e9))
    mean, before = 0.0, 1.0
    for length, longer in free:
        mean, before = mean + length * (before - longer), longer
    assert mean == pytest.approx(8192.0)
    assert free[-1][1] == 0.0
    assert free[-1][0] > 5.0 * free[len(free) // 2][0]
    assert max(x for x, _ in lengths(TASK._replace(longest=10000.0))) == 10000.0


def test_an_engine_without_room_is_refused() -> None:
    small = CHIP._replace(mem_bytes=16e9)
    with pytest.raises(InputError, match="engine_tp"):
        post_training_step(SHAPE, small, TRAINER, LAYOUT, TASK)
