"""A prefix cache in tiers: blocks of prompts by identity, the one used longest ago leaves first.

Open addressing with linear probing keeps the blocks, one doubly linked list their age. The
youngest are on the chip, older ones in the host's memory, the oldest on its drive: a block
that is used comes to the top, and what no longer fits a tier sinks to the next. So tiers
that cost nothing to read are one larger cache. All state is in arrays, so that compiled
replays can keep one cache for each replica.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.serving.requests import Integers, Requests

#: Tiers: on the chip, in the host's memory, on its drive.
DEVICE, HOST, DRIVE, TIERS = 0, 1, 2, 3
#: Places in `PrefixCache.tally`: blocks held, the youngest and the oldest slot, then the
#: blocks of each tier, then the oldest slot of each tier.
HELD, YOUNGEST, OLDEST, COUNT, EDGE = 0, 1, 2, 3, 6
EMPTY = -1


class PrefixCache(NamedTuple):
    """Mutable state of one cache.

    `keys` holds block identities by slot (-1: empty); `older` and `newer` link the slots
    by age; `tier` says where each block is; `tally` counts blocks and points at ends.
    """

    keys: Integers
    older: Integers
    newer: Integers
    tier: Integers
    tally: Integers


class PrefixCaches(NamedTuple):
    """The caches of all replicas: the fields of `PrefixCache` with an axis in front."""

    keys: Integers
    older: Integers
    newer: Integers
    tier: Integers
    tally: Integers


def open_caches(replicas: int, most_blocks: int) -> PrefixCaches:
    """Empty caches, each with room for this many blocks in all tiers."""
    size = _table_size(most_blocks)
    keys, older, newer, tier = np.full((4, replicas, size), EMPTY, dtype=np.int64)
    tally = np.tile(_empty_tally(), (replicas, 1))
    return PrefixCaches(keys, older, newer, tier, tally)


@njit(cache=True)
def cache_of(caches: PrefixCaches, rank: int) -> PrefixCache:
    """The cache of one replica."""
    return PrefixCache(
        caches.keys[rank],
        caches.older[rank],
        caches.newer[rank],
        caches.tier[rank],
        caches.tally[rank],
    )


@njit(cache=True)
def clear(cache: PrefixCache) -> None:
    """Forget all blocks."""
    cache.keys[:] = EMPTY
    for place in range(len(cache.tally)):
        cache.tally[place] = 0 if place == HELD or COUNT <= place < EDGE else EMPTY


@njit(cache=True)
def _empty_tally() -> Integers:
    return np.array([0, EMPTY, EMPTY, 0, 0, 0, EMPTY, EMPTY, EMPTY], dtype=np.int64)


@njit(cache=True)
def _table_size(most_blocks: int) -> int:
    size = 8
    while size < 2 * (most_blocks + 1):
        size *= 2
    return size


@njit(cache=True)
def open_cache(most_blocks: int) -> PrefixCache:
    """An empty cache that can hold this many blocks."""
    size = _table_size(most_blocks)
    return PrefixCache(
        np.full(size, EMPTY, dtype=np.int64),
        np.full(size, EMPTY, dtype=np.int64),
        np.full(size, EMPTY, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        _empty_tally(),
    )


@njit(cache=True)
def _home(cache: PrefixCache, block: int) -> int:
    """Slot where the search for a block begins (multiplicative hashing)."""
    mixed = (block * 2654435761) ^ (block >> 7)
    return int(mixed & (len(cache.keys) - 1))


@njit(cache=True)
def find(cache: PrefixCache, block: int) -> int:
    """The slot of a block, or of the empty place where it belongs."""
    mask = len(cache.keys) - 1
    at = _home(cache, block)
    while cache.keys[at] != EMPTY and cache.keys[at] != block:
        at = (at + 1) & mask
    return at


@njit(cache=True)
def _unlink(cache: PrefixCache, at: int) -> None:
    older, newer, tier = cache.older[at], cache.newer[at], cache.tier[at]
    cache.tally[COUNT + tier] -= 1
    if cache.tally[EDGE + tier] == at:
        cache.tally[EDGE + tier] = newer if cache.tally[COUNT + tier] > 0 else EMPTY
    if newer == EMPTY:
        cache.tally[YOUNGEST] = older
    else:
        cache.older[newer] = older
    if older == EMPTY:
        cache.tally[OLDEST] = newer
    else:
        cache.newer[older] = newer


@njit(cache=True)
def _make_youngest(cache: PrefixCache, at: int) -> None:
    top = cache.tally[YOUNGEST]
    cache.older[at], cache.newer[at] = top, EMPTY
    if top == EMPTY:
        cache.tally[OLDEST] = at
    else:
        cache.newer[top] = at
    cache.tally[YOUNGEST] = at
    cache.tier[at] = DEVICE
    cache.tally[COUNT] += 1
    if cache.tally[COUNT] == 1:
        cache.tally[EDGE] = at


@njit(cache=True)
def _move(cache: PrefixCache, source: int, target: int) -> None:
    """Bring the block of one slot into an empty one, its age kept."""
    cache.keys[target], cache.tier[target] = cache.keys[source], cache.tier[source]
    if cache.tally[EDGE + cache.tier[source]] == source:
        cache.tally[EDGE + cache.tier[source]] = target
    older, newer = cache.older[source], cache.newer[source]
    cache.older[target], cache.newer[target] = older, newer
    if newer == EMPTY:
        cache.tally[YOUNGEST] = target
    else:
        cache.older[newer] = target
    if older == EMPTY:
        cache.tally[OLDEST] = target
    else:
        cache.newer[older] = target


@njit(cache=True)
def evict(cache: PrefixCache) -> None:
    """Drop the block used longest ago; later blocks of its probe run move up."""
    mask = len(cache.keys) - 1
    hole = cache.tally[OLDEST]
    _unlink(cache, hole)
    cache.tally[HELD] -= 1
    at = (hole + 1) & mask
    while cache.keys[at] != EMPTY:
        home = _home(cache, cache.keys[at])
        if ((at - home) & mask) >= ((at - hole) & mask):
            _move(cache, at, hole)
            hole = at
        at = (at + 1) & mask
    cache.keys[hole] = EMPTY


@njit(cache=True)
def _settle(cache: PrefixCache, device: int, host: int, drive: int) -> None:
    """Let what a tier has no room for sink into the next; what the last has none for, out."""
    for tier in range(TIERS):
        size = device if tier == DEVICE else (host if tier == HOST else drive)
        while cache.tally[COUNT + tier] > max(0, size):
            if tier == DRIVE:
                evict(cache)
            else:
                _sink(cache, tier)


@njit(cache=True)
def _sink(cache: PrefixCache, tier: int) -> None:
    """Let the oldest block of a tier sink into the next, of which it is the youngest."""
    at = cache.tally[EDGE + tier]
    cache.tally[COUNT + tier] -= 1
    cache.tally[EDGE + tier] = cache.newer[at] if cache.tally[COUNT + tier] > 0 else EMPTY
    cache.tier[at] = tier + 1
    cache.tally[COUNT + tier + 1] += 1
    if cache.tally[COUNT + tier + 1] == 1:
        cache.tally[EDGE + tier + 1] = at


@njit(cache=True)
def known_blocks(cache: PrefixCache, blocks: Integers, start: int, end: int) -> int:
    """Leading blocks of a prompt that the cache holds; nothing changes."""
    for i in range(start, end):
        if cache.keys[find(cache, blocks[i])] == EMPTY:
            return i - start
    return end - start


@njit(cache=True)
def use_tiers(
    cache: PrefixCache,
    blocks: Integers,
    start: int,
    end: int,
    device: int,
    host: int,
    drive: int,
) -> tuple[int, int, int]:
    """Look a prompt up, then keep its blocks; returns how many leading ones each tier had.

    Blocks are touched from the last to the first, so that a prefix outlives what follows
    it. A prompt longer than the cache leaves its first blocks in it. `device`, `host` and
    `drive` are how many blocks the tiers can hold now.
    """
    found = known_blocks(cache, blocks, start, end)
    below = lowest = 0
    for i in range(start, start + found):
        tier = cache.tier[find(cache, blocks[i])]
        below += tier == HOST
        lowest += tier == DRIVE
    most = min(max(0, device) + host + drive, len(cache.keys) // 2 - 1)
    for i in range(min(end, start + most) - 1, start - 1, -1):
        at = find(cache, blocks[i])
        if cache.keys[at] == EMPTY:
            while cache.tally[HELD] >= most:
                evict(cache)
            at = find(cache, blocks[i])
            cache.keys[at] = blocks[i]
            cache.tally[HELD] += 1
        else:
            _unlink(cache, at)
        _make_youngest(cache, at)
        _settle(cache, device, host, drive)
    _settle(cache, device, host, drive)
    return found - below - lowest, below, lowest


@njit(cache=True)
def use(cache: PrefixCache, blocks: Integers, start: int, end: int, most_blocks: int) -> int:
    """`use_tiers` for a cache on the chip alone; returns how many leading blocks it had."""
    return use_tiers(cache, blocks, start, end, most_blocks, 0, 0)[0]


@njit(cache=True)
def _found_blocks(blocks: Integers, starts: Integers, most_blocks: int) -> int:
    cache = open_cache(most_blocks)
    found = 0
    for i in range(len(starts) - 1):
        found += use(cache, blocks, starts[i], starts[i + 1], most_blocks)
    return found


def hit_share(requests: Requests, cache_tokens: float = np.inf) -> float:
    """Share of all prompt blocks that one cache of this size finds [-].

    A prompt's last block counts whole, as in published curves.

    Parameters
    ----------
    requests : Requests
        With block identities.
    cache_tokens : float
        Size of the cache [token]; infinite: it never evicts.
    """
    if not requests.blocks.size:
        return 0.0
    known = float(requests.blocks.max()) + 1.0
    most = int(min(cache_tokens / requests.block_tokens, known))
    found = _found_blocks(requests.blocks, requests.starts, most)
    return float(found / requests.blocks.size)
