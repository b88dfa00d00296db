"""The value of coalitions of players: what the best plan saves that may use only them.

Most coalitions need no solve. If the optimum of a larger coalition uses only players of a
smaller one, it is the optimum of the smaller one too, since that one's plans are among the
larger one's. So coalitions are best asked for from large to small.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.optimise import Optimiser

Floats = NDArray[np.float64]


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

    def value(self, mask: int) -> Floats:
        """Minus the facility peak [W], cost [USD/year], carbon [kg/year], energy [Wh/year]."""
        for larger, used, value in self.solved:
            if mask & ~larger == 0 and used & ~mask == 0:
                return value
        members = frozenset(name for i, name in enumerate(self.names) if mask >> i & 1)
        solution = self.days.solve(members)
        used_players = self.days.used_players(solution)
        used = sum(1 << i for i, name in enumerate(self.names) if name in used_players)
        value = -self.days.headline(solution)
        self.solved.append((mask, used, value))
        return value
