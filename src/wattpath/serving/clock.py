"""Times and bytes that a replay looks up again and again, tabulated over the context.

Decode steps of `n` sequences and the KV bytes of one sequence are smooth in the context:
they are computed once at nodes (sixteen to each doubling) and read linearly between them.
Where the kernels are linear in the context, as memory-bound attention is, nothing is lost.
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
from wattpath.serving.compiled import inner, outer
from wattpath.serving.engine import Engine
from wattpath.serving.heap import Floats
from wattpath.serving.layout import Layout
from wattpath.serving.memory import kv_bytes_chip
from wattpath.serving.pace import Pace, open_pace, paced_decode, paced_iteration

#: Nodes below the first doubling and in each, its first context [token], and all nodes.
EACH, FIRST_CONTEXT, NODES = 16, 64.0, 16 * 21 + 2


class Unit(NamedTuple):
    """One replica: its hardware, model, spread, software terms and engine, with tables.

    `decode` has an axis for sequences, one for nodes and one for seconds, compute and memory
    seconds (NaN: not yet known); `kv` the bytes of one sequence at each node [B].
    """

    chip: Chip
    shape: Shape
    layout: Layout
    settings: ServingSettings
    engine: Engine
    pace: Pace
    decode: Floats
    kv: Floats


@outer
def node_context(node: int) -> float:
    """Context at a node [token]."""
    if node < EACH:
        return node * FIRST_CONTEXT / EACH
    doubling, step = (node - EACH) // EACH, (node - EACH) % EACH
    return float(FIRST_CONTEXT * 2.0**doubling * (1.0 + step / EACH))


@inner
def node_below(context: float) -> tuple[int, float]:
    """The node at or below a context, and how far it is to the next one (0 to 1)."""
    if context < FIRST_CONTEXT:
        place = max(0.0, context) * EACH / FIRST_CONTEXT
        return int(place), place - int(place)
    mantissa, exponent = math.frexp(context)
    place = (mantissa - 0.5) * 2.0 * EACH
    node = EACH * (exponent - 6) + int(place)
    if node >= NODES - 1:
        return NODES - 2, 1.0
    return node, place - int(place)


def open_unit(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    most: int,
) -> Unit:
    """A replica that runs `most` sequences at once, its decode table empty."""
    pace = open_pace(settings, engine)
    contexts = (node_context(node) for node in range(NODES))
    kv = np.array([kv_bytes_chip(shape, layout, settings, one) for one in contexts])
    decode = np.full((most + 2, NODES, 3), np.nan)
    return Unit(chip, shape, layout, settings, engine, pace, decode, kv)


@inner
def kv_at(kv: Floats, context: float) -> float:
    """Bytes of one sequence on one chip [B] (see `kv_bytes_chip`)."""
    node, share = node_below(context)
    return float(kv[node] + share * (kv[node + 1] - kv[node]))


@njit(cache=True)
def _compute(
    unit: Unit,
    sequences: float,
    context: float,
    queries: float,
    tokens: float,
    prompts: float,
    past: float,
) -> tuple[float, float, float]:
    """Seconds, compute and memory seconds of one iteration, from its kernels [s]."""
    chip, shape, layout, settings, engine, pace = unit[:6]
    if tokens > 0.0:
        batch = Batch(sequences, context, queries, tokens, prompts, past)
        one = paced_iteration(chip, shape, layout, settings, engine, pace, batch)
    else:
        one = paced_decode(chip, shape, layout, settings, engine, pace, sequences, context)
    return one.seconds, one.compute_s, one.memory_s


@inner
def iteration_at(
    unit: Unit,
    sequences: int,
    context: float,
    queries: float,
    tokens: float,
    prompts: float,
    past: float,
) -> tuple[float, float, float]:
    """Seconds, compute and memory seconds of one iteration [s]: decode steps from the table.

    Parameters are those of `Batch`.
    """
    table = unit.decode
    node, share = node_below(context)
    while tokens <= 0.0 and math.isnan(table[sequences, node, 0] + table[sequences, node + 1, 0]):
        at = node if math.isnan(table[sequences, node, 0]) else node + 1
        one = _compute(unit, float(sequences), node_context(at), queries, 0.0, 0.0, 0.0)
        table[sequences, at, 0], table[sequences, at, 1], table[sequences, at, 2] = one
    if tokens > 0.0:
        return _compute(unit, float(sequences), context, queries, tokens, prompts, past)
    rest = 1.0 - share
    return (
        rest * table[sequences, node, 0] + share * table[sequences, node + 1, 0],
        rest * table[sequences, node, 1] + share * table[sequences, node + 1, 1],
        rest * table[sequences, node, 2] + share * table[sequences, node + 1, 2],
    )
