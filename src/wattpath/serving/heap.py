"""A binary heap of (key, item) in two arrays, for compiled event loops.

The least key is at index 0; equal keys are ordered by item, so that a replay is the same
each time. The caller keeps the size. Several heaps may share the arrays: `base` is where one
begins.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@njit(cache=True)
def push(heap: Floats, items: Integers, size: int, key: float, item: int, base: int = 0) -> int:
    """Insert an item; returns the new size."""
    at = size
    while at > 0:
        up = (at - 1) // 2
        above = heap[base + up]
        if above < key or (above == key and items[base + up] < item):
            break
        heap[base + at], items[base + at] = above, items[base + up]
        at = up
    heap[base + at], items[base + at] = key, item
    return size + 1


@njit(cache=True)
def pop(heap: Floats, items: Integers, size: int, base: int = 0) -> int:
    """Remove the item at index 0; returns the new size."""
    size -= 1
    key, item = heap[base + size], items[base + size]
    at = 0
    while True:
        down = base + 2 * at + 1
        if down >= base + size:
            break
        right = down + 1
        if right < base + size and (
            heap[right] < heap[down] or (heap[right] == heap[down] and items[right] < items[down])
        ):
            down = right
        if key < heap[down] or (key == heap[down] and item < items[down]):
            break
        heap[base + at], items[base + at] = heap[down], items[down]
        at = down - base
    heap[base + at], items[base + at] = key, item
    return size


@njit(cache=True)
def remove(heap: Floats, items: Integers, size: int, at: int, base: int = 0) -> int:
    """Remove the item at index `at`; returns the new size."""
    while at > 0:
        up = (at - 1) // 2
        heap[base + at], items[base + at] = heap[base + up], items[base + up]
        at = up
    return pop(heap, items, size, base)
