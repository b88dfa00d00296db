"""What an exhaustive search found best before, so that draws of numbers time only that again.

While a shortlist is in force, the searches of layouts ask it first. What it does not know yet
is searched in full, once, with the catalogue's own chips. Questions are told apart by what their
settings switch, not by gains that a draw moves.

Where it breaks down: a layout that is far from the best where the list was made, and the best
of all in some draw, is not on it; that draw is then a little too dear.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from wattpath import catalog

Found = TypeVar("Found")

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
        What tells the question from others.
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


def structure(row: tuple[float, ...]) -> tuple[float | None, ...]:
    """What settings are apart from what draws move: whole numbers, and None for all others.

    Bits, degrees and switches are whole; gains, shares and probabilities are not.
    """
    return tuple(value if math.isinf(value) or value % 1.0 == 0.0 else None for value in row)


def octave(value: float) -> float:
    """The nearest power of two of a length, on which lengths are told apart."""
    return float(2.0 ** round(math.log2(value))) if value > 0.0 else 0.0
