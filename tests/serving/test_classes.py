"""Classes of traffic have the statistics that the catalogue states."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath import catalog
from wattpath.errors import UnknownNameError
from wattpath.serving.classes import load_class


@pytest.mark.parametrize("name", catalog.names("traffic"))
def test_rate_and_answers_are_as_stated(name: str) -> None:
    kind = load_class(name)
    made = kind.requests(4000, 5.0, token_s=0.02)
    rough = 0.2 + 0.03 * kind.burst_cv
    assert made.rate == pytest.approx(5.0, rel=rough)
    assert made.outputs.mean() == pytest.approx(kind.output_tokens, rel=0.2)
    assert np.all(np.diff(made.arrival_s) >= 0.0)
    assert made.inputs.max() <= max(kind.context_tokens, 1e6)


def test_bursts_vary_as_stated() -> None:
    gaps = np.diff(load_class("code-completion").requests(40_000, 5.0).arrival_s)
    assert gaps.std() / gaps.mean() == pytest.approx(13.2, rel=0.25)


def test_agents_share_their_growing_prompts() -> None:
    made = load_class("agents").requests(500, 2.0, token_s=0.02)
    seen: set[int] = set()
    known = 0
    for start, end in zip(made.starts[:-1], made.starts[1:], strict=True):
        row = made.blocks[start:end].tolist()
        known += sum(block in seen for block in row)
        seen.update(row)
    assert known / made.blocks.size > 0.7
    assert made.inputs.max() <= 400_000


def test_mean_lengths_may_be_a_demands_own() -> None:
    for name in ("agents", "conversation", "chat"):
        made = load_class(name).requests(4000, 5.0, means=(6000.0, 300.0))
        assert made.inputs.mean() == pytest.approx(6000.0, rel=0.25)
        assert made.outputs.mean() == pytest.approx(300.0, rel=0.2)


def test_the_same_seed_gives_the_same_requests() -> None:
    one, two, other = (load_class("agents").requests(200, 1.0, seed=n) for n in (1, 1, 2))
    assert np.array_equal(one.arrival_s, two.arrival_s)
    assert not np.array_equal(one.inputs, other.inputs)


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        load_class("telepathy")
