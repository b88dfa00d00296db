"""A plan as what is bought, run and sold."""

from __future__ import annotations

from dataclasses import dataclass, field

from wattpath.economics import TokenSplit
from wattpath.economics.cashflow import Asset

#: Classes of purchases, in the order of a schedule.
GROUPS = (
    "servers",
    "network and storage",
    "software work",
    "halls",
    "land and site works",
    "power plant",
    "grid connection",
)


@dataclass(frozen=True, slots=True)
class Project:
    """A plan as what is bought, run and sold.

    Attributes
    ----------
    name : str
        Of the plan.
    assets : tuple of Asset
        Each in one of `GROUPS`.
    operation : dict of str to tuple of float
        Each line in the years 1 to n [real USD].
    output : tuple of float
        Of the years 1 to n [million tokens].
    plan_usd_per_million : float
        The plan's own cost over its tokens [USD]; of several years, of the last one.
    demands : dict of str to float
        Each demand's cost of a token over that of the mean token of the plan [-].
    kinds : dict of str to TokenSplit
        The same for the kinds of tokens of each service, of a plan of one year [-].
    """

    name: str
    assets: tuple[Asset, ...]
    operation: dict[str, tuple[float, ...]]
    output: tuple[float, ...]
    plan_usd_per_million: float
    demands: dict[str, float]
    kinds: dict[str, TokenSplit] = field(default_factory=dict)

    @property
    def running(self) -> list[float]:
        """All operation of each year [real USD]."""
        return [sum(year) for year in zip(*self.operation.values(), strict=True)]

    def schedule(self) -> dict[str, list[float]]:
        """Purchases of each class at the beginning of each year [real USD]."""
        found = {group: [0.0] * len(self.output) for group in GROUPS}
        for asset in self.assets:
            for year, paid in enumerate(asset.purchases(len(self.output)).tolist()):
                found[asset.group][year] += paid
        return {group: paid for group, paid in found.items() if any(paid)}
