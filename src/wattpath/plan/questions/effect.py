"""What stands unused after a jump of efficiency, and what is still to be paid on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from wattpath.plan.outcome import NEGLIGIBLE
from wattpath.plan.plain import plain
from wattpath.plan.questions.jump import Course
from wattpath.plan.years.stocks import UNITS
from wattpath.plan.years.vintages import Vintages
from wattpath.supply.program import Solution


@dataclass(frozen=True, slots=True)
class Stranded:
    """An asset bought before the jump, in the jump's year; amounts in servers, W or J.

    `unamortised_usd` is what is still to be paid on all of it, `stranded_usd` on what stands
    unused.
    """

    kind: str
    key: str
    name: str
    unit: str
    stands: float
    unused: float
    unamortised_usd: float
    stranded_usd: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The years with a growth of demand from the jump on.

    Attributes
    ----------
    growth : float
        Demand over what it would be without the jump [-].
    assets : tuple of Stranded
    unused_servers, unused_servers_by_year : float and tuple of float
        Share of the servers that stand unused, by capital: in the jump's year, in each year [-].
    npv_usd : float
        Net present value of all costs [USD].
    owner_usd : float
        Change of the net present value of selling at the market's price [USD].
    sunk_share : float
        Share of the jump year's cost that is capital of what stands [-].
    """

    growth: float
    assets: tuple[Stranded, ...]
    unused_servers: float
    unused_servers_by_year: tuple[float, ...]
    npv_usd: float
    owner_usd: float
    sunk_share: float

    @property
    def stranded_usd(self) -> float:
        """Still to be paid on what stands unused [USD]."""
        return sum(asset.stranded_usd for asset in self.assets)

    @property
    def stranded_share(self) -> float:
        """Of what is still to be paid on everything bought, the part on what is unused [-]."""
        whole = sum(asset.unamortised_usd for asset in self.assets)
        return self.stranded_usd / whole if whole > 0.0 else 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {key: value for key, value in asdict(self).items() if key != "assets"}
        return {
            **plain(told),
            "stranded_usd": self.stranded_usd,
            "stranded_share": self.stranded_share,
            "assets": [plain(asdict(asset)) for asset in self.assets],
        }


def effect_of(course: Course, solution: Solution, growth: float, owner_usd: float) -> Effect:
    """Read a solution of the years with the jump.

    Parameters
    ----------
    course : Course
    solution : Solution
    growth : float
        Of demand from the jump on [-].
    owner_usd : float
        Change of the net present value of selling [USD].
    """
    horizon, x, year = course.horizon, solution.x, course.year
    sunk = sum(held(course, v, solution, year) * v.asset.annual[year] for v in horizon.vintages)
    return Effect(
        growth=growth,
        assets=tuple(_stranded(course, solution)),
        unused_servers=unused_servers(course, solution, year),
        unused_servers_by_year=tuple(
            unused_servers(course, solution, y.index) for y in horizon.years
        ),
        npv_usd=horizon.npv_usd(solution),
        owner_usd=owner_usd,
        sunk_share=sunk * horizon.parts.scale.money_usd / horizon.cost_usd(x, year),
    )


def held(course: Course, vintage: Vintages, solution: Solution, year: int) -> float:
    """Amount bought for the years before the jump that stands in a year [programme]."""
    return sum(
        vintage.asset.ways[way].size * float(solution.x[column])
        for (way, first), column in vintage.bought.items()
        if first < course.year and first <= year < first + vintage.asset.ways[way].life
    )


def unused_servers(course: Course, solution: Solution, year: int) -> float:
    """Share of the servers bought before the jump that a year leaves unused, by capital [-]."""
    idle = whole = 0.0
    for vintage in course.horizon.vintages:
        if vintage.asset.kind == "server":
            stands = held(course, vintage, solution, year)
            each = vintage.asset.annual[year]
            idle += min(stands, max(0.0, float(solution.x[vintage.unused[year]]))) * each
            whole += stands * each
    return idle / whole if whole > 0.0 else 0.0


def _stranded(course: Course, solution: Solution) -> Iterator[Stranded]:
    """Each asset bought before the jump, in the jump's year."""
    year, parts = course.year, course.horizon.parts
    rate, money = parts.options.rate, parts.scale.money_usd
    for vintage in course.horizon.vintages:
        stands = held(course, vintage, solution, year)
        unused = min(stands, float(solution.x[vintage.unused[year]]))
        if stands <= 1e-6:
            continue
        unused = unused if unused > NEGLIGIBLE * stands else 0.0
        asset = vintage.asset
        yield Stranded(
            kind=asset.kind,
            key=asset.key,
            name=asset.name,
            unit=UNITS[asset.kind],
            stands=stands * asset.si,
            unused=unused * asset.si,
            unamortised_usd=vintage.remaining(solution.x, year, stands, rate) * money,
            stranded_usd=vintage.remaining(solution.x, year, unused, rate) * money,
        )
