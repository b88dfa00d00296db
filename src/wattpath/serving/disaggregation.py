"""Prefill and decode on separate chips: the two pools, the transfer, the matched rates."""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.hardware.collectives import send_s
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.engine import Engine
from wattpath.serving.iteration import iteration
from wattpath.serving.layout import Layout
from wattpath.serving.memory import kv_bytes_chip
from wattpath.serving.queueing import lognormal_quantile, normal_quantile
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.steady import (
    answer_tokens,
    combine_tails,
    decode_iteration,
    fresh_tokens,
    mean_context,
    prefill_wait_s,
)
from wattpath.serving.traffic import Traffic


class Pool(NamedTuple):
    """One worker of a prefill or a decode pool at a rate.

    Parameters
    ----------
    requests_per_s
        Rate of one worker [request/s].
    mean_s, tail_s
        Prefill: time to first token; decode: time per output token; mean and the traffic's
        percentile [s].
    compute_share, memory_share
        Achieved over peak rates of one chip [-].
    """

    requests_per_s: float
    mean_s: float
    tail_s: float
    compute_share: float
    memory_share: float


@njit(cache=True)
def transfer_s(
    chip: Chip, shape: Shape, layout: Layout, settings: ServingSettings, input_tokens: float
) -> float:
    """Time to send a prompt's KV cache from one worker to another [s].

    Every chip of the attention rank sends its part over the scale-out network at once, after
    the prefill; engines that send layer by layer hide most of it (`overlap`).
    """
    part = kv_bytes_chip(shape, layout, settings, input_tokens)
    return send_s(chip, part, chip.scaleup_domain) * (1.0 - settings.overlap)


@njit(cache=True)
def prefill_pool(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
    load: float,
) -> Pool:
    """One prefill worker at a utilisation `load` of its token budget.

    The arrivals of one attention rank are an M/G/1 queue; a prompt longer than the budget
    takes several iterations, shorter ones share an iteration.
    """
    fresh = fresh_tokens(traffic, settings)
    past = traffic.input_tokens - fresh
    chunk = min(fresh, engine.chunk_tokens)
    inner = past + 0.5 * (fresh - chunk)
    one = iteration(chip, shape, layout, settings, engine, Batch(0.0, 0.0, 1.0, chunk, 1.0, inner))
    prompts = max(1.0, engine.chunk_tokens / fresh)
    budget = Batch(0.0, 0.0, 1.0, engine.chunk_tokens, prompts, inner)
    full = iteration(chip, shape, layout, settings, engine, budget)
    service = min(full.seconds * fresh / engine.chunk_tokens, one.seconds * fresh / chunk)
    rate = load / service
    wait, wait_tail = prefill_wait_s(load, load, service, traffic)
    own = one.seconds * fresh / chunk
    longest = max(own, lognormal_quantile(own, traffic.length_cv, traffic.percentile))
    sent = transfer_s(chip, shape, layout, settings, traffic.input_tokens)
    fixed = engine.request_s + engine.reply_s + sent
    return Pool(
        rate * layout.dp * layout.pp,
        fixed + wait + own,
        fixed + combine_tails(wait, wait_tail, own, longest),
        load * full.compute_s / full.seconds,
        load * full.memory_s / full.seconds,
    )


@njit(cache=True)
def decode_pool(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
    sequences: float,
) -> Pool:
    """One decode worker with `sequences` mean running sequences on each attention rank."""
    answer = answer_tokens(traffic, settings)
    context = mean_context(traffic, settings)
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    steps = max(1.0, (answer - 1.0) / gain)
    each = sequences / layout.pp
    active = max(1.0, each)  # a step runs for one sequence at least
    step = decode_iteration(chip, shape, layout, settings, engine, active, context)
    crowd = 1.0 + max(0.0, normal_quantile(traffic.percentile)) / math.sqrt(sequences)
    busiest = max(1.0, each * crowd)
    busy = decode_iteration(chip, shape, layout, settings, engine, busiest, context)
    return Pool(
        sequences * layout.dp / (steps * step.seconds),
        step.seconds / gain,
        busy.seconds / gain,
        each / active * step.compute_s / step.seconds,
        each / active * step.memory_s / step.seconds,
    )
