r"""From a sourced range to a distribution: low, value and high as 5 %, 50 % and 95 %.

With z standard normal and :math:`z_{95} = 1.645`, a positive quantity is two-piece lognormal,

.. math:: x(z) = v \, (h / v)^{z / z_{95}} \;\text{for}\; z \ge 0, \qquad
          x(z) = v \, (v / l)^{z / z_{95}} \;\text{for}\; z < 0

and one whose low end is not above zero two-piece normal, with differences in place of ratios.
Both are held within the physical limits of the catalogue's schema, and z within
:math:`\pm` `FARTHEST`. The median is the catalogue's value, so that a draw of nothing but
medians is the plan itself; a number without a range never moves.

Where it breaks down: sources seldom say what their range means. Ends that were meant as the
extremes ever seen make the result too wide, ends of a single quote too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

#: Standard normal quantile of 95 %.
Z_95 = 1.6448536269514722

#: Largest distance from the median in standard deviations: one draw in a hundred lies beyond.
FARTHEST = 2.5758293035489004

#: Kind, key and attribute of what is drawn.
Target = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Effect:
    """One number of the catalogue, or factor on a hall, that inputs move.

    Attributes
    ----------
    target : tuple of str
        Kind, key and attribute; for a factor the kind is ``hall``, for a value of the
        scenario ``scenario``.
    low, value, high : float
        5 %, 50 % and 95 % [SI].
    least, most : float
        Physical limits [SI].
    loads : tuple of (str, float)
        Inputs and their weights; the squares of the weights add up to one, so that the
        range is kept however many inputs share it. A negative weight turns the input
        round: a chip that is slower does fewer FLOP/s.
    """

    target: Target
    low: float
    value: float
    high: float
    least: float
    most: float
    loads: tuple[tuple[str, float], ...]

    def at(self, z: Mapping[str, float]) -> float:
        """The value at a point of the inputs.

        Parameters
        ----------
        z : mapping
            Input -> standard normal value; an input that is absent is at its median.
        """
        own = sum(weight * z.get(name, 0.0) for name, weight in self.loads)
        own = max(-FARTHEST, min(FARTHEST, own))
        return min(self.most, max(self.least, quantile(self.low, self.value, self.high, own)))


def quantile(low: float, value: float, high: float, z: float) -> float:
    """The value of a two-piece distribution at a standard normal z.

    Parameters
    ----------
    low, value, high : float
        5 %, 50 % and 95 %, in ascending order.
    z : float
        Standard normal value.
    """
    if z == 0.0:
        return value
    end = high if z > 0.0 else low
    if low > 0.0:
        return value * math.exp(math.log(end / value) * abs(z) / Z_95)
    return value + (end - value) * abs(z) / Z_95
