from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wattpath.serving.heap import pop, push, remove

keys = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40)


def _filled(values: list[float]) -> tuple[np.ndarray, np.ndarray, int]:
    heap, items, size = np.zeros(64), np.zeros(64, dtype=np.int64), 0
    for item, key in enumerate(values):
        size = push(heap, items, size, key, item)
    return heap, items, size


def _drain(heap: np.ndarray, items: np.ndarray, size: int) -> list[tuple[float, int]]:
    out = []
    while size:
        out.append((float(heap[0]), int(items[0])))
        size = pop(heap, items, size)
    return out


@settings(deadline=None)  # the first call compiles
@given(keys)
def test_items_leave_in_order(values: list[float]) -> None:
    assert _drain(*_filled(values)) == sorted((key, item) for item, key in enumerate(values))


@settings(deadline=None)  # the first call compiles
@given(keys, st.integers(0, 39))
def test_any_item_can_be_removed(values: list[float], which: int) -> None:
    heap, items, size = _filled(values)
    gone = which % len(values)
    at = int(np.flatnonzero(items[:size] == gone)[0])
    left = _drain(heap, items, remove(heap, items, size, at))
    assert left == sorted((key, item) for item, key in enumerate(values) if item != gone)
