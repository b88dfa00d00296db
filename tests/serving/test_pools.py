from __future__ import annotations

import numpy as np
import pytest

from wattpath.serving import Layout
from wattpath.serving.pools import replay_pools


def _run(chip, shape, settings, engine, users, prefill, decode, count=80):
    inputs = np.full(count, 2000.0)
    outputs = np.round(300.0 * (0.5 + (np.arange(count) * 0.7548776) % 1.0))
    case = (chip, shape, Layout(8.0), Layout(8.0), settings, engine, inputs, outputs)
    return replay_pools(*case, users, prefill, decode), outputs


def test_every_request_goes_through_both_pools(chip, dense, settings, engine) -> None:
    run, _ = _run(chip, dense, settings, engine, 16, 1, 2)
    assert np.all(run.sent_s < run.first_s)
    assert np.all(run.first_s < run.done_s)
    inside = np.sum(run.done_s - run.sent_s) / run.seconds
    assert inside == pytest.approx(16.0, rel=0.2)  # Little's law


def test_more_prefill_ranks_shorten_the_first_token(chip, dense, settings, engine) -> None:
    few, many = (_run(chip, dense, settings, engine, 64, n, 2)[0] for n in (1, 4))
    assert np.mean(many.first_s - many.sent_s) < np.mean(few.first_s - few.sent_s)


def test_more_decode_ranks_shorten_the_token(chip, dense, settings, engine) -> None:
    paces = []
    for ranks in (1, 4):
        run, outputs = _run(chip, dense, settings, engine, 64, 4, ranks)
        paces.append(np.mean((run.done_s - run.first_s) / outputs))
    assert paces[1] < paces[0]
