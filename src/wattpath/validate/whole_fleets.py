"""Rows whose layout counts all chips of a deployment: the parts they are taken to be.

Tables of disaggregated deployments may state nothing but how many chips prefill and decode
share. Such a label is no tensor parallelism: no model has so many heads to split. The parts
are taken as those which serve the row's users fastest among the usual ones: prefill workers
of attention ranks that share the experts, and either decode workers of tensor parallelism or
one wide decode worker of attention ranks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.blocks import Batch
from wattpath.serving.engine import Engine
from wattpath.serving.iteration import iteration
from wattpath.serving.layout import Layout, chips
from wattpath.serving.memory import most_sequences
from wattpath.serving.steady import decode_iteration

#: Widths of the workers that such deployments are made of [chip].
WIDTHS = (4, 8, 16, 32, 64)
#: Most chips over which attention itself is cut; a wider label counts a whole deployment.
WIDEST_TENSOR = 16


class Parts(NamedTuple):
    """Layout of one prefill and of one decode worker, and how many there are of each."""

    first: Layout
    then: Layout
    prefill_workers: int
    decode_workers: int


def counts_all_chips(shape: Shape, tp: float, dp: float, ep: float) -> bool:
    """Whether attention is never cut as a label says, which has no word on the experts."""
    never = tp > WIDEST_TENSOR or shape.heads % tp > 0.0
    return shape.moe_layers > 0.0 and never and dp == ep == 1.0


def fastest_parts(
    case: tuple[Chip, Shape, ServingSettings, Engine],
    count: int,
    users: float,
    input_tokens: float,
    output_tokens: float,
) -> Parts | None:
    """The parts of `count` chips that serve a closed loop of users fastest; None if none fit.

    Parameters
    ----------
    case
        Chip, model, formats and engine.
    count : int
        Chips of the deployment.
    users, input_tokens, output_tokens : float
        Requests in flight and their lengths [token].
    """
    best, chosen = 0.0, None
    for parts in _candidates(count):
        rate = _rate(case, parts, users, input_tokens, output_tokens)
        if rate > best * (1.0 + 1e-9):
            best, chosen = rate, parts
    return chosen


def _candidates(count: int) -> Iterator[Parts]:
    """Every split of the chips into usual workers."""
    for width in WIDTHS[:2]:
        first = Layout(1.0, 1.0, float(width), float(width))
        for prefill in range(1, (count - 1) // width + 1):
            rest = count - prefill * width
            if rest in WIDTHS:
                yield Parts(first, Layout(1.0, 1.0, float(rest), float(rest)), prefill, 1)
            for tensor in WIDTHS[:2]:
                if rest % tensor == 0:
                    then = Layout(float(tensor), 1.0, 1.0, float(tensor))
                    yield Parts(first, then, prefill, rest // tensor)


def _rate(
    case: tuple[Chip, Shape, ServingSettings, Engine],
    parts: Parts,
    users: float,
    input_tokens: float,
    output_tokens: float,
) -> float:
    """Requests a second of a closed loop [request/s]: prefill's capacity or decode's pace.

    0 where a worker does not hold its share of the users.
    """
    chip, shape, settings, engine = case
    prompts = max(1.0, engine.chunk_tokens // input_tokens)
    past = 0.5 * max(0.0, input_tokens - engine.chunk_tokens)
    tokens = min(engine.chunk_tokens, prompts * input_tokens)
    each = users / (parts.decode_workers * parts.then.dp)
    room = [
        most_sequences(chip, shape, layout, settings, engine, input_tokens, output_tokens)
        for layout in (parts.first, parts.then)
    ]
    if room[0] < 1.0 or room[1] < each:
        return 0.0
    batch = Batch(0.0, 0.0, 1.0, tokens, prompts, past)
    one = iteration(chip, shape, parts.first, settings, engine, batch)
    prefilled = tokens / input_tokens / one.seconds * parts.first.dp * parts.prefill_workers
    context = input_tokens + 0.5 * output_tokens
    active = max(1.0, each)
    step = decode_iteration(chip, shape, parts.then, settings, engine, active, context)
    delay = one.seconds * input_tokens / tokens + output_tokens * step.seconds
    return min(prefilled, users / delay)


def label(parts: Parts) -> str:
    """Short text of parts: how many chips prefill, and how many decode in what."""
    wide = parts.then.dp > 1.0
    way = f"dp{parts.then.dp:.0f}" if wide else f"tp{parts.then.tp:.0f}"
    ahead = parts.prefill_workers * chips(parts.first)
    return f"{ahead:.0f} chips prefill, {parts.decode_workers} x {way} decode"
