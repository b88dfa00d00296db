r"""What is left of the replaceable share once cheaper tokens are asked for more.

If *both* makes what *blue* makes at the share k of its cost, and demand answers a price with
elasticity e, demand grows to

.. math:: g = k^{-e}, \qquad 1 - g \, \frac{X(both)}{X(blue)}

is the share of quantity X after the rebound. Below zero it says that the site takes more than
the best hardware alone would have: software then buys tokens and not megawatts.

Where it breaks down: power, cost and the rest are taken to grow in proportion to demand, which
limits of the site may forbid; cost is passed on as price in full; training is taken to grow as
serving does. The elasticity is that between providers of the same model and too large for a
whole market, whence its wide range (`wattpath shock --elasticity` solves the years instead).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from wattpath import catalog
from wattpath.plan.plain import plain

if TYPE_CHECKING:
    from wattpath.catalog import Quantity


@dataclass(frozen=True, slots=True)
class Rebound:
    """The replaceable share after the rebound.

    Attributes
    ----------
    elasticity : float
        Relative rise of demand over relative fall of the price [-].
    growth : float
        Demand over what was asked [-].
    share, low, high : dict of str to float
        Share of each quantity at the elasticity, and at the ends of its range: the larger the
        elasticity, the lower the share [-].
    """

    elasticity: float
    growth: float
    share: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN becomes None."""
        return {key: plain(value) for key, value in asdict(self).items()}


def elasticity() -> Quantity:
    """The catalogue's elasticity of the demand for tokens."""
    return catalog.load("law", "rebound").quantity("elasticity")


def grown(price: float, value: float) -> float:
    """Demand over that before at a price over that before and an elasticity [-]."""
    return price**-value if price > 0.0 else math.nan


def rebound(shares: Mapping[str, float]) -> Rebound:
    """The replaceable shares of a plan after the rebound.

    Parameters
    ----------
    shares : mapping of str to float
        As of `wattpath.plan.result.replaceable`; the cost among them sets the price.
    """
    given = elasticity()
    kept = 1.0 - shares.get("cost", math.nan)

    def after(value: float) -> dict[str, float]:
        growth = grown(kept, value)
        return {
            key: 1.0 - growth * (1.0 - share)
            for key, share in shares.items()
            if key != "months_to_power"
        }

    return Rebound(
        given.value,
        grown(kept, given.value),
        after(given.value),
        after(given.high),
        after(given.low),
    )
