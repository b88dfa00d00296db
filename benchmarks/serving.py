"""Speed of the serving layer: configurations a second, and simulated requests a second.

Usage: ``python benchmarks/serving.py [TRACE] [REQUESTS]``; a trace is repeated as often as
needed (see `wattpath.serving.traces`), without one requests are made with lengths like those
of a public conversation trace.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from wattpath import models, serving
from wattpath.hardware.server import load_server
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.fleet import LEAST_LOADED, ROUND_ROBIN, Replica, simulate_fleet
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.options import Options
from wattpath.serving.requests import Requests
from wattpath.serving.simulator import replay
from wattpath.serving.steady import steady
from wattpath.serving.traces import read_trace

#: Requests a second of one replica, about 70 % of what it can serve.
RATE = 8.0


def main() -> None:
    """Time one steady state, one enumeration, one replay and some fleets, once compiled."""
    shape = Shape(*(float(value) for value in models.load("llama-3-1-70b").shape))
    server = load_server("nvidia-dgx-h100")
    settings = ServingSettings(weight_bits=8.0, act_bits=8.0, kv_bits=8.0)
    replica = Replica(server.chip, shape, serving.Layout(8.0), settings, serving.load_engine())
    traffic = serving.Traffic(2000.0, 400.0, 0.0, 2.0, 0.05, 0.99, 0.5)

    steady(*replica, traffic, 64.0)
    started = time.process_time()
    for i in range(10_000):
        steady(*replica, traffic, 1.0 + i * 0.01)
    each = (time.process_time() - started) / 10_000
    print(f"steady state: {each * 1e6:.1f} us each, {1.0 / each:,.0f} a second")

    serving.candidates(shape, server, settings, traffic)
    started = time.process_time()
    result = serving.candidates(shape, server, settings, traffic)
    taken = time.process_time() - started
    print(f"enumeration: {taken * 1e3:.2f} ms for {result.evaluated} layouts")

    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    simulate(replica, _requests(count))


def _requests(count: int) -> Requests:
    if len(sys.argv) > 1:
        return read_trace(sys.argv[1]).repeated(count)
    return generate(count, Pattern(RATE, 1155.0, 211.0))


def simulate(replica: Replica, requests: Requests) -> None:
    """Time one replica and fleets at the same load of each replica, in CPU time of one core."""
    few, count = requests.part(slice(0, 10)), len(requests)
    simulate_fleet(replica, few, 2)
    one = requests.at_rate(RATE)
    lists = (one.arrival_s, one.inputs, one.outputs, np.zeros(count))
    started = time.process_time()
    run = replay(*replica, *lists, 0.0)
    taken = time.process_time() - started
    print(f"replay: {count / taken:,.0f} requests a second, {run.steps / taken:,.0f} steps")
    for replicas in (8, 64):
        some = requests.at_rate(RATE * replicas)
        for name, router in (("in turn", ROUND_ROBIN), ("least loaded", LEAST_LOADED)):
            started = time.process_time()
            simulate_fleet(replica, some, replicas, Options(router))
            taken = time.process_time() - started
            print(f"fleet of {replicas}, {name}: {count / taken:,.0f} requests a second")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"memory: {peak:.2f} GB at most for {count:,} requests")


if __name__ == "__main__":
    main()
