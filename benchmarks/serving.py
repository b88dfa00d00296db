"""Speed of the serving layer: configurations a second, and replayed requests a second."""

from __future__ import annotations

import time

import numpy as np

from wattpath import models, serving
from wattpath.hardware.server import load_server
from wattpath.levers.settings import ServingSettings
from wattpath.models.shape import Shape
from wattpath.serving.simulator import replay
from wattpath.serving.steady import steady


def main() -> None:
    """Time one steady state, one enumeration and one replay, after compilation."""
    shape = Shape(*(float(value) for value in models.load("llama-3-1-70b").shape))
    server = load_server("nvidia-dgx-h100")
    settings = ServingSettings(weight_bits=8.0, act_bits=8.0, kv_bits=8.0)
    traffic = serving.Traffic(2000.0, 400.0, 0.0, 2.0, 0.05, 0.99, 0.5)
    engine, layout = serving.load_engine(), serving.Layout(8.0)
    case = (server.chip, shape, layout, settings, engine)

    steady(*case, traffic, 64.0)
    started = time.perf_counter()
    for i in range(10_000):
        steady(*case, traffic, 1.0 + i * 0.01)
    each = (time.perf_counter() - started) / 10_000
    print(f"steady state: {each * 1e6:.1f} us each, {1.0 / each:,.0f} a second")

    serving.candidates(shape, server, settings, traffic)
    started = time.perf_counter()
    result = serving.candidates(shape, server, settings, traffic)
    taken = time.perf_counter() - started
    print(f"enumeration: {taken * 1e3:.2f} ms for {result.evaluated} layouts")

    count = 50_000
    random = np.random.default_rng(1)
    arrivals = np.cumsum(random.exponential(0.1, count))
    inputs = np.round(random.lognormal(6.8, 0.6, count))
    outputs = np.round(random.lognormal(5.2, 0.6, count)) + 1.0
    replay(*case, arrivals[:10], inputs[:10], outputs[:10], np.zeros(10), 0.0)
    started = time.perf_counter()
    run = replay(*case, arrivals, inputs, outputs, np.zeros(count), 0.0)
    taken = time.perf_counter() - started
    print(
        f"replay: {count / taken:,.0f} requests a second, {run.steps / taken:,.0f} steps a second"
    )


if __name__ == "__main__":
    main()
