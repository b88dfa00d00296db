"""KV below the chip: prefixes in tiers, preempted sequences in the host's memory."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

from wattpath.serving import Layout
from wattpath.serving.fleet import simulate_fleet
from wattpath.serving.generator import Pattern, Sessions, generate_sessions
from wattpath.serving.memory import free_kv_bytes
from wattpath.serving.options import Offload, Options
from wattpath.serving.prefix import open_cache, use, use_tiers
from wattpath.serving.requests import plain


def test_tiers_are_one_cache_cut_by_age() -> None:
    random = np.random.default_rng(5)
    sizes = (6, 9, 12)
    cache, whole = open_cache(sum(sizes)), open_cache(sum(sizes))
    held: OrderedDict[int, None] = OrderedDict()
    for _ in range(600):
        base = int(random.integers(8)) * 100
        prompt = base + np.arange(int(random.integers(1, 8)))
        ages = {block: age for age, block in enumerate(reversed(held))}
        known = [ages.get(int(block)) for block in prompt]
        count = next((i for i, age in enumerate(known) if age is None), len(known))
        near = sum(age < sizes[0] for age in known[:count])
        far = sum(age >= sizes[0] + sizes[1] for age in known[:count])
        found = use_tiers(cache, prompt, 0, len(prompt), *sizes)
        assert found == (near, count - near - far, far)
        assert sum(found) == use(whole, prompt, 0, len(prompt), sum(sizes))
        for block in reversed(prompt):
            held[int(block)] = None
            held.move_to_end(int(block))
        while len(held) > sum(sizes):
            held.popitem(last=False)


@pytest.fixture(scope="module")
def talks(replica):
    """Long talks on a chip that has little room for what they share."""
    surplus = free_kv_bytes(*replica) - 1.2e9
    spared = surplus / replica.engine.memory_utilisation
    small = replica.chip._replace(mem_bytes=replica.chip.mem_bytes - spared)
    settings = replica.settings._replace(prefix_reuse=1.0)
    made = generate_sessions(300, Pattern(1.0, 900.0, 100.0), Sessions(6.0, 30.0, 2048.0))
    return replica._replace(chip=small, settings=settings), made


def test_lower_tiers_find_more_and_a_slow_link_delays(talks) -> None:
    replica, made = talks
    none, free, slow = (
        simulate_fleet(replica, made, 1, Options(offload=offload))
        for offload in (Offload(), Offload(1e12), Offload(1e12, 2e8))
    )
    assert free.found.sum() > 1.1 * none.found.sum()
    assert np.mean(free.first_s - made.arrival_s) < np.mean(none.first_s - made.arrival_s)
    assert np.mean(slow.first_s - made.arrival_s) > np.mean(free.first_s - made.arrival_s)


def test_a_free_drive_is_as_good_as_more_memory_of_the_host(talks) -> None:
    replica, made = talks
    host, drive = (
        simulate_fleet(replica, made, 1, Options(offload=offload))
        for offload in (Offload(host_bytes=4e10), Offload(2e10, np.inf, 2e10))
    )
    assert np.array_equal(host.found, drive.found)
    assert np.array_equal(host.done_s, drive.done_s)


def test_swapped_sequences_return_at_the_cost_of_the_link(replica) -> None:
    tight = replica._replace(
        chip=replica.chip._replace(mem_bytes=48e9),
        layout=Layout(2.0),
        engine=replica.engine._replace(kv_reserve=0.5),
    )
    made = plain(np.zeros(64), np.full(64, 500.0), np.full(64, 4000.0))
    anew, free, slow = (
        simulate_fleet(tight, made, 1, Options(offload=offload))
        for offload in (
            Offload(),
            Offload(swap_bytes=1e12),
            Offload(swap_bytes=1e12, host_bytes_s=1e9),
        )
    )
    assert anew.preempted > 0.0
    assert free.preempted > 0.0
    assert free.seconds < anew.seconds
    assert slow.seconds > free.seconds
    for run in (anew, free, slow):
        assert np.all(np.isfinite(run.done_s))
