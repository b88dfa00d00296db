"""The catalogue with some values changed, for as long as a block of code runs.

A draw of an uncertainty study, or figures measured on the user's own machine, take the place
of values without a change of any file: every law reads them as it reads the catalogue's.

>>> from wattpath import catalog
>>> with catalog.drawn({("server", "nvidia-dgx-h100", "price_usd"): 250e3}):
...     catalog.load("server", "nvidia-dgx-h100").si("price_usd")
250000.0

Where it breaks down: what was read before the block keeps its value, and a thread that the
block starts reads the catalogue's own values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, TypeVar

from wattpath.catalog.entry import Entry

#: Kind, key and attribute -> value in SI.
Values = Mapping[tuple[str, str, str], float]

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class _Draw:
    """Values in force, by entry, and what was made of them so far."""

    values: dict[tuple[str, str], dict[str, float]]
    made: dict[tuple[Any, ...], Any] = field(default_factory=dict)


_IN_FORCE: ContextVar[_Draw | None] = ContextVar("drawn", default=None)


@contextmanager
def drawn(values: Values) -> Iterator[None]:
    """Let these values stand for the catalogue's within the block; they do not add up.

    Parameters
    ----------
    values : mapping
        (kind, key, attribute) -> value in SI. Attributes that the entry leaves to the
        schema's default may be given too.
    """
    by_entry: dict[tuple[str, str], dict[str, float]] = {}
    for (kind, key, attribute), value in values.items():
        by_entry.setdefault((kind, key), {})[attribute] = value
    token = _IN_FORCE.set(_Draw(by_entry))
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def in_force(entry: Entry) -> Entry:
    """The entry with the values of the draw in force, if there is one."""
    draw = _IN_FORCE.get()
    if draw is None or (entry.kind, entry.key) not in draw.values:
        return entry
    place = ("entry", entry.kind, entry.key)
    if place not in draw.made:
        changed = dict(entry.quantities)
        for attribute, value in draw.values[entry.kind, entry.key].items():
            changed[attribute] = replace(entry.quantity(attribute), value=value)
        draw.made[place] = replace(entry, quantities=changed)
    made: Entry = draw.made[place]
    return made


def remembered(read: Callable[[str], Read]) -> Callable[[str], Read]:
    """Keep what a function reads for each key, apart for every draw (see `drawn`)."""
    own: dict[tuple[Any, ...], Read] = {}

    @wraps(read)
    def kept(key: str) -> Read:
        draw = _IN_FORCE.get()
        made = own if draw is None else draw.made
        place = (read.__module__, read.__qualname__, key)
        if place not in made:
            made[place] = read(key)
        return made[place]

    return kept
