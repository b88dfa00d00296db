"""What an exhaustive search found best before, so that draws of numbers time only that again.

While a shortlist is in force, the searches of layouts ask it first. What it does not know yet
is searched in full, once, with the catalogue's own values and with settings on a coarse grid, so
that the answer depends on the question alone and not on which draw asked first.

Where it breaks down: a layout that is far from the best at the catalogue's values, and the best
of all in some draw, is not on the list; that draw is then a little too dear.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from wattpath import catalog

Found = TypeVar("Found")
Row = TypeVar("Row", bound=tuple[float, ...])

#: Values of each octave on which settings are told apart.
STEPS = 2

_IN_FORCE: ContextVar[dict[Hashable, Any] | None] = ContextVar("shortlist", default=None)


@contextmanager
def shortlisted(found: dict[Hashable, Any] | None) -> Iterator[None]:
    """Let searches within the block keep to what they found before; all of it if None.

    Parameters
    ----------
    found : dict or None
        Grows by what is searched.
    """
    token = _IN_FORCE.set(found)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def recall(key: Hashable, find: Callable[[], Found]) -> Found | None:
    """What was found for a question; None where no shortlist is in force.

    Parameters
    ----------
    key : hashable
        All that `find` depends on beside the catalogue.
    find : callable
        The search in full.
    """
    found = _IN_FORCE.get()
    if found is None:
        return None
    if key not in found:
        with shortlisted(None), catalog.drawn({}):
            found[key] = find()
    known: Found = found[key]
    return known


def coarse(row: Row, exact: Collection[str] = ()) -> Row:
    """A named tuple of floats with every value on the grid, in its own type.

    Parameters
    ----------
    row : named tuple
    exact : collection of str
        Fields that keep their value.
    """
    known: Any = row
    pairs = zip(known._fields, row, strict=True)
    made: Row = known._make(own if name in exact else _coarse(own) for name, own in pairs)
    return made


def _coarse(value: float) -> float:
    """The nearest value on the grid; a share stays below one."""
    if value <= 0.0 or math.isinf(value):
        return value
    near = float(2.0 ** (round(math.log2(value) * STEPS) / STEPS))
    return round(value, 2) if value < 1.0 <= near else near
