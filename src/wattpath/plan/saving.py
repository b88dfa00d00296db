"""The saving of a plan, split among its players: who takes part, and rows that add up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wattpath import levers
from wattpath.plan.attribution import EXACT_PLAYERS, Split, split
from wattpath.plan.coalitions import Coalitions
from wattpath.plan.leversets import player
from wattpath.plan.optimise import HARDWARE, SHIFTING, SUPPLY, Optimiser
from wattpath.plan.provisioning import OVERSUBSCRIPTION
from wattpath.plan.response import RESPONSE
from wattpath.plan.result import Attributed, Outcome

Progress = Callable[[str, float], None]

#: Titles of the hardware players in the split.
TITLES = {"chips": "Chips and servers", "cooling": "Cooling", "supply": "Power supply"}


def _able(days: Optimiser, players: frozenset[str]) -> tuple[str, ...]:
    """The players that have anything to offer: a column, a technology or work to shift."""
    able = {player for slot in days.compute.slots for player in slot.players}
    if set(days.supply.capacity) - days.parts.base_supply:
        able.add(SUPPLY)
    if any(need.movable > 0.0 and not need.of for need in days.parts.needs):
        able.add(SHIFTING)
    if days.relief.size and days.parts.oversubscription > 1.0:
        able.add(OVERSUBSCRIPTION)
    if days.called.any():
        able.add(RESPONSE)
    software = sorted((players & able) - set(HARDWARE))
    return (*software, *(name for name in HARDWARE if name in able))


def split_saving(days: Optimiser, players: frozenset[str], seed: int, progress: Progress) -> Split:
    """Shapley's split of the saving in facility peak, cost, carbon and energy."""
    names = _able(days, players)
    own = Optimiser(days.parts, days.compute.slots, days.periods)
    coalitions = Coalitions(own, names)
    if len(names) <= EXACT_PLAYERS:
        masks = sorted(range(1 << len(names)), key=lambda mask: -mask.bit_count())
        for done, mask in enumerate(masks):
            if done % 32 == 0:
                progress("Splitting the saving", done / len(masks))
            coalitions.value(mask)
    else:
        progress("Splitting the saving", 0.0)
    return split(names, coalitions.value, seed=seed)


def attributed(shares: Split | None, plans: dict[str, Outcome]) -> tuple[Attributed, ...]:
    """The split as rows that add up, in each quantity, to baseline minus both.

    The coalitions are valued on representative days; what the whole year differs by is
    shared in proportion to the absolute shares.
    """
    if shares is None or not shares.players or not all(p.feasible for p in plans.values()):
        return ()
    fields = (
        "facility_power_peak_w",
        "cost_usd_per_year",
        "carbon_kg_per_year",
        "energy_wh_per_year",
    )
    total = np.array(
        [getattr(plans["baseline"], field) - getattr(plans["both"], field) for field in fields]
    )
    weight = np.abs(shares.share)
    weight = weight / np.where(weight.sum(axis=0) > 0.0, weight.sum(axis=0), 1.0)
    weight[:, np.abs(shares.share).sum(axis=0) <= 0.0] = 1.0 / len(shares.players)
    parts = shares.share + weight * (total - shares.share.sum(axis=0))
    return tuple(
        Attributed(name, _title(name), *(float(x) for x in row))
        for name, row in zip(shares.players, parts, strict=True)
    )


def _title(name: str) -> str:
    """A player in words: the hardware group, or the name of its one lever."""
    if name in TITLES:
        return TITLES[name]
    members = [lever for lever in levers.all_levers() if player(lever) == name]
    if len(members) == 1:
        return members[0].name
    return (name[:1].upper() + name[1:]).replace("-", " ").replace("Kv ", "KV ")
