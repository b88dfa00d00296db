"""Which levers may stand together, and what each set needs to be allowed.

A set is the baseline's levers plus some of the options; a chosen lever that conflicts
with one of the baseline takes its place. A lever whose precondition the chip or the model
does not meet falls out of the set for that chip, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from wattpath import levers
from wattpath.levers import Lever


@dataclass(frozen=True, slots=True)
class LeverSet:
    """Levers in force, and the player groups that a plan must be allowed to use."""

    levers: tuple[Lever, ...]
    players: frozenset[str]

    @property
    def keys(self) -> tuple[str, ...]:
        """Catalogue keys of the levers."""
        return tuple(lever.key for lever in self.levers)


def player(lever: Lever) -> str:
    """The player that a lever belongs to: its group, or itself."""
    return lever.group or lever.key


def lever_sets(baseline: Sequence[Lever], options: Sequence[Lever]) -> Iterator[LeverSet]:
    """Every valid set, the baseline's own first.

    Parameters
    ----------
    baseline, options : sequence of Lever
        Of one stage, already reduced to those that apply to the chip and the model.
    """
    extra = [lever for lever in options if lever.key not in {own.key for own in baseline}]
    for size in range(len(extra) + 1):
        for chosen in combinations(extra, size):
            if levers.compatible(chosen) is not None:
                continue
            kept = tuple(own for own in baseline if levers.compatible((*chosen, own)) is None)
            yield LeverSet((*kept, *chosen), frozenset(player(lever) for lever in chosen))
