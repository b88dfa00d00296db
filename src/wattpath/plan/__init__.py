"""The plan: scenario, enumeration, one optimisation, attribution, result.

The package is also the function that most users want, ``wattpath.plan("x.yaml")``; calling
it is `wattpath.plan.front.answer`. Nothing heavy is imported before the call.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wattpath.plan.front import Overrides, Source
    from wattpath.plan.result import PlanResult
    from wattpath.progress import Progress


class _Callable(ModuleType):
    """A package that answers a scenario when it is called."""

    def __call__(
        self,
        file: Source,
        overrides: Overrides = None,
        *,
        progress: Progress | None = None,
        attribute: bool = True,
        keep: str | Path | None = None,
    ) -> PlanResult:
        """See `wattpath.plan.front.answer`."""
        from wattpath.plan.front import answer

        return answer(file, overrides, progress=progress, attribute=attribute, keep=keep)


sys.modules[__name__].__class__ = _Callable
