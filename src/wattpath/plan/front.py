"""The Python front door of the plan: one call from a file to an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath.progress import Progress, silent

if TYPE_CHECKING:
    from wattpath.plan.result import PlanResult
    from wattpath.plan.scenario import Scenario

Source = str | Path | Mapping[str, Any]
Overrides = Sequence[str] | Mapping[str, object] | None


def answer(
    file: Source,
    overrides: Overrides = None,
    *,
    progress: Progress | None = None,
    attribute: bool = True,
    keep: str | Path | None = None,
) -> PlanResult:
    """Baseline, blue, red and both for a scenario.

    Parameters
    ----------
    file : str, Path or mapping
        A scenario file, or its content.
    overrides : sequence of str, or mapping, optional
        Such as ``["grid.limit=200 MW"]`` or ``{"grid.limit": "200 MW"}``.
    progress : callable, optional
        ``progress(stage, share)`` with the share of the stage that is done [0..1].
    attribute : bool
        Whether to split the saving among the levers, which takes most of the time.
    keep : str or Path, optional
        Folder in which finished parts of the search and of the split are kept, and from which
        the same question goes on (see `wattpath.plan.kept`); nothing is kept without one.

    Returns
    -------
    PlanResult
        Infeasible plans carry their reasons.

    Raises
    ------
    InputError
        If the scenario cannot be used: path, constraint, value, hint.
    """
    from wattpath.plan import study
    from wattpath.plan.kept import keeping

    asked = load_scenario(file, overrides)
    with keeping(None if keep is None else Path(keep)):
        result = study.run(asked, progress=progress or silent, attribute=attribute)
    return replace(result, asked=asked)


def load_scenario(file: Source, overrides: Overrides = None) -> Scenario:
    """Read and validate a scenario (see `answer`).

    Raises
    ------
    InputError
        If the scenario cannot be used.
    """
    from wattpath.plan import scenario

    changes = _lines(overrides)
    if isinstance(file, Mapping):
        return scenario.from_dict(file, changes)
    return scenario.load(file, changes)


def _lines(overrides: Overrides) -> list[str]:
    if isinstance(overrides, Mapping):
        return [f"{path}={value}" for path, value in overrides.items()]
    return list(overrides or ())
