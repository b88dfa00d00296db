"""Request by request through several replicas behind a router (see `simulator`).

Each replica runs turns of its own; an arrival only disturbs the replica that it is sent to.
All replicas are alike and share what is remembered about their pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from wattpath.errors import InputError
from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.batching import open_terms
from wattpath.serving.clock import Unit, kv_at, open_unit
from wattpath.serving.dispatch import Fleet, close, run
from wattpath.serving.engine import Engine
from wattpath.serving.events import set_next_event
from wattpath.serving.heap import Floats, Integers
from wattpath.serving.layout import Layout
from wattpath.serving.options import NO_OUTAGES, Options, rules_of, scaling_of
from wattpath.serving.prefix import PrefixCaches, open_caches
from wattpath.serving.requests import Requests
from wattpath.serving.routing import (
    BY_LENGTH,
    LEAST_LOADED,
    PREFIX_AWARE,
    ROUND_ROBIN,
    ROUTERS,
)
from wattpath.serving.state import (
    BUSY,
    CHECK,
    COMPUTE,
    GAVE_FIRST,
    GAVE_LAST,
    IN_BATCH,
    IN_QUEUE,
    LOGGED,
    LOST,
    MEMORY,
    NOW,
    OFF,
    PREEMPTED,
    RESENT,
    REUSED,
    STEP,
    SWITCHED_ON,
    WHERE,
    WHO,
    Arrivals,
    State,
    open_state,
    with_room,
)

__all__ = [
    "BUSY",
    "BY_LENGTH",
    "COMPUTE",
    "LEAST_LOADED",
    "MEMORY",
    "PREFIX_AWARE",
    "ROUND_ROBIN",
    "ROUTERS",
    "FleetReplay",
    "FleetRun",
    "Replica",
    "replay_fleet",
    "simulate_fleet",
]

_NO_BLOCKS = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))

#: Requests that are let in between two looks at the log.
CHUNK = 32_768


class Replica(NamedTuple):
    """One replica of a fleet: hardware, model, spread, software terms and engine."""

    chip: Chip
    shape: Shape
    layout: Layout
    settings: ServingSettings
    engine: Engine


class FleetReplay(NamedTuple):
    """What a replay of a fleet measured.

    Parameters
    ----------
    first_s, done_s
        When each request gave its first token and finished [s]; NaN where it could not be
        served at all, or was lost.
    replica
        Which replica served it.
    found
        Prompt tokens that the replica's prefix cache held [token].
    seconds
        Until the last request finished [s].
    steps, preempted
        Iterations run; sequences that lost their cache to others.
    series
        Array of shape (intervals, 3): `COMPUTE`, `MEMORY`, `BUSY` seconds of all replicas;
        the last interval takes all that follows.
    lost, resent
        Requests that failures of replicas lost, and how often one was sent anew.
    running_s, waiting_s, on_s
        By interval: running and waiting requests times time, and time that replicas were
        switched on [s]; over the interval's length they are mean numbers.
    """

    first_s: Floats
    done_s: Floats
    replica: Integers
    found: Floats
    seconds: float
    steps: float
    preempted: float
    series: Floats
    lost: float = 0.0
    resent: float = 0.0
    running_s: Floats = np.zeros(0)
    waiting_s: Floats = np.zeros(0)
    on_s: Floats = np.zeros(0)


@dataclass(slots=True)
class FleetRun:
    """A fleet in the middle of a simulation.

    Attributes
    ----------
    fleet
        What it goes by; never changes.
    state, caches
        All that changes: a copy of both is a checkpoint.
    seen
        Requests that have come so far.
    """

    fleet: Fleet
    state: State
    caches: PrefixCaches
    seen: int = 0

    @classmethod
    def open(
        cls,
        replica: Replica,
        replicas: int,
        options: Options,
        block_tokens: float = 512.0,
        known_blocks: float = np.inf,
    ) -> FleetRun:
        """An empty fleet; `known_blocks` is how many different blocks prompts can have."""
        if replicas < 1:
            raise InputError("replicas", "be at least 1", replicas)
        most = int(replica.engine.max_sequences)
        unit = _unit(replica, most)
        offload, outages = options.offload, options.outages or NO_OUTAGES
        terms = open_terms(unit, offload.swap_bytes, offload.host_bytes_s, options.step_s)
        each = float(kv_at(unit.kv, block_tokens))
        caching = replica.settings.prefix_reuse > 0.0 and known_blocks > 0
        rules = rules_of(options, replicas, caching, block_tokens, each)
        scaling = scaling_of(options, replicas)
        state = open_state(replicas, most, options.classes, 1024, 1)
        state.status[max(1, int(scaling.least)) :] = OFF
        state.moment[CHECK] = scaling.check_s
        set_next_event(state, outages)
        held = int(max(0.0, terms.room / max(1.0, each))) + rules.host_blocks + rules.drive_blocks
        caches = open_caches(replicas if caching else 0, int(min(known_blocks, held)))
        return cls(Fleet(unit, terms, rules, scaling, outages), state, caches)

    def feed(self, requests: Requests, cached: Floats, priority: Integers) -> Floats:
        """Let requests come, after all that came before; returns the log of those that end."""
        count, last = len(requests), float(requests.arrival_s[-1])
        intervals = int(last / self.fleet.terms.step_s) + 1
        self.state = with_room(self.state, count, intervals)
        lists = (requests.arrival_s, requests.inputs, requests.outputs, cached, priority)
        blocks = (requests.blocks, requests.starts)
        coming = Arrivals(*lists, *blocks, self.seen)
        run(self.state, self.fleet, self.caches, coming, 0, False)
        self.seen += count
        return self.log()

    def finish(self) -> Floats:
        """Let all open requests end; returns their log."""
        self.state = with_room(self.state, 0, 0)
        none = np.zeros(0)
        nobody = Arrivals(none, none, none, none, *_NO_BLOCKS, self.seen)
        run(self.state, self.fleet, self.caches, nobody, 0, True)
        close(self.state, self.fleet.terms.step_s)
        return self.log()

    def loop(self, inputs: Floats, outputs: Floats, cached: Floats, users: int) -> Floats:
        """Let users send all requests in a closed loop on one replica; when each came [s]."""
        count = len(inputs)
        self.state = with_room(self.state, count, 1)
        sent, nothing = np.full(count, np.nan), np.zeros(count, dtype=np.int64)
        _, blocks, starts = _NO_BLOCKS
        coming = Arrivals(sent, inputs, outputs, cached, nothing, blocks, starts, self.seen)
        run(self.state, self.fleet, self.caches, coming, users, True)
        return sent

    def log(self) -> Floats:
        """Rows of the requests that ended since requests last came (see `State.log`)."""
        return self.state.log[: self.state.total[LOGGED]].copy()


@lru_cache(maxsize=4)
def _unit(replica: Replica, most: int) -> Unit:
    """A replica with its tables, which later runs of the same one find filled."""
    return open_unit(*replica, most)


def replay_fleet(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    arrival_s: Floats,
    inputs: Floats,
    outputs: Floats,
    blocks: Integers,
    starts: Integers,
    block_tokens: float,
    cached: Floats,
    replicas: int,
    router: int,
    step_s: float,
) -> FleetReplay:
    """Serve open arrivals on replicas behind a router.

    Parameters
    ----------
    chip, shape, layout, settings, engine
        One replica; `settings.prefix_reuse` > 0 turns its prefix cache on.
    arrival_s, inputs, outputs : array of float, shape (n,)
        Arrivals in order [s], prompt and answer tokens [token].
    blocks, starts, block_tokens
        Blocks of the prompts (see `Requests`).
    cached : array of float, shape (n,)
        Prompt tokens that are found where no blocks are known [token].
    replicas, router : int
        How many, and a value of `ROUTERS`.
    step_s : float
        Length of an interval of the series [s].

    Notes
    -----
    The plain form of `simulate_fleet`, which knows classes, tiers, scaling and failures too.
    A prompt is looked up, and its blocks are kept, when it is routed; the cache fills the KV
    memory that running sequences leave at that time. Breaks down where prompts that share a
    prefix arrive within the time of one prefill, which then counts as found.
    """
    replica = Replica(chip, shape, layout, settings, engine)
    requests = Requests(arrival_s, inputs, outputs, blocks, starts, block_tokens)
    options = Options(router=router, step_s=step_s)
    return simulate_fleet(replica, requests, replicas, options, cached=cached)


def simulate_fleet(
    replica: Replica,
    requests: Requests,
    replicas: int,
    options: Options | None = None,
    cached: Floats | None = None,
    priority: Integers | None = None,
) -> FleetReplay:
    """Serve open arrivals on a fleet with classes, tiers, scaling and failures.

    Parameters
    ----------
    replica, replicas
        One replica, and how many there are at most.
    requests : Requests
        In order of arrival.
    options : Options, optional
        Router and all else; without it, the least loaded replica and nothing else.
    cached : array of float, shape (n,), optional
        Prompt tokens that are found where no blocks are known [token].
    priority : array of int, shape (n,), optional
        Class of each request; 0 is the most important.

    Raises
    ------
    InputError
        If an option has an impossible value.
    """
    options = options or Options()
    cached, priority = given(requests, options, cached, priority)
    run, count = open_run(replica, requests, replicas, options), len(requests)
    logs = []
    for start in range(0, count, CHUNK):
        part = slice(start, min(count, start + CHUNK))
        logs.append(run.feed(requests.part(part), cached[part], priority[part]))
    logs.append(run.finish())
    return result_of(run, count, logs)


def given(
    requests: Requests, options: Options, cached: Floats | None, priority: Integers | None
) -> tuple[Floats, Integers]:
    """Cached tokens and class of each request, as `simulate_fleet` takes them."""
    count = len(requests)
    cached = np.zeros(count) if cached is None else cached
    if not options.brings_cache:
        cached = np.minimum(cached, requests.inputs - 1.0)
    return cached, np.zeros(count, dtype=np.int64) if priority is None else priority


def open_run(replica: Replica, requests: Requests, replicas: int, options: Options) -> FleetRun:
    """An empty fleet whose caches have room for the blocks of these requests."""
    known = float(requests.blocks.max()) + 1.0 if requests.blocks.size else 0.0
    return FleetRun.open(replica, replicas, options, requests.block_tokens, known)


def result_of(run: FleetRun, count: int, logs: list[Floats]) -> FleetReplay:
    """What a finished run of so many requests measured, with the logs of their ends."""
    first, done, found = (np.full(count, np.nan) for _ in range(3))
    where = np.full(count, -1, dtype=np.int64)
    for log in logs:
        who = log[:, WHO].astype(np.int64)
        first[who], done[who], found[who] = (
            log[:, column] for column in (GAVE_FIRST, GAVE_LAST, REUSED)
        )
        where[who] = log[:, WHERE]
    state, total = run.state, run.state.total
    return FleetReplay(
        first_s=first,
        done_s=done,
        replica=where,
        found=found,
        seconds=float(state.level[:, NOW].max()),
        steps=float(state.level[:, STEP].sum()),
        preempted=float(total[PREEMPTED]),
        series=state.series[:, [COMPUTE, MEMORY, BUSY]],
        lost=float(total[LOST]),
        resent=float(total[RESENT]),
        running_s=state.series[:, IN_BATCH],
        waiting_s=state.series[:, IN_QUEUE],
        on_s=state.series[:, SWITCHED_ON],
    )
