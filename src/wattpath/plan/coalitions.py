"""The value of coalitions of players: what the best plan saves that may use only them.

Most coalitions need no solve. If the optimum of a larger coalition uses only players of a
smaller one, it is the optimum of the smaller one too, since that one's plans are among the
larger one's. So coalitions are best asked for from large to small.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.kept import folder
from wattpath.plan.optimise import HARDWARE, Optimiser
from wattpath.plan.sitepower import water_m3

Floats = NDArray[np.float64]
Progress = Callable[[float], None]

#: What finished coalitions are called where they are kept.
KIND = "coalitions"

#: Place of the cost among the values of a coalition.
COST = 1

#: Coalitions between two reports.
REPORTED = 16


class Coalitions:
    """Values of bit masks over players, solved when they are not known already.

    Parameters
    ----------
    days : Optimiser
        The programme that is solved.
    names : tuple of str
        Bit i of a mask stands for ``names[i]``.
    part : str
        Added to the name under which they are kept.
    """

    def __init__(self, days: Optimiser, names: tuple[str, ...], part: str = "") -> None:
        self.days, self.names = days, names
        self.solved: list[tuple[int, int, Floats]] = []
        self._place = folder()
        self._kind = KIND + part
        if self._place is not None:
            rows = self._place.found(self._kind, self._programme)
            self.solved = [(mask, used, np.array(value)) for mask, used, value in rows]

        self.known: dict[int, Floats] = {}

    @property
    def count(self) -> int:
        """How many coalitions there are."""
        return 1 << len(self.names)

    @property
    def order(self) -> list[int]:
        """Places of the players: those that bring columns, then those that change every hour or
        all halls."""
        return sorted(range(len(self.names)), key=lambda i: self.names[i] not in self._light)

    @cached_property
    def _light(self) -> set[str]:
        """Players of software that bring columns."""
        slots = self.days.compute.slots
        return {name for slot in slots for name in slot.players} - set(HARDWARE)

    def _by_effect(self, order: list[int], whole: int) -> list[int]:
        """The order, its last player kept, those that bring columns by what is lost without each.

        The less comes and goes, the nearer the next optimum is to the last basis.
        """
        first = [i for i in order[:-1] if self.names[i] in self._light]
        best = self.value(whole)[COST]
        first.sort(key=lambda i: best - self.value(whole & ~(1 << i))[COST])
        return first + order[len(first) :]

    def solve_all(self, progress: Progress, half: bool | None = None) -> None:
        """Solve what must be solved for the value of every coalition.

        Each comes after all that it is part of, and near the one before it, so that few are
        solved and these start from a basis that nearly fits.

        Parameters
        ----------
        progress : callable
            Told the share that is done.
        half : bool, optional
            Only coalitions with the last player of `order`, or only those without.
        """
        order, begin, end, whole = self.order, 0, self.count, self.count - 1
        if half is not None and order:
            begin, end = (0, end // 2) if half else (end // 2, end)
            whole -= 0 if half else 1 << order[-1]
        progress(0.0)
        order = self._by_effect(order, whole)
        for place in range(begin, end):
            if (place - begin) % REPORTED == 0:
                progress((place - begin) / (end - begin))
            left = self.count - 1 - place
            self.value(sum(1 << player for bit, player in enumerate(order) if left >> bit & 1))

    def value(self, mask: int) -> Floats:
        """Minus the facility peak [W], cost [USD/year], carbon [kg/year], energy [Wh/year] and
        water [m3/year]."""
        if mask not in self.known:
            inherited = (
                value
                for larger, used, value in self.solved
                if mask & ~larger == 0 and used & ~mask == 0
            )
            value = next(inherited, None)
            self.known[mask] = self._solve(mask) if value is None else value
        return self.known[mask]

    def _solve(self, mask: int) -> Floats:
        members = frozenset(name for i, name in enumerate(self.names) if mask >> i & 1)
        solution = self.days.solve(members)
        used_players = self.days.used_players(solution)
        used = sum(1 << i for i, name in enumerate(self.names) if name in used_players)
        days = self.days
        water = water_m3(days.compute, days.supply, days.periods, solution.x)
        value = -np.append(days.headline(solution), water)
        self.solved.append((mask, used, value))
        if self._place is not None:
            self._place.add(self._kind, (mask, used, value.tolist()), self._programme)
        return value

    @cached_property
    def _programme(self) -> str:
        """Digest of the programme and of who may use what."""
        self.days.allow(frozenset(self.names))
        who = [sorted(slot.players) for slot in self.days.compute.slots]
        return repr(
            (self.days.program.digest(), self.names, who, sorted(self.days.parts.base_supply))
        )


class Halves:
    """All coalitions, those with and those without one player side by side.

    Each half has a programme of its own, so that neither waits for the other and the answer does
    not depend on which is faster.

    Parameters
    ----------
    make : callable
        Coalitions in a new programme, from what their part is called.
    """

    def __init__(self, make: Callable[[str], Coalitions]) -> None:
        self.halves = {True: make("-with"), False: make("-without")}
        self._told = dict.fromkeys(self.halves, 0.0)
        self._left = False

    @property
    def count(self) -> int:
        """How many coalitions there are."""
        return self.halves[True].count

    def solve_all(self, progress: Progress) -> None:
        """As `Coalitions.solve_all`; an interruption ends both halves."""
        with ThreadPoolExecutor(2) as both:
            running = [both.submit(self._solve, half, progress) for half in self.halves]
            try:
                for one in running:
                    one.result()
            except BaseException:
                self._left = True
                raise

    def value(self, mask: int) -> Floats:
        """The value of a coalition (see `Coalitions.value`)."""
        whole = self.halves[True]
        half = not whole.order or bool(mask >> whole.order[-1] & 1)
        return self.halves[half].value(mask)

    def _solve(self, half: bool, progress: Progress) -> None:
        def told(share: float) -> None:
            if self._left:
                raise KeyboardInterrupt
            self._told[half] = share
            progress(sum(self._told.values()) / len(self._told))

        self.halves[half].solve_all(told, half)
