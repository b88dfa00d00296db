"""Request by request: an event-driven replay of one instance, deterministic and compiled.

Between two events (an arrival, a finished answer) a pure decode batch advances many steps
at once; only iterations that carry prompt tokens are taken one by one. The clock is the
same `iteration` that the steady state uses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wattpath.hardware.chip import Chip
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.engine import Engine
from wattpath.serving.fleet import FleetRun, Replica, result_of, simulate_fleet
from wattpath.serving.heap import Floats
from wattpath.serving.layout import Layout
from wattpath.serving.options import Options
from wattpath.serving.requests import plain
from wattpath.serving.routing import ROUND_ROBIN
from wattpath.serving.state import COMPUTE, MEMORY


class Replay(NamedTuple):
    """What a replay measured.

    Parameters
    ----------
    sent_s, first_s, done_s
        When each request was sent, gave its first token and finished [s]; NaN where it could
        not be served at all.
    seconds
        Time until the last request finished [s].
    compute_s, memory_s
        Sums over all iterations of the times at full peak rates [s] (see `Iteration`).
    steps
        Iterations run.
    preempted
        Times that a sequence lost its cache to the others.
    """

    sent_s: Floats
    first_s: Floats
    done_s: Floats
    seconds: float
    compute_s: float
    memory_s: float
    steps: float
    preempted: float


def replay(
    chip: Chip,
    shape: Shape,
    layout: Layout,
    settings: ServingSettings,
    engine: Engine,
    arrival_s: Floats,
    inputs: Floats,
    outputs: Floats,
    cached: Floats,
    concurrency: float,
) -> Replay:
    """Serve a list of requests on one attention rank of one instance.

    Parameters
    ----------
    arrival_s : array of float, shape (n,)
        Arrival times, ascending [s]; ignored in a closed loop.
    inputs, outputs, cached : array of float, shape (n,)
        Prompt and answer tokens of each request, and how many of the prompt a prefix cache
        holds [token].
    concurrency : float
        Above 0: a closed loop, in which this many users each send the next request as soon
        as their last one is answered. 0: requests come at their arrival times.

    Returns
    -------
    Replay
        Times of each request, and sums.

    Notes
    -----
    All attention ranks carry alike loads; a prefix found in the cache takes memory like any
    other. Breaks down where ranks are unbalanced, and for pipeline stages, whose
    micro-batches it takes as one batch.
    """
    replica = Replica(chip, shape, layout, settings, engine)
    options = Options(router=ROUND_ROBIN, step_s=np.inf)
    found = np.minimum(cached, inputs - 1.0)
    if concurrency > 0.0:
        loop = FleetRun.open(replica, 1, options, known_blocks=0.0)
        sent = loop.loop(inputs, outputs, found, int(concurrency))
        run = result_of(loop, len(inputs), [loop.log()])
    else:
        sent = arrival_s.copy()
        run = simulate_fleet(replica, plain(sent, inputs, outputs), 1, options, found)
    compute, memory = run.series[0, COMPUTE], run.series[0, MEMORY]
    return Replay(
        sent, run.first_s, run.done_s, run.seconds, compute, memory, run.steps, run.preempted
    )
