"""What a continuous-batching scheduler keeps and decides (compiled, for the replay).

Requests wait, are admitted in the order of arrival, prefill chunk by chunk, decode together
and leave. Where KV memory is paged, the sequence admitted last is preempted when memory
runs out and computes its tokens anew; where an engine guarantees room for the whole answer,
admission waits instead.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.engine import Engine
from wattpath.serving.heap import Floats, Integers, pop, push, remove
from wattpath.serving.layout import Layout
from wattpath.serving.memory import kv_bytes_chip

#: Places in `Desk.tally`.
KNOWN, NEXT, RUNNING, LANE_FIRST, LANE, AGAIN, SERIAL, PREEMPTED, LAST, OPEN = range(10)
#: Places in `Desk.level`.
NOW, STEP, CONTEXT, LANE_TOKENS, CLAIMED, FRONT_END, HELD = 0, 1, 2, 3, 4, 5, 6
#: Share of KV memory that stays free when a request is admitted beside running ones.
WATERMARK = 0.01


class Desk(NamedTuple):
    """Mutable state of one scheduler as arrays; the first axis is the request.

    `prompt` is what must be in the cache before the next token, `rest` the tokens still to
    come; `base` and `joined` are the context and the step at which a sequence began to
    decode; `line` gives the request that waits behind another. `lane` is a ring of admitted
    requests with prompt tokens left, `again` a stack of preempted ones, `heap` orders
    running sequences by the step of their last token.
    """

    sent: Floats
    ready: Floats
    first: Floats
    done: Floats
    prompt: Floats
    rest: Floats
    left: Floats
    base: Floats
    joined: Floats
    claim: Floats
    serial: Integers
    line: Integers
    heap: Floats
    items: Integers
    lane: Integers
    again: Integers
    tally: Integers
    level: Floats


@njit(cache=True)
def open_desk(inputs: Floats, outputs: Floats, most: int) -> Desk:
    """An empty scheduler for these requests that runs `most` sequences at once."""
    n = len(inputs)
    never = np.full((4, n), np.nan)
    zeros = np.zeros((4, n))
    numbers = np.zeros((2, n), dtype=np.int64)
    places = np.zeros((3, most + 1), dtype=np.int64)
    tally = np.zeros(10, dtype=np.int64)
    tally[NEXT] = -1
    return Desk(
        never[0], never[1], never[2], never[3], inputs.copy(), outputs.copy(),
        zeros[0], zeros[1], zeros[2], zeros[3], numbers[0], numbers[1], np.zeros(most + 1),
        places[0], places[1], places[2], tally, np.zeros(7),
    )  # fmt: skip


@njit(cache=True)
def enqueue(desk: Desk, item: int, when: float, request_s: float) -> None:
    """Let a request come at `when`; the front end takes one at a time."""
    desk.sent[item] = when
    desk.level[FRONT_END] = max(desk.level[FRONT_END], when) + request_s
    desk.ready[item] = desk.level[FRONT_END]
    desk.line[item] = -1
    if desk.tally[NEXT] < 0:
        desk.tally[NEXT] = item
    else:
        desk.line[desk.tally[LAST]] = item
    desk.tally[LAST] = item
    desk.tally[OPEN] += 1


@njit(cache=True)
def send(desk: Desk, when: float, request_s: float) -> None:
    """Let the next request of the list come at `when`."""
    item = desk.tally[KNOWN]
    if item < len(desk.sent):
        enqueue(desk, item, when, request_s)
        desk.tally[KNOWN] = item + 1


@njit(cache=True)
def used_bytes(desk: Desk, shape: Shape, layout: Layout, settings: ServingSettings) -> float:
    """KV bytes that running and admitted sequences hold on one chip [B]."""
    running, lane = desk.tally[RUNNING], desk.tally[LANE]
    total = 0.0
    if running > 0:
        mean = desk.level[CONTEXT] / running
        total += running * kv_bytes_chip(shape, layout, settings, mean)
    if lane > 0:
        mean = desk.level[LANE_TOKENS] / lane
        total += lane * kv_bytes_chip(shape, layout, settings, mean)
    return total


@njit(cache=True)
def first_in_line(desk: Desk) -> int:
    """The request to admit next: the last preempted, else the oldest waiting; -1 for none."""
    if desk.tally[AGAIN] > 0:
        return int(desk.again[desk.tally[AGAIN] - 1])
    item = desk.tally[NEXT]
    if item >= 0 and desk.ready[item] <= desk.level[NOW]:
        return int(item)
    return -1


@njit(cache=True)
def has_room(
    desk: Desk,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    item: int,
    whole: float,
    room: float,
) -> bool:
    """Whether memory lets a request in; where the engine guarantees it, it is promised."""
    if engine.kv_reserve >= 1.0:
        if desk.level[CLAIMED] + whole > room:
            return False
        desk.claim[item] = whole
        desk.level[CLAIMED] += whole
        return True
    spare = WATERMARK * room if desk.tally[RUNNING] > 0 else 0.0
    needed = kv_bytes_chip(shape, layout, settings, desk.prompt[item]) + spare
    return used_bytes(desk, shape, layout, settings) + needed <= room


@njit(cache=True)
def admit(
    desk: Desk,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    cached: Floats,
    room: float,
) -> None:
    """Admit preempted and then waiting requests in order, while memory and slots suffice."""
    while desk.tally[RUNNING] + desk.tally[LANE] < engine.max_sequences:
        item = first_in_line(desk)
        if item < 0:
            return
        whole = kv_bytes_chip(shape, layout, settings, desk.prompt[item] + desk.rest[item])
        if whole > room:  # can never be served
            desk.tally[NEXT] = desk.line[item]
            desk.tally[OPEN] -= 1
            continue
        if not has_room(desk, shape, layout, settings, engine, item, whole, room):
            return
        found = 0.0
        if desk.tally[AGAIN] > 0:
            desk.tally[AGAIN] -= 1
        else:
            desk.tally[NEXT] = desk.line[item]
            found = cached[item]
        desk.left[item] = max(1.0, desk.prompt[item] - found)
        desk.tally[SERIAL] += 1
        desk.serial[item] = desk.tally[SERIAL]
        last = (desk.tally[LANE_FIRST] + desk.tally[LANE]) % len(desk.lane)
        desk.lane[last] = item
        desk.tally[LANE] += 1
        desk.level[LANE_TOKENS] += desk.prompt[item]


@njit(cache=True)
def take_prompts(desk: Desk, budget: float) -> tuple[float, float, float, int]:
    """Take prompt tokens for one iteration from the oldest admitted requests.

    Returns
    -------
    tuple
        Tokens, prompts, mean tokens already in the cache, and prompts that end.
    """
    tokens = prompts = past = 0.0
    ended = 0
    for i in range(desk.tally[LANE]):
        item = desk.lane[(desk.tally[LANE_FIRST] + i) % len(desk.lane)]
        take = min(desk.left[item], budget - tokens)
        past += desk.prompt[item] - desk.left[item]
        desk.left[item] -= take
        tokens += take
        prompts += 1.0
        if desk.left[item] > 0.0:
            break
        ended += 1
        if tokens >= budget:
            break
    return tokens, prompts, past / max(1.0, prompts), ended


@njit(cache=True)
def start_decode(desk: Desk, ended: int, gain: float) -> int:
    """Give the prompts that ended their next token; returns how many answers end with it."""
    over = 0
    for _ in range(ended):
        item = desk.lane[desk.tally[LANE_FIRST]]
        desk.tally[LANE_FIRST] = (desk.tally[LANE_FIRST] + 1) % len(desk.lane)
        desk.tally[LANE] -= 1
        desk.level[LANE_TOKENS] -= desk.prompt[item]
        if np.isnan(desk.first[item]):
            desk.first[item] = desk.level[NOW]
        desk.prompt[item] += 1.0
        desk.rest[item] -= 1.0
        if desk.rest[item] <= 0.0:
            desk.done[item] = desk.level[NOW]
            desk.level[CLAIMED] -= desk.claim[item]
            desk.tally[OPEN] -= 1
            over += 1
            continue
        desk.base[item] = desk.prompt[item]
        desk.joined[item] = desk.level[STEP]
        desk.level[CONTEXT] += desk.base[item]
        need = np.ceil(desk.rest[item] / gain)
        due = desk.level[STEP] + need
        desk.tally[RUNNING] = push(desk.heap, desk.items, desk.tally[RUNNING], due, item)
    return over


@njit(cache=True)
def finish(desk: Desk, gain: float) -> int:
    """Let the answers go whose last step is over; returns how many."""
    over = 0
    while desk.tally[RUNNING] > 0 and desk.heap[0] <= desk.level[STEP] + 1e-9:
        item = desk.items[0]
        desk.tally[RUNNING] = pop(desk.heap, desk.items, desk.tally[RUNNING])
        grown = (desk.level[STEP] - desk.joined[item]) * gain
        desk.level[CONTEXT] -= desk.base[item] + grown
        desk.level[CLAIMED] -= desk.claim[item]
        desk.done[item] = desk.level[NOW]
        desk.tally[OPEN] -= 1
        over += 1
    return over


@njit(cache=True)
def preempt(desk: Desk, gain: float) -> None:
    """Send the running sequence that was admitted last back to wait, its cache dropped."""
    at = 0
    for i in range(1, desk.tally[RUNNING]):
        if desk.serial[desk.items[i]] > desk.serial[desk.items[at]]:
            at = i
    item = desk.items[at]
    desk.tally[RUNNING] = remove(desk.heap, desk.items, desk.tally[RUNNING], at)
    grown = (desk.level[STEP] - desk.joined[item]) * gain
    desk.level[CONTEXT] -= desk.base[item] + grown
    desk.prompt[item] = desk.base[item] + grown
    desk.rest[item] = max(1.0, desk.rest[item] - grown)
    desk.again[desk.tally[AGAIN]] = item
    desk.tally[AGAIN] += 1
    desk.tally[PREEMPTED] += 1


@njit(cache=True)
def steps_until_full(
    desk: Desk,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    room: float,
    gain: float,
) -> float:
    """Steps that the running sequences can take before KV memory is full."""
    running = desk.tally[RUNNING]
    mean = desk.level[CONTEXT] / running
    now = kv_bytes_chip(shape, layout, settings, mean)
    growth = running * (kv_bytes_chip(shape, layout, settings, mean + gain) - now)
    free = room - used_bytes(desk, shape, layout, settings)
    return np.inf if growth <= 0.0 else np.floor(free / growth)
