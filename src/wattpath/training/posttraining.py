"""Reinforcement-learning post-training: rollout, scoring and update, in step or apart.

One step samples ``prompts * group`` responses, scores them and updates the policy on them.
The lengths of responses are log-normal; a rollout engine decodes all it can hold at once,
so that towards the end of a synchronous rollout few long responses keep its chips waiting.

    t_sync  = t_rollout + t_score + t_update + t_weights
    t_async = max(t_rollout' on its share of chips, t_score + t_update on the rest)

where t_rollout' has no tail: new prompts take the place of finished ones, and the policy
that made a sample is up to `staleness` updates old.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from wattpath.errors import InputError
from wattpath.hardware.collectives import fused_all_reduce_s
from wattpath.hardware.kernels import gemm_s
from wattpath.hardware.roofline import overlap
from wattpath.models.work import (
    forward_flops_per_token,
    kv_bytes,
    kv_bytes_read,
    weight_bytes,
    weight_bytes_read,
)
from wattpath.training.steptime import Job, Step, combine, layer_times

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.models import Shape
    from wattpath.training.layout import Layout
    from wattpath.training.trainer import Trainer

#: Share of a chip's memory that a rollout engine uses for weights and cache.
_ENGINE_MEMORY = 0.9
#: Length quantiles by which a rollout is integrated.
_QUANTILES = 48


class PostTraining(NamedTuple):
    """What one step of post-training does; every field is a float.

    Parameters
    ----------
    prompts, group
        Prompts of a step and responses sampled for each.
    prompt_tokens, response_tokens
        Mean lengths [token].
    spread
        Standard deviation of the logarithm of the response length.
    longest
        Cut-off of the response length [token].
    epochs
        Times that each sample is used for an update.
    critic
        Size of a value model relative to the policy (PPO: 1, GRPO: 0).
    reference
        1 where a frozen reference model scores every token.
    reward
        Size of a reward model relative to the policy (0: verified by a rule).
    draft_tokens, acceptance, draft_cost
        Speculative rollouts: drafted tokens per step, chance that one is accepted, and cost
        of drafting one relative to a decode step.
    """

    prompts: float
    group: float
    prompt_tokens: float
    response_tokens: float
    spread: float = 0.6
    longest: float = 32768.0
    epochs: float = 1.0
    critic: float = 0.0
    reference: float = 1.0
    reward: float = 0.0
    draft_tokens: float = 0.0
    acceptance: float = 0.0
    draft_cost: float = 0.0

    @property
    def samples(self) -> float:
        """Responses of one step."""
        return self.prompts * self.group


@dataclass(frozen=True, slots=True)
class PostTrainingStep:
    """One step of post-training: seconds by phase and their shares.

    `step_s` is the time between updates, `phases` the seconds of each phase on its chips,
    `shares` their parts of the sum, `rollout_chips` the chips that roll out while others
    update (all of them in synchronous mode), `staleness` how many updates old a sample's
    policy may be.
    """

    step_s: float
    phases: dict[str, float]
    shares: dict[str, float]
    rollout_chips: float
    staleness: float
    tokens_per_s: float


def decode_s(shape: Shape, chip: Chip, batch: float, context: float, tp: float) -> float:
    """Seconds of one decode step of `batch` sequences on `tp` chips: weights, cache, links."""
    weights = weight_bytes_read(shape, batch, 16.0) / tp
    cache = batch * kv_bytes_read(shape, context, 16.0) / tp
    moved = weights / (chip.bandwidth_bytes_s * chip.memory_eff)
    moved += cache / (chip.bandwidth_bytes_s * chip.decode_memory_eff)
    flops = batch * forward_flops_per_token(shape, 0.5 * context) / tp
    compute = flops / (chip.bf16_flops * chip.gemm_eff_16)
    floor = shape.layers * 4.0 * gemm_s(chip, 1.0, 1.0, 1.0)
    links = 2.0 * shape.layers * fused_all_reduce_s(chip, 2.0 * batch * shape.hidden, tp)
    return float(overlap(moved, compute) + floor + links)


def capacity(shape: Shape, chip: Chip, context: float, tp: float) -> float:
    """Sequences of mean length `context` that one engine on `tp` chips holds at once."""
    room = _ENGINE_MEMORY * chip.mem_bytes * tp - weight_bytes(shape, 16.0)
    return max(0.0, room / kv_bytes(shape, context, 16.0))


def lengths(task: PostTraining) -> list[float]:
    """Response lengths [token] at evenly spaced quantiles, ascending, with the right mean."""
    normal = NormalDist()
    raw = [
        math.exp(task.spread * normal.inv_cdf((i + 0.5) / _QUANTILES)) for i in range(_QUANTILES)
    ]
    scale = task.response_tokens * len(raw) / sum(raw)
    return [min(task.longest, scale * x) for x in raw]


def rollout_s(
    shape: Shape, chip: Chip, task: PostTraining, chips: float, tp: float, tail: bool
) -> float:
    """Seconds in which `chips` sample all responses of a step.

    Parameters
    ----------
    tp : float
        Chips of one engine.
    tail : bool
        True: the step waits for its last response. False: finished responses are replaced
        by those of the next step.

    Returns
    -------
    float
        Infinite where one engine cannot hold the weights and a sequence.
    """
    mean = task.prompt_tokens + 0.5 * task.response_tokens
    room = capacity(shape, chip, task.prompt_tokens + task.response_tokens, tp)
    share = task.samples / (chips / tp)
    if room < 1.0:
        return math.inf
    speed = _accepted(task)
    prefill = share * task.prompt_tokens / task.group
    prefill *= forward_flops_per_token(shape, 0.5 * task.prompt_tokens)
    seconds = prefill / (tp * chip.bf16_flops * chip.gemm_eff_16)
    ordered = lengths(task)
    waves = max(1.0, share / room)
    batch = share / waves
    if not tail:
        step = decode_s(shape, chip, batch, mean, tp)
        return seconds + waves * (sum(ordered) / len(ordered)) * step * speed
    full = waves - 1.0  # whole engines until the last wave starts, then a thinning one
    seconds += full * task.response_tokens * decode_s(shape, chip, batch, mean, tp) * speed
    start = 0.0
    for rank, length in enumerate(ordered):
        alive = max(1.0, batch * (1.0 - rank / len(ordered)))
        context = task.prompt_tokens + 0.5 * (start + length)
        seconds += (length - start) * decode_s(shape, chip, alive, context, tp) * speed
        start = length
    return seconds


def _accepted(task: PostTraining) -> float:
    """Decode steps per token: 1, or fewer where drafted tokens are accepted."""
    if task.draft_tokens <= 0.0:
        return 1.0
    a = min(0.999, task.acceptance)
    tokens = (1.0 - a ** (task.draft_tokens + 1.0)) / (1.0 - a)
    return float((1.0 + task.draft_cost * task.draft_tokens) / tokens)


def post_training_step(
    shape: Shape,
    chip: Chip,
    trainer: Trainer,
    layout: Layout,
    task: PostTraining,
    *,
    engine_tp: float = 1.0,
    staleness: float = 0.0,
) -> PostTrainingStep:
    """One step of post-training on the chips of `layout`.

    Parameters
    ----------
    layout : Layout
        Spread of the update over all chips; asynchronous runs keep it with fewer replicas.
    engine_tp : float
        Chips of one rollout engine.
    staleness : float
        0 runs the phases one after the other on all chips. 1 or more runs rollouts on a
        part of the chips (the best part is found) while the others update.

    Raises
    ------
    InputError
        If an engine cannot hold the model.

    Notes
    -----
    What stale samples cost in learning is not modelled; published work keeps quality up to
    a few updates. Tool calls and environments that make a rollout wait are not in it.
    """
    chips = layout.tp * layout.pp * layout.cp * layout.dp
    if math.isinf(rollout_s(shape, chip, task, chips, engine_tp, True)):
        raise InputError(
            "engine_tp", "give an engine memory for the model and one response", engine_tp
        )
    learn = _learn_s(shape, chip, trainer, layout, task)
    tokens = task.samples * (task.prompt_tokens + task.response_tokens)
    if staleness < 1.0:
        phases = {"rollout": rollout_s(shape, chip, task, chips, engine_tp, True), **learn}
        total = sum(phases.values())
        return PostTrainingStep(total, phases, _shares(phases), chips, 0.0, tokens / total)
    best: PostTrainingStep | None = None
    for parts in range(1, 32):
        share = parts / 32.0
        roll = rollout_s(shape, chip, task, share * chips, engine_tp, False)
        rest = {name: seconds / (1.0 - share) for name, seconds in learn.items()}
        total = max(roll, sum(rest.values()))
        if best is None or total < best.step_s:
            phases = {"rollout": roll, **rest}
            best = PostTrainingStep(
                total, phases, _shares(phases), share * chips, staleness, tokens / total
            )
    assert best is not None
    return best


def _shares(phases: dict[str, float]) -> dict[str, float]:
    total = sum(phases.values())
    return {name: seconds / total for name, seconds in phases.items()}


def _learn_s(
    shape: Shape, chip: Chip, trainer: Trainer, layout: Layout, task: PostTraining
) -> dict[str, float]:
    """Seconds of scoring, updating and handing over weights, on all chips of the layout."""
    sequence = task.prompt_tokens + task.response_tokens
    width = layout.dp * layout.micro_batch
    job = Job(sequence, width * math.ceil(task.samples / width))
    layout = type(layout)(*(float(x) for x in layout))
    times = layer_times(shape, chip, trainer, layout, job)
    update: Step = combine(shape, chip, trainer, layout, job, times)
    passes = times.forward_s + times.backward_s + times.recompute_s
    forward = update.step_s * times.forward_s / passes
    old = forward  # the policy's own probabilities, recomputed by the training kernels
    scoring = old + forward * (task.reference + task.critic + task.reward)
    weights = weight_bytes(shape, 16.0) / (layout.tp * layout.pp)
    return {
        "scoring": scoring,
        "update": update.step_s * task.epochs * (1.0 + task.critic),
        "weights": weights / (chip.scaleout_bytes_s * chip.scaleout_eff),
    }
