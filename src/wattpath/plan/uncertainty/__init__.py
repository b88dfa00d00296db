"""How sure a plan is: draws over the sourced ranges, solved by a fast path of the plan itself."""

from wattpath.plan.uncertainty.result import Ranges
from wattpath.plan.uncertainty.study import ranges

__all__ = ["Ranges", "ranges"]
