"""The inputs of an uncertainty study: which sourced ranges a scenario meets, in groups.

Numbers that are wrong together move together: one input moves all kernels of a chip family,
one the capital and upkeep of a technology. The price of each server has half of its variance
from the market, which moves all servers, and half of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from wattpath.catalog import EVIDENCE, Entry, Quantity
from wattpath.errors import InputError
from wattpath.plan.uncertainty.distribution import Effect, Target

#: Weight of each of two inputs that share a variance by halves.
HALF = 0.5**0.5


@dataclass(frozen=True, slots=True)
class Input:
    """One independent standard normal input, with what it stands for.

    Attributes
    ----------
    key, title : str
        Short name, and what it is called.
    low, high : float
        Ends of its widest range over the value [-]; differences from the value where that
        is zero.
    evidence : str
        Weakest grade among its numbers.
    numbers : int
        How many numbers it moves.
    """

    key: str
    title: str
    low: float
    high: float
    evidence: str
    numbers: int


class Collector:
    """Gathers effects under the titles of their inputs, in order."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}
        self.effects: dict[Target, Effect] = {}
        self.grades: dict[Target, str] = {}

    def add(
        self,
        entry: Entry,
        attributes: Iterable[str],
        inputs: Sequence[tuple[str, str, float]],
    ) -> None:
        """Let inputs move numbers of an entry, where these have a range.

        Parameters
        ----------
        entry : Entry
        attributes : iterable of str
            Of its schema; those that the entry leaves out are left alone.
        inputs : sequence of (key, title, weight)
        """
        for attribute in attributes:
            if attribute in entry.quantities and not entry.quantities[attribute].series:
                self.quantity(entry, entry.quantities[attribute], inputs)

    def quantity(
        self, entry: Entry, quantity: Quantity, inputs: Sequence[tuple[str, str, float]]
    ) -> None:
        """Let inputs move one number within its range."""
        row = entry.schema.attributes[quantity.attribute]
        self.effect(
            (entry.kind, entry.key, quantity.attribute),
            (quantity.low, quantity.value, quantity.high),
            inputs,
            (row.minimum * row.si_factor, row.maximum * row.si_factor),
            quantity.evidence,
        )

    def effect(
        self,
        target: Target,
        span: tuple[float, float, float],
        inputs: Sequence[tuple[str, str, float]],
        limits: tuple[float, float] = (0.0, float("inf")),
        evidence: str = "derived",
    ) -> None:
        """Let inputs move one target between low and high, unless these are the same."""
        low, value, high = span
        if not low < high or target in self.effects:
            return
        for key, title, _ in inputs:
            self.titles.setdefault(key, title)
        loads = tuple((key, weight) for key, _, weight in inputs)
        self.effects[target] = Effect(target, low, value, high, *limits, loads)
        self.grades[target] = evidence

    def hold(self, word: str, path: str) -> None:
        """Leave every input that begins with a word at its value.

        Raises
        ------
        InputError
            If none does.
        """
        held = {key for key in self.titles if f"{key} ".startswith(word) and word}
        if not held:
            known = list(dict.fromkeys(key.split(" ")[0] for key in self.titles))
            near = get_close_matches(word, known, n=3, cutoff=0.4)
            hint = f"Inputs: {', '.join(known)}."
            if near:
                hint = f"Did you mean {' or '.join(repr(one) for one in near)}? {hint}"
            raise InputError(path, "begin the name of an input", word, hint)
        for key in held:
            del self.titles[key]
        for target, effect in list(self.effects.items()):
            loads = tuple(load for load in effect.loads if load[0] not in held)
            if loads:
                self.effects[target] = replace(effect, loads=loads)
            else:
                del self.effects[target]

    def inputs(self) -> tuple[Input, ...]:
        """Every input that moves something, in the order of its first number."""
        return tuple(self._input(key) for key in self.titles)

    def _input(self, key: str) -> Input:
        own = [e for e in self.effects.values() if key in (name for name, _ in e.loads)]
        spans = [_relative(effect) for effect in own]
        widest = max(spans, key=lambda span: span[1] - span[0])
        grade = max((self.grades[e.target] for e in own), key=EVIDENCE.index)
        return Input(key, self.titles[key], *widest, grade, len(own))


def _relative(effect: Effect) -> tuple[float, float]:
    """Ends of a range over its value, or less its value where that is zero."""
    if effect.value == 0.0:
        return effect.low, effect.high
    ends = sorted((effect.low / effect.value, effect.high / effect.value))
    return ends[0], ends[1]


def alone(key: str, title: str, weight: float = 1.0) -> list[tuple[str, str, float]]:
    """One input that moves a number by itself."""
    return [(key, title, weight)]
