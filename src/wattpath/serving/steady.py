"""Steady state of continuous batching with chunked prefill, at a given running batch.

Fix the mean number of running sequences; then the rest follows: every iteration each of
them gains tokens, so requests finish at a known rate, so as many must be prefilled, so a
known share of iterations carries prompt tokens.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.engine import Engine
from wattpath.serving.iteration import Iteration, iteration
from wattpath.serving.layout import Layout
from wattpath.serving.queueing import (
    lognormal_quantile,
    normal_quantile,
    wait_quantile_s,
)
from wattpath.serving.speculation import tokens_per_step
from wattpath.serving.traffic import Traffic


class Steady(NamedTuple):
    """An instance at a running batch.

    Parameters
    ----------
    requests_per_s
        Rate at which requests finish on the whole instance [request/s].
    ttft_s, ttft_tail_s
        Time to first token: mean, and the traffic's percentile [s].
    tpot_s, tpot_tail_s
        Time per output token: mean, and the traffic's percentile [s].
    running
        Sequences in decode on the whole instance.
    load
        Utilisation of the engine's prefill capacity [-]; 1 or more cannot be sustained.
    compute_share, memory_share
        Achieved over peak FLOP rate and over peak bandwidth of one chip, averaged over the
        iterations [-].
    """

    requests_per_s: float
    ttft_s: float
    ttft_tail_s: float
    tpot_s: float
    tpot_tail_s: float
    running: float
    load: float
    compute_share: float
    memory_share: float


@njit(cache=True)
def fresh_tokens(traffic: Traffic, settings: ServingSettings) -> float:
    """Prompt tokens of a mean request that no prefix cache holds [token]; at least 1."""
    found = traffic.shared_prefix * settings.prefix_reuse
    return max(1.0, traffic.input_tokens * (1.0 - found))


@njit(cache=True)
def answer_tokens(traffic: Traffic, settings: ServingSettings) -> float:
    """Output tokens of a mean request [token]; at least 1."""
    return max(1.0, traffic.output_tokens * settings.output_factor)


@njit(cache=True)
def mean_context(traffic: Traffic, settings: ServingSettings) -> float:
    """Mean context of a running sequence [token]; long answers run longer (length bias)."""
    spread = 1.0 + traffic.length_cv * traffic.length_cv
    return traffic.input_tokens + 0.5 * spread * answer_tokens(traffic, settings)


@njit(cache=True)
def decode_iteration(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    sequences: float,
    context: float,
) -> Iteration:
    """One step of decoding sequences alone, with the cost of drafting added."""
    queries = 1.0 + settings.draft_tokens
    batch = Batch(sequences, context, queries, 0.0, 0.0, 0.0)
    step = iteration(chip, shape, layout, settings, engine, batch)
    return _with_drafts(chip, shape, layout, settings, engine, batch, step)


@njit(cache=True)
def with_drafts(settings: ServingSettings, step: Iteration, plain: Iteration) -> Iteration:
    """A verification step with the drafting before it, each draft a share of a plain step."""
    part = settings.draft_tokens * settings.draft_cost
    return Iteration(
        step.seconds + part * plain.seconds,
        step.compute_s + part * plain.compute_s,
        step.memory_s + part * plain.memory_s,
        step.network_s + part * plain.network_s,
        step.host_s + part * plain.host_s,
    )


@njit(cache=True)
def _with_drafts(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    batch: Batch,
    step: Iteration,
) -> Iteration:
    """Add the drafting of the next tokens, where there is any."""
    if settings.draft_tokens <= 0.0 or batch.sequences <= 0.0:
        return step
    plain = Batch(batch.sequences, batch.context, 1.0, 0.0, 0.0, 0.0)
    one = iteration(chip, shape, layout, settings, engine, plain)
    return with_drafts(settings, step, one)


@njit(cache=True)
def mixed_iteration(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    sequences: float,
    context: float,
    prefill_tokens: float,
    fresh: float,
    past: float,
) -> Iteration:
    """One step with prompt tokens: part of one prompt, or several short prompts whole."""
    prompts = max(1.0, prefill_tokens / fresh)
    before = past + max(0.0, 0.5 * (fresh - prefill_tokens / prompts))
    queries = 1.0 + settings.draft_tokens
    batch = Batch(sequences, context, queries, prefill_tokens, prompts, before)
    step = iteration(chip, shape, layout, settings, engine, batch)
    return _with_drafts(chip, shape, layout, settings, engine, batch, step)


@njit(cache=True)
def combine_tails(mean_a: float, tail_a: float, mean_b: float, tail_b: float) -> float:
    """Percentile of a sum of two independent times from their means and percentiles.

    The excesses over the means add as roots of squares; exact for normal variables.
    """
    return mean_a + mean_b + math.hypot(tail_a - mean_a, tail_b - mean_b)


@njit(cache=True)
def steady(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
    sequences: float,
) -> Steady:
    """Steady state of one aggregated instance.

    Parameters
    ----------
    chip, shape, layout, settings, engine, traffic
        Hardware, model, spread, software terms, engine constants and requests.
    sequences : float
        Mean running sequences of one attention rank.

    Returns
    -------
    Steady
        Infinite times and zero rate where prefill cannot keep up with that batch.

    Notes
    -----
    Little's law holds by construction: running = rate x (steps x mean step time). Waiting
    for prefill is an M/G/1 queue whose server is the engine's token budget; the running
    batch fluctuates like a Poisson variable. Breaks down for bursts of arrivals, and where
    answers are shorter than a few steps.
    """
    case = (chip, shape, layout, settings, engine)
    fresh, steps, gain, each, budget, due = _take_turns(*case[2:], traffic, sequences)
    if due >= budget:
        return Steady(0.0, math.inf, math.inf, math.inf, math.inf, sequences, 1.0, 0.0, 0.0)
    active = max(1.0, each)  # a step runs for one sequence at least
    chunk = min(budget, max(fresh, due))
    share, chunks = due / chunk, max(1.0, fresh / chunk)
    plain, mixed, full = _three_steps(*case, traffic, active, chunk, budget)
    mean_s = (1.0 - share) * plain.seconds + share * mixed.seconds
    rate = sequences / (steps * mean_s)
    load = rate / layout.pp * fresh / budget * full.seconds
    busy = share * mixed.seconds / mean_s
    ahead_s = engine.ahead_steps * plain.seconds * min(1.0, each)  # none where nobody decodes
    fixed_s = engine.request_s + engine.reply_s + ahead_s
    ttft = _first_token(fixed_s, traffic, mean_s, chunks * mixed.seconds, busy, load)
    often = _share_tail(share, chunks, steps, traffic)
    tail_s = _crowded_s(*case, traffic, sequences, each)
    tail_s += often * (mixed.seconds - plain.seconds)
    part = each / active / mean_s  # below one sequence the chips also rest
    return Steady(
        rate * layout.dp,
        ttft[0],
        ttft[1],
        mean_s / gain,
        tail_s / gain,
        sequences * layout.dp,
        load,
        part * ((1.0 - share) * plain.compute_s + share * mixed.compute_s),
        part * ((1.0 - share) * plain.memory_s + share * mixed.memory_s),
    )


@njit(cache=True)
def _take_turns(
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
    sequences: float,
) -> tuple[float, float, float, float, float, float]:
    """How answers and prompts share the iterations of one stage.

    Prompt tokens of a request; steps of an answer and its tokens per step; sequences of one
    step; most prompt tokens that an iteration can bring, and what it must bring on average.
    """
    fresh, answer = fresh_tokens(traffic, settings), answer_tokens(traffic, settings)
    gain = tokens_per_step(settings.draft_tokens, settings.acceptance)
    steps = max(1.0, (answer - 1.0) / gain)
    each = sequences / layout.pp
    budget = engine.chunk_tokens - each * (1.0 + settings.draft_tokens)
    return fresh, steps, gain, each, budget, each / steps * fresh


@njit(cache=True)
def _three_steps(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
    active: float,
    chunk: float,
    budget: float,
) -> tuple[Iteration, Iteration, Iteration]:
    """A step of decoding alone, one with a usual share of prompts, and one with a full budget."""
    fresh, context = fresh_tokens(traffic, settings), mean_context(traffic, settings)
    past, case = traffic.input_tokens - fresh, (chip, shape, layout, settings, engine)
    plain = decode_iteration(*case, active, context)
    mixed = mixed_iteration(*case, active, context, chunk, fresh, past)
    return plain, mixed, mixed_iteration(*case, active, context, budget, fresh, past)


@njit(cache=True)
def _crowded_s(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    traffic: Traffic,
    sequences: float,
    each: float,
) -> float:
    """Time of a decoding step at the percentile of the fluctuating batch [s]."""
    crowd = 1.0 + max(0.0, normal_quantile(traffic.percentile)) / math.sqrt(sequences)
    busiest, context = max(1.0, each * crowd), mean_context(traffic, settings)
    return decode_iteration(chip, shape, layout, settings, engine, busiest, context).seconds


@njit(cache=True)
def _first_token(
    fixed_s: float, traffic: Traffic, mean_s: float, own_s: float, busy: float, load: float
) -> tuple[float, float]:
    """Mean and percentile of the time to first token [s].

    Front end and steps prepared ahead (`fixed_s`), half an iteration (a whole one at the
    percentile), the wait for other prompts, and the request's own chunks, longer for longer
    prompts.
    """
    wait, wait_tail = prefill_wait_s(busy, load, own_s, traffic)
    fixed_s += 0.5 * mean_s
    longest = lognormal_quantile(own_s, traffic.length_cv, traffic.percentile)
    tail = combine_tails(wait, wait_tail, own_s, max(own_s, longest))
    return fixed_s + wait + own_s, fixed_s + 0.5 * mean_s + tail


@njit(cache=True)
def prefill_wait_s(
    busy: float, load: float, service_s: float, traffic: Traffic
) -> tuple[float, float]:
    """Mean and percentile of the wait for prefill [s].

    Parameters
    ----------
    busy : float
        Chance that an arrival meets another prompt in service [-].
    load : float
        Utilisation of the prefill capacity [-]: below `busy` where prompts share iterations.
    service_s : float
        Time that one prompt is in service [s].
    """
    if load >= 1.0:
        return math.inf, math.inf
    cv = traffic.length_cv
    delayed = service_s * 0.5 * (1.0 + cv * cv) / (1.0 - load)
    mean = min(1.0, busy) * delayed
    return mean, max(mean, wait_quantile_s(min(1.0 - 1e-9, busy), mean, traffic.percentile))


@njit(cache=True)
def _share_tail(share: float, chunks: float, steps: float, traffic: Traffic) -> float:
    """Share of a request's steps that carry prompt tokens, at a percentile of requests.

    The prompts that arrive during an answer are a compound Poisson variable: `share * steps /
    chunks` prompts on average, each of a varying number of iterations. Its quantile is the
    normal one with the first skewness term (Cornish-Fisher). Short answers suffer most: the
    answer is taken half way, in logarithm, from its mean to its low quantile.
    """
    if share <= 0.0 or share >= 1.0:
        return share
    cv = traffic.length_cv
    short = math.sqrt(steps * min(steps, lognormal_quantile(steps, cv, 1.0 - traffic.percentile)))
    spread = 1.0 + cv * cv
    met = share * short / chunks
    deviation = share * math.sqrt(spread * (1.0 - share) / met)
    z = max(0.0, normal_quantile(traffic.percentile))
    skew = spread**1.5 / math.sqrt(met)
    return float(min(1.0, share + deviation * (z + (z * z - 1.0) / 6.0 * skew)))
