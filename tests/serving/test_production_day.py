"""A published day of a whole fleet, driven request by request; nothing was fitted on it."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath.hardware.chip import load_chip
from wattpath.levers.settings import ServingSettings
from wattpath.serving import Layout, load_engine
from wattpath.serving.fleet import Replica
from wattpath.serving.generator import Pattern, generate
from wattpath.serving.options import Options
from wattpath.serving.stages import Pool, serve_disaggregated
from wattpath.units import DAY_S

#: DeepSeek's production day (open-infra-index, 2025-03): tokens, the cached share of the input,
#: mean nodes of 8 H800, cached tokens behind an output token, and tokens a second for a user.
INPUT, OUTPUT, CACHED, NODES, CONTEXT, PACE = 608e9, 168e9, 0.563, 226.75, 4989.0, 20.0
#: The part of the fleet that is driven; the wait for a first token that shows a growing queue [s].
PART, QUEUED = 0.1, 2.0


def _pace(moe, prefill_nodes: int, decode_nodes: int) -> tuple[float, float]:
    """Tokens a second for a user, and the median time to the first token [s]."""
    chip = load_chip("nvidia-h800-sxm")
    answer = CONTEXT / (INPUT / OUTPUT + 0.625)  # an answer sees its prompt and part of itself
    rate = OUTPUT / answer / DAY_S * PART
    made = generate(round(rate * 200.0), Pattern(rate, answer * INPUT / OUTPUT, answer), 1)
    before, behind = (
        Replica(chip, moe, Layout(1.0, 1.0, ranks, ranks), settings, load_engine(engine))
        for ranks, settings, engine in (
            (32.0, ServingSettings(8.0, 8.0, 16.0, prefix_reuse=1.0), "sglang"),
            (144.0, ServingSettings(8.0, 8.0, 16.0, overlap=1.0), "continuous-batching"),
        )
    )
    pools = (Pool(before, prefill_nodes * 8, Options()), Pool(behind, decode_nodes * 8, Options()))
    run = serve_disaggregated(*pools, made, np.floor(CACHED * made.inputs))
    late = slice(len(made) // 2, None)
    each = (run.done_s - run.first_s)[late] / np.maximum(1.0, made.outputs[late] - 1.0)
    return 1.0 / float(each.mean()), float(np.median((run.first_s - made.arrival_s)[late]))


def test_a_production_day_takes_the_nodes_that_it_took(moe) -> None:
    waits = {nodes: _pace(moe, nodes, 16)[1] for nodes in (10, 11, 12, 13)}
    prefill = min(nodes for nodes, first_s in waits.items() if first_s < QUEUED)
    paces = {nodes: _pace(moe, prefill, nodes)[0] for nodes in (11, 12, 13, 14)}
    decode = min(nodes for nodes, pace in paces.items() if pace >= PACE)
    assert (prefill + decode) / PART == pytest.approx(NODES, rel=0.12)
    assert waits[10] > QUEUED
    assert paces[11] < PACE
