"""Why plans have no answer, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wattpath.plan.result import Outcome


def verdict(outcomes: Mapping[str, Outcome]) -> str:
    """Name the infeasible plans, those with the same reasons together.

    Where no plan is feasible, the one that may change everything says what is missing.
    """
    failed = [outcome for outcome in outcomes.values() if not outcome.feasible]
    if len(failed) == len(outcomes):
        return f"no plan is feasible; even for both, {_ended(outcomes['both'].reasons)}"
    by_reason: dict[tuple[str, ...], list[str]] = {}
    for outcome in failed:
        by_reason.setdefault(outcome.reasons, []).append(outcome.name)
    return " ".join(
        f"{listed(names)} {'is' if len(names) == 1 else 'are'} infeasible: {_ended(reasons)}"
        for reasons, names in by_reason.items()
    )


def listed(names: list[str]) -> str:
    """'baseline, blue and red'."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _ended(reasons: tuple[str, ...]) -> str:
    text = "; ".join(reason.rstrip(".") for reason in reasons)
    return f"{text}.".replace(".;", ";")
