"""The saving of a plan, split among its players: who takes part, and rows that add up."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from wattpath import levers
from wattpath.plan.attribution import EXACT_PLAYERS, Split, split
from wattpath.plan.coalitions import Coalitions, Halves
from wattpath.plan.columns.leversets import player
from wattpath.plan.operate.adoption import PLACE, SHIFTING
from wattpath.plan.operate.provisioning import OVERSUBSCRIPTION
from wattpath.plan.operate.response import RESPONSE
from wattpath.plan.optimise import HARDWARE, SUPPLY, Optimiser
from wattpath.plan.result import Attributed, Outcome
from wattpath.progress import Progress

Floats = NDArray[np.float64]
#: Titles of the hardware players in the split.
TITLES = {"chips": "Chips and servers", "cooling": "Cooling", "supply": "Power supply"}


def able(days: Optimiser, players: frozenset[str]) -> tuple[str, ...]:
    """The players that have anything to offer: a column, a technology or work to shift."""
    found = {player for slot in days.compute.slots for player in slot.players}
    if set(days.supply.capacity) - days.parts.base_supply:
        found.add(SUPPLY)
    if any(need.movable > 0.0 and not need.of for need in days.parts.needs):
        found.add(SHIFTING)
    if any(PLACE in need.once for need in days.parts.needs) and days.imports:
        found.add(PLACE)
    if days.relief.size and days.parts.oversubscription > 1.0:
        found.add(OVERSUBSCRIPTION)
    if days.called.any():
        found.add(RESPONSE)
    software = sorted((players & found) - set(HARDWARE))
    return (*software, *(name for name in HARDWARE if name in found))


def coalitions_of(days: Optimiser, names: tuple[str, ...], part: str = "") -> Coalitions:
    """The coalitions of some players, in a programme of their own."""
    return Coalitions(Optimiser(days.parts, days.compute.slots, days.periods), names, part)


def split_saving(days: Optimiser, players: frozenset[str], seed: int, progress: Progress) -> Split:
    """Shapley's split of the saving in facility peak, cost, carbon, energy and water."""
    names = able(days, players)
    if len(names) > EXACT_PLAYERS:
        told = partial(progress, f"Splitting the saving among {len(names)} players, sampled")
        return split(names, coalitions_of(days, names).value, seed=seed, progress=told)
    coalitions = Halves(partial(coalitions_of, days, names))

    def solved(share: float) -> None:
        done = round(share * coalitions.count)
        said = f"Splitting the saving ({done:,} of {coalitions.count:,} coalitions)"
        progress(said, share)

    coalitions.solve_all(solved)
    return split(names, coalitions.value, seed=seed)


def attributed(shares: Split | None, plans: dict[str, Outcome]) -> tuple[Attributed, ...]:
    """The split as rows that add up, in each quantity, to baseline minus both.

    The coalitions are valued on representative days (see `adding_up`).
    """
    if shares is None or not shares.players or not all(p.feasible for p in plans.values()):
        return ()
    fields = (
        "facility_power_peak_w",
        "cost_usd_per_year",
        "carbon_kg_per_year",
        "energy_wh_per_year",
        "water_m3_per_year",
    )
    total = [getattr(plans["baseline"], field) - getattr(plans["both"], field) for field in fields]
    parts = adding_up(shares.share, np.array(total))
    return tuple(
        Attributed(name, title_of(name), *(float(x) for x in row))
        for name, row in zip(shares.players, parts, strict=True)
    )


def adding_up(share: Floats, total: Floats) -> Floats:
    """Shares [players, quantities] that add up to a total: what is missing is shared in
    proportion to the absolute shares."""
    weight = np.abs(share)
    weight = weight / np.where(weight.sum(axis=0) > 0.0, weight.sum(axis=0), 1.0)
    weight[:, np.abs(share).sum(axis=0) <= 0.0] = 1.0 / len(share)
    return np.asarray(share + weight * (total - share.sum(axis=0)))


def title_of(name: str) -> str:
    """A player in words: the hardware group, or the name of its one lever."""
    if name in TITLES:
        return TITLES[name]
    members = [lever for lever in levers.all_levers() if player(lever) == name]
    if len(members) == 1:
        return members[0].name
    return (name[:1].upper() + name[1:]).replace("-", " ").replace("Kv ", "KV ")
