"""Reinforcement-learning post-training: rollout, scoring and update, in step or apart.

One step samples ``prompts * group`` responses, scores them and updates the policy on them.
The lengths of responses are log-normal; a rollout engine decodes all it can hold at once,
so that towards the end of a synchronous rollout few long responses keep its chips waiting.

    t_sync  = t_rollout + t_score + t_update + t_weights
    t_async = max(t_rollout' on its share of chips, t_score + t_update on the rest)

where t_rollout' has no tail: new prompts take the place of finished ones, and the policy
that made a sample is up to `staleness` updates old.

With speculation of k drafted tokens of which each is accepted with chance a, one step of the
engine verifies k + 1 tokens of each sequence and yields (1 - a^(k+1)) / (1 - a) of them: a
gain while decoding waits for memory, a loss where batches are large enough to be bound by
arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from wattpath import catalog
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

#: Length quantiles by which a rollout is integrated.
_QUANTILES = 48


class Engine(NamedTuple):
    """What rolls out: its share of a chip's memory, and host seconds per step and sequence."""

    memory: float
    host_s: float
    host_sequence_s: float


def load_engine(name: str = "usual", path: str = "rollout") -> Engine:
    """The rollout engine with this key, name or alias."""
    entry = catalog.load("rollout", name, path)
    host = catalog.load("engine", entry.text("engine"))
    return Engine(entry.si("engine_memory"), host.si("host_s"), host.si("host_sequence_s"))


def usual_spread() -> float:
    """Usual standard deviation of the logarithm of a response's length."""
    return catalog.load("rollout", "usual").si("spread")


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


def decode_s(
    shape: Shape,
    chip: Chip,
    engine: Engine,
    batch: float,
    context: float,
    tp: float,
    verified: float = 1.0,
) -> float:
    """Seconds of one engine step: `batch` sequences on `tp` chips, `verified` tokens of each."""
    rows = batch * verified
    weights = weight_bytes_read(shape, rows, 16.0) / tp
    cache = batch * kv_bytes_read(shape, context, 16.0) / tp
    moved = weights / (chip.bandwidth_bytes_s * chip.memory_eff)
    moved += cache / (chip.bandwidth_bytes_s * chip.decode_memory_eff)
    flops = rows * forward_flops_per_token(shape, 0.5 * context) / tp
    compute = flops / (chip.bf16_flops * chip.gemm_eff_16)
    floor = shape.layers * 4.0 * gemm_s(chip, 1.0, 1.0, 1.0)
    links = 2.0 * shape.layers * fused_all_reduce_s(chip, 2.0 * rows * shape.hidden, tp)
    host = engine.host_s + batch * engine.host_sequence_s
    return float(overlap(moved, compute) + floor + links + host)


def token_s(
    shape: Shape,
    chip: Chip,
    engine: Engine,
    task: PostTraining,
    batch: float,
    context: float,
    tp: float,
) -> float:
    """Seconds for one more token of each of `batch` sequences, speculation included."""
    plain = decode_s(shape, chip, engine, batch, context, tp)
    if task.draft_tokens <= 0.0:
        return plain
    a = min(0.999, task.acceptance)
    gained = (1.0 - a ** (task.draft_tokens + 1.0)) / (1.0 - a)
    verify = decode_s(shape, chip, engine, batch, context, tp, task.draft_tokens + 1.0)
    return float((verify + task.draft_cost * task.draft_tokens * plain) / gained)


def capacity(shape: Shape, chip: Chip, engine: Engine, context: float, tp: float) -> float:
    """Sequences of mean length `context` that one engine on `tp` chips holds at once."""
    room = engine.memory * chip.mem_bytes * tp - weight_bytes(shape, 16.0)
    return max(0.0, room / kv_bytes(shape, context, 16.0))


def lengths(task: PostTraining) -> list[tuple[float, float]]:
    """Response lengths, ascending: (length [token], share of responses that are longer).

    Evenly spaced quantiles of the log-normal, then ever rarer ones up to the longest
    response that one step may expect; with the task's mean before the cut.
    """
    normal = NormalDist()
    ends = [i / _QUANTILES for i in range(_QUANTILES)]
    rare = min(1.0 / _QUANTILES, 1.0 / task.samples)
    while 1.0 - ends[-1] > 1.5 * rare:
        ends.append(1.0 - 0.5 * (1.0 - ends[-1]))
    ends.append(1.0)
    spans = list(pairwise(ends))
    raw = [math.exp(task.spread * normal.inv_cdf(0.5 * (a + b))) for a, b in spans]
    mean = sum(x * (b - a) for x, (a, b) in zip(raw, spans, strict=True))
    scale = task.response_tokens / mean
    return [(min(task.longest, scale * x), 1.0 - b) for x, (_, b) in zip(raw, spans, strict=True)]


def rollout_s(
    shape: Shape,
    chip: Chip,
    task: PostTraining,
    chips: float,
    tp: float,
    tail: bool,
    engine: Engine | None = None,
) -> float:
    """Seconds in which `chips` sample all responses of a step.

    Parameters
    ----------
    tp : float
        Chips of one engine.
    tail : bool
        True: the step waits for its last response. False: finished responses are replaced
        by those of the next step.
    engine : Engine, optional
        The usual one by default.

    Returns
    -------
    float
        Infinite where one engine cannot hold the weights and a sequence.
    """
    engine = engine or load_engine()
    mean = task.prompt_tokens + 0.5 * task.response_tokens
    room = capacity(shape, chip, engine, task.prompt_tokens + task.response_tokens, tp)
    share = task.samples / (chips / tp)
    if room < 1.0:
        return math.inf

    def pace(batch: float, context: float) -> float:
        return token_s(shape, chip, engine, task, batch, context, tp)

    prefill = share * task.prompt_tokens / task.group
    prefill *= forward_flops_per_token(shape, 0.5 * task.prompt_tokens)
    seconds = prefill / (tp * chip.bf16_flops * chip.gemm_eff_16)
    waves = max(1.0, share / room)
    batch = share / waves
    if not tail:
        return seconds + waves * task.response_tokens * pace(batch, mean)
    # whole engines until the last wave starts, then a thinning one
    seconds += (waves - 1.0) * task.response_tokens * pace(batch, mean)
    start, alive = 0.0, 1.0
    for length, longer in lengths(task):
        context = task.prompt_tokens + 0.5 * (start + length)
        seconds += (length - start) * pace(max(1.0, batch * alive), context)
        start, alive = length, longer
    return seconds


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
