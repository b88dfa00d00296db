"""What became of everything that a search considered: each combination is counted once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Counts:
    """Combinations of a search by what became of them; together they are all considered.

    Attributes
    ----------
    indivisible : int
        Degrees of parallelism that do not divide chips, model or batch: refused untimed.
    memory : int
        Do not fit in memory.
    limits : int
        Miss the service level, the deadline or the date.
    quality : int
        Sets of levers that lose more than the floor allows.
    unsupported : int
        Levers whose preconditions the chip or the model does not meet, and chips without links.
    bounded : int
        Ruled out untimed: the time of their arithmetic alone is longer than that of others.
    slower : int
        Fit and were timed; another one on the same chips is better.
    beaten : int
        Deployments that another one of the same demand beats in every respect.
    kept : int
        Deployments that enter the optimisation.
    """

    indivisible: int = field(default=0, metadata={"title": "degrees that do not divide"})
    memory: int = field(default=0, metadata={"title": "do not fit in memory"})
    limits: int = field(default=0, metadata={"title": "miss service level, deadline or date"})
    quality: int = field(default=0, metadata={"title": "lose too much quality"})
    unsupported: int = field(default=0, metadata={"title": "lack what a lever needs, or links"})
    bounded: int = field(default=0, metadata={"title": "ruled out by a bound of their time"})
    slower: int = field(default=0, metadata={"title": "timed, and slower on the same chips"})
    beaten: int = field(default=0, metadata={"title": "beaten by another deployment"})
    kept: int = field(default=0, metadata={"title": "entered the optimisation"})

    @property
    def considered(self) -> int:
        """All combinations."""
        return sum(getattr(self, own.name) for own in fields(self))

    @property
    def dominated(self) -> int:
        """Those that would work, and that another one beats."""
        return self.bounded + self.slower + self.beaten

    def rows(self) -> list[tuple[str, int]]:
        """What became of how many, in words, none left out but what is empty."""
        own = [(str(f.metadata["title"]), int(getattr(self, f.name))) for f in fields(self)]
        return [(title, count) for title, count in own if count]
