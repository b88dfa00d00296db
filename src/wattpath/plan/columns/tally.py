"""What falls out during a search, by demand and reason: how often, and the best margin seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wattpath.plan.columns.counts import Counts
from wattpath.plan.columns.deployment import Refusal


@dataclass(slots=True)
class Tally:
    """A search's running counts; `counts` has the fields of `Counts`.

    `freedom` is that of the deployments at hand (see `Refusal`).
    """

    reasons: dict[tuple[str, str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    margins: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    freedom: str = ""

    def refuse(self, kind: str, demand: str, reason: str, count: int = 1, margin: str = "") -> None:
        """Count what falls out for a reason of a kind; the first margin stays."""
        key = demand, reason, kind, self.freedom
        self.reasons[key] += count
        if margin:
            self.margins.setdefault(key, margin)
        self.counts[kind] += count

    @property
    def considered(self) -> int:
        """Combinations so far."""
        return sum(self.counts.values())

    def add(self, other: Tally) -> None:
        """Count what another one has counted; the first margin stays."""
        for key, count in other.reasons.items():
            self.reasons[key] += count
        for key, margin in other.margins.items():
            self.margins.setdefault(key, margin)
        for kind, count in other.counts.items():
            self.counts[kind] += count

    def to_json(self) -> dict[str, Any]:
        """As JSON takes it (see `from_json`)."""
        reasons = [[*key, count, self.margins.get(key, "")] for key, count in self.reasons.items()]
        return {"reasons": reasons, "counts": dict(self.counts)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Tally:
        """The counts of a row (see `to_json`)."""
        found = cls()
        for *words, count, margin in row["reasons"]:
            demand, reason, kind, freedom = words
            found.reasons[demand, reason, kind, freedom] = count
            if margin:
                found.margins[demand, reason, kind, freedom] = margin
        for kind, count in row["counts"].items():
            found.counts[kind] = count
        return found

    def refusals(self) -> tuple[Refusal, ...]:
        """One for each demand, reason and freedom, the commonest first."""
        rows = sorted(self.reasons.items(), key=lambda item: (item[0][0], -item[1]))
        return tuple(
            Refusal(demand, reason, count, self.margins.get(key, ""), kind, free)
            for (key, count) in rows
            for demand, reason, kind, free in [key]
        )

    def total(self) -> Counts:
        """What became of everything."""
        return Counts(**self.counts)
