from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

from wattpath.serving.generator import Pattern, Sessions, generate_sessions
from wattpath.serving.prefix import EMPTY, find, hit_share, open_cache, use


def _plain(prompts, most):
    """The same cache as an ordered dictionary."""
    held: OrderedDict[int, None] = OrderedDict()
    counts = []
    for prompt in prompts:
        count = 0
        while count < len(prompt) and prompt[count] in held:
            count += 1
        counts.append(count)
        for block in reversed(prompt[:most]):
            if block not in held and len(held) >= most:
                held.popitem(last=False)
            held[block] = None
            held.move_to_end(block)
    return counts, list(held)


def test_agrees_with_an_ordered_dictionary() -> None:
    random = np.random.default_rng(3)
    prompts = []
    for _ in range(400):
        base = int(random.integers(20)) * 1000
        prompts.append([base + i for i in range(int(random.integers(1, 12)))])
    counts, held = _plain(prompts, 40)
    cache = open_cache(40)
    blocks = [np.array(prompt, dtype=np.int64) for prompt in prompts]
    assert [use(cache, one, 0, len(one), 40) for one in blocks] == counts
    for block in {block for prompt in prompts for block in prompt}:
        assert (cache.keys[find(cache, block)] != EMPTY) == (block in held)


def test_larger_caches_find_more_up_to_all_that_is_shared() -> None:
    made = generate_sessions(1500, Pattern(1.0, 400.0, 300.0), Sessions(5.0, 20.0, 2048.0))
    shares = [hit_share(made, size) for size in (0.0, 2e4, 1e5, 5e5, np.inf)]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    repeated = 1.0 - np.unique(made.blocks).size / made.blocks.size
    assert shares[-1] == pytest.approx(repeated)
