"""The value of coalitions of players: what the best plan saves that may use only them.

Most coalitions need no solve. If the optimum of a larger coalition uses only players of a
smaller one, it is the optimum of the smaller one too, since that one's plans are among the
larger one's. So coalitions are best asked for from large to small.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.optimise import Optimiser
from wattpath.plan.sitepower import water_m3

Floats = NDArray[np.float64]
Progress = Callable[[float], None]


class Coalitions:
    """Values of bit masks over players, solved when they are not known already.

    Parameters
    ----------
    days : Optimiser
        The programme that is solved.
    names : tuple of str
        Bit i of a mask stands for ``names[i]``.
    """

    def __init__(self, days: Optimiser, names: tuple[str, ...]) -> None:
        self.days, self.names = days, names
        self.solved: list[tuple[int, int, Floats]] = []

    def solve_all(self, progress: Progress) -> None:
        """Solve what must be solved for the value of every coalition.

        Each comes after all that it is part of, and near the one before it, so that few are
        solved and these start from a basis that nearly fits.
        """
        count = 1 << len(self.names)
        for mask in reversed(range(count)):
            if mask % 32 == 0:
                progress(1.0 - mask / count)
            self.value(mask)

    def value(self, mask: int) -> Floats:
        """Minus the facility peak [W], cost [USD/year], carbon [kg/year], energy [Wh/year] and
        water [m3/year]."""
        for larger, used, value in self.solved:
            if mask & ~larger == 0 and used & ~mask == 0:
                return value
        members = frozenset(name for i, name in enumerate(self.names) if mask >> i & 1)
        solution = self.days.solve(members)
        used_players = self.days.used_players(solution)
        used = sum(1 << i for i, name in enumerate(self.names) if name in used_players)
        days = self.days
        water = water_m3(days.compute, days.supply, days.periods, solution.x)
        value = -np.append(days.headline(solution), water)
        self.solved.append((mask, used, value))
        return value
