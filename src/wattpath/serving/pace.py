"""The iteration of `wattpath.serving.iteration`, with what tokens alone decide remembered.

Most of an iteration's kernels depend only on how many tokens it carries. A replay meets the
same counts again and again, so their times are kept by whole tokens; attention, which
depends on contexts and prompts, is computed each time. The answer is the same as without.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.engine import Engine
from wattpath.serving.heap import Floats
from wattpath.serving.iteration import (
    Iteration,
    assemble,
    gather_s,
    head_s,
    spread_s,
)
from wattpath.serving.layout import Layout
from wattpath.serving.steady import with_drafts


class Pace(NamedTuple):
    """Seconds by whole tokens (`layers`, `links`) and by whole rows (`head`); NaN: not yet."""

    layers: Floats
    links: Floats
    head: Floats
    gather: Floats


@njit(cache=True)
def open_pace(settings: ServingSettings, engine: Engine) -> Pace:
    """An empty table as long as an engine's iterations can be."""
    rows = int(engine.max_sequences * (2.0 + settings.draft_tokens)) + 2
    most = int(engine.chunk_tokens) + rows
    long = np.full((2, most), np.nan)
    short = np.full((2, most), np.nan)
    return Pace(long[0], long[1], short[0], short[1])


@njit(cache=True)
def paced_iteration(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    pace: Pace,
    batch: Batch,
) -> Iteration:
    """The iteration of a batch (see `wattpath.serving.iteration.iteration`).

    Tokens and rows are rounded to whole ones.
    """
    most = len(pace.layers) - 1
    asked = batch.sequences * batch.queries
    tokens = min(most, round(asked + batch.prefill_tokens))
    rows = min(most, round(asked + batch.prefill_sequences))
    if math.isnan(pace.layers[tokens]):
        many = float(tokens)
        work, sent = spread_s(chip, shape, layout, settings, engine, many)
        pace.layers[tokens], pace.links[tokens] = work, sent
    if math.isnan(pace.head[rows]):
        pace.head[rows] = head_s(chip, shape, layout, float(rows))
        pace.gather[rows] = gather_s(chip, layout, float(rows))
    links = pace.links[tokens] + pace.gather[rows]
    head, work = pace.head[rows], pace.layers[tokens]
    return assemble(chip, shape, layout, settings, engine, batch, work, head, links)


@njit(cache=True)
def paced_decode(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    pace: Pace,
    sequences: float,
    context: float,
) -> Iteration:
    """One step of decoding sequences alone, with the cost of drafting added."""
    queries = 1.0 + settings.draft_tokens
    batch = Batch(sequences, context, queries, 0.0, 0.0, 0.0)
    step = paced_iteration(chip, shape, layout, settings, engine, pace, batch)
    if settings.draft_tokens <= 0.0 or sequences <= 0.0:
        return step
    plain = Batch(sequences, context, 1.0, 0.0, 0.0, 0.0)
    one = paced_iteration(chip, shape, layout, settings, engine, pace, plain)
    return with_drafts(settings, step, one)
