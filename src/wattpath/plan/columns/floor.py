"""The quality floor in words: which set of software comes nearest, and what would meet it.

Where it breaks down: the levers named beside the offered ones are those of the catalogue that
lower the loss at all; whether one pays is for a plan that may choose it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wattpath import levers

if TYPE_CHECKING:
    from wattpath.plan.columns.leversets import LeverSet
    from wattpath.plan.demand import Demand


def nearest(demand: Demand, sets: Sequence[LeverSet]) -> str:
    """How near the sets that miss a demand's floor come to it; empty where none misses it.

    Parameters
    ----------
    demand : Demand
    sets : sequence of LeverSet
        All that may stand together on a server.
    """
    floor = demand.quality.max_loss_nats
    missed = [one for one in sets if levers.loss_nats(one.levers) > floor]
    if not missed:
        return ""
    best = min(missed, key=lambda one: levers.loss_nats(one.levers))
    loss = levers.loss_nats(best.levers)
    lossy = [lever.key for lever in best.levers if lever.loss_nats.value > 0.0]
    name = ", ".join(lossy) or "no lever"
    if len(missed) < len(sets):
        return f"{name} loses {loss:.3g} nats where {floor:.3g} are allowed"
    text = (
        f"every set of software loses more than the {floor:.3g} nats that "
        f"quality.max_loss_nats allows; the best loses {loss:.3g} nats ({name})"
    )
    helping = _helping(demand, best, loss - floor)
    return f"{text}; {helping} under options.levers would meet the floor" if helping else text


def _helping(demand: Demand, best: LeverSet, missing: float) -> str:
    """The lever that wins back what is missing with the least to spare, or an empty text."""
    fitting = [
        (-lever.loss_nats.value, lever.key)
        for lever in levers.all_levers()
        if lever.stage == demand.kind
        and -lever.loss_nats.value >= missing
        and not lever.requires
        and levers.compatible((*best.levers, lever)) is None
    ]
    return min(fitting)[1] if fitting else ""
