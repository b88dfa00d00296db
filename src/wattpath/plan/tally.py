"""What falls out during a search, by demand and reason: how often, and the best margin seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from wattpath.plan.counts import Counts
from wattpath.plan.deployment import Refusal


@dataclass(slots=True)
class Tally:
    """A search's running counts; `counts` has the fields of `Counts`."""

    reasons: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    margins: dict[tuple[str, str, str], str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def refuse(self, kind: str, demand: str, reason: str, count: int = 1, margin: str = "") -> None:
        """Count what falls out for a reason of a kind; the first margin stays."""
        self.reasons[demand, reason, kind] += count
        if margin:
            self.margins.setdefault((demand, reason, kind), margin)
        self.counts[kind] += count

    def refusals(self) -> tuple[Refusal, ...]:
        """One for each demand and reason, the commonest first."""
        rows = sorted(self.reasons.items(), key=lambda item: (item[0][0], -item[1]))
        return tuple(
            Refusal(demand, reason, count, self.margins.get((demand, reason, kind), ""), kind)
            for (demand, reason, kind), count in rows
        )

    def total(self) -> Counts:
        """What became of everything."""
        return Counts(**self.counts)
