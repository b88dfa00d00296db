"""A binary heap of (key, item) in two arrays, for compiled event loops.

The least key is at index 0; equal keys are ordered by item, so that a replay is the same
each time. The caller keeps the size.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@njit(cache=True)
def push(heap: Floats, items: Integers, size: int, key: float, item: int) -> int:
    """Insert an item; returns the new size."""
    at = size
    while at > 0:
        up = (at - 1) // 2
        if heap[up] < key or (heap[up] == key and items[up] < item):
            break
        heap[at], items[at] = heap[up], items[up]
        at = up
    heap[at], items[at] = key, item
    return size + 1


@njit(cache=True)
def pop(heap: Floats, items: Integers, size: int) -> int:
    """Remove the item at index 0; returns the new size."""
    size -= 1
    key, item = heap[size], items[size]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        right = down + 1
        if right < size and (
            heap[right] < heap[down] or (heap[right] == heap[down] and items[right] < items[down])
        ):
            down = right
        if key < heap[down] or (key == heap[down] and item < items[down]):
            break
        heap[at], items[at] = heap[down], items[down]
        at = down
    heap[at], items[at] = key, item
    return size


@njit(cache=True)
def remove(heap: Floats, items: Integers, size: int, at: int) -> int:
    """Remove the item at index `at`; returns the new size."""
    while at > 0:
        up = (at - 1) // 2
        heap[at], items[at] = heap[up], items[up]
        at = up
    return pop(heap, items, size)
