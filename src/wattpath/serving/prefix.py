"""A prefix cache: blocks of prompts by identity, the one used longest ago leaves first.

Open addressing with linear probing keeps the blocks, a doubly linked list their age. All
state is in arrays, so that compiled replays can keep one cache for each replica.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from wattpath.serving.requests import Integers, Requests

#: Places in `PrefixCache.tally`: blocks held, the youngest and the oldest slot.
HELD, YOUNGEST, OLDEST = 0, 1, 2
EMPTY = -1


class PrefixCache(NamedTuple):
    """Mutable state of one cache.

    `keys` holds block identities by slot (-1: empty); `older` and `newer` link the slots
    by age; `tally` counts blocks and points at both ends.
    """

    keys: Integers
    older: Integers
    newer: Integers
    tally: Integers


@njit(cache=True)
def open_cache(most_blocks: int) -> PrefixCache:
    """An empty cache that can hold this many blocks."""
    size = 8
    while size < 2 * (most_blocks + 1):
        size *= 2
    return PrefixCache(
        np.full(size, EMPTY, dtype=np.int64),
        np.full(size, EMPTY, dtype=np.int64),
        np.full(size, EMPTY, dtype=np.int64),
        np.array([0, EMPTY, EMPTY], dtype=np.int64),
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
    older, newer = cache.older[at], cache.newer[at]
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


@njit(cache=True)
def _move(cache: PrefixCache, source: int, target: int) -> None:
    """Bring the block of one slot into an empty one, its age kept."""
    cache.keys[target] = cache.keys[source]
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
def known_blocks(cache: PrefixCache, blocks: Integers, start: int, end: int) -> int:
    """Leading blocks of a prompt that the cache holds; nothing changes."""
    for i in range(start, end):
        if cache.keys[find(cache, blocks[i])] == EMPTY:
            return i - start
    return end - start


@njit(cache=True)
def use(cache: PrefixCache, blocks: Integers, start: int, end: int, most_blocks: int) -> int:
    """Look a prompt up, then keep its blocks; returns how many leading ones were there.

    Blocks are touched from the last to the first, so that a prefix outlives what follows
    it. A prompt longer than the cache leaves its first blocks in it.
    """
    found = known_blocks(cache, blocks, start, end)
    most = min(most_blocks, len(cache.keys) // 2 - 1)
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
    while cache.tally[HELD] > max(0, most):
        evict(cache)
    return found


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
