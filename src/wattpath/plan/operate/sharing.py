r"""Servers that idle in serving's quiet hours, lent to work that may wait.

For every flexible demand f and every rhythm u(t) of interactive demands, a further need stands
in the programme: f's work on servers of those demands. Its units claim servers of the same kind
in the same hall, and may run in each hour at most at

.. math:: a(t) = \sigma \, (1 - u(t) / \max u), \qquad
    \sum_j l_j s_j \le \sum_k n_k s_k, \qquad w_j \le \bar a \, l_j c_j

with the catalogue's share :math:`\sigma`, lent units l of s servers and capacity c, units n of
the lenders, and work w. So in every hour what serves and what borrows together use no more
servers than stand, and the reserve above the busiest hour is never lent. The servers' idle power
is the lender's; what borrows adds the rest. Each day a lent server changes hands twice, and does
nothing for the swap time s:

.. math:: \bar a = \min_{days} \frac{1}{24} \Big[ \sum_t a(t) - 2 \frac{s}{3600} \max_t a(t) \Big]

Lent work is the same on every day, and moves freely within it.

Where it breaks down: training on lent servers is taken to speed up in proportion, which holds
for whole data-parallel replicas; the swap is counted once a day for each server, as for a
rhythm with one peak; bursts within an hour are covered by the lender's spare alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wattpath import hardware, levers
from wattpath.economics import yearly_capital_usd
from wattpath.plan.compute import DAY, ComputeBlock, Index, Need, Slot
from wattpath.plan.prices import Prices
from wattpath.units import HOUR_S

if TYPE_CHECKING:
    from wattpath.plan.scenario import Scenario
    from wattpath.supply.program import Program

#: The player, and the key of its lever.
SHARING = "capacity-sharing"

#: Times a day that a lent server changes hands.
SWAPS = 2.0


#: Ends the label of work on lent servers.
ON_LENT = ", on lent servers"

#: Lenders, server and hall of a row that says how many servers may be lent.
Place = tuple[tuple[str, ...], str, int]


def shares(scenario: Scenario) -> bool:
    """Whether the scenario offers to lend servers."""
    return SHARING in (*scenario.baseline.levers, *scenario.options.levers)


def lent_needs(needs: Sequence[Need], share: float, swap_s: float) -> tuple[Need, ...]:
    """A need for each flexible demand on the servers of each rhythm.

    Parameters
    ----------
    needs : sequence of Need
        The scenario's own.
    share : float
        Part of the idle servers that may be lent [-].
    swap_s : float
        Time that a server does nothing when it changes hands [s].
    """
    lenders: dict[bytes, list[Need]] = {}
    for need in needs:
        if not need.flexible:
            lenders.setdefault((need.load / need.load.max()).round(9).tobytes(), []).append(need)
    found = []
    for group in lenders.values():
        load = group[0].load
        able = share * (1.0 - load / load.max())
        days = able.reshape(-1, DAY)
        lost = SWAPS * swap_s / HOUR_S * days.max(axis=1)
        duty = float((days.sum(axis=1) - lost).min()) / DAY
        effort = float(days.sum(axis=1).min()) / DAY / duty if duty > 0.0 else 1.0
        names = tuple(need.name for need in group)
        for need in needs:
            if need.flexible and duty > 0.0:
                found.append(
                    replace(
                        need, name=f"{need.name} on servers of {', '.join(names)}", of=need.name,
                        lenders=names, load=able, movable=1.0, shed=0.0, duty=duty, effort=effort,
                    )
                )  # fmt: skip
    return tuple(found)


def lent_slots(
    scenario: Scenario, needs: Sequence[Need], slots: Sequence[Slot], prices: Prices
) -> tuple[Slot, ...]:
    """Flexible work in the places of servers of the same kind that its lenders may have.

    What runs there costs no server, only its part of the lever's one-off work.
    """
    lever = levers.load(SHARING)
    base = SHARING in scenario.baseline.levers
    own_work = lever.one_off
    once = prices.book.one_off_usd(own_work.chip_s.value, own_work.person_months.value)
    once = 0.0 if base else once
    servers = {slot.deployment.server for slot in slots}
    lives = {key: hardware.load_server(key).life_s for key in servers}
    found: dict[Slot, None] = {}
    for need in needs:
        places = {(s.deployment.server, s.hall) for s in slots if s.deployment.need in need.lenders}
        for slot in slots:
            own = slot.deployment
            if own.need != need.of or (own.server, slot.hall) not in places:
                continue
            a_year = yearly_capital_usd(1.0, lives[own.server], prices.book.rate)
            repaid = own.capacity * need.duty / need.rate * once * a_year
            repaid += own.once_usd_per_year * need.duty
            lent = replace(
                own, need_name=need.name, label=f"{own.label}{ON_LENT}", chips=0.0,
                idle_w=0.0, full_w=own.full_w - own.idle_w, rated_w=0.0,
                cost_usd_per_year=repaid, once_usd_per_year=repaid,
                lead_time_s=max(own.lead_time_s, 0.0 if base else lever.adopt_s),
                capital_usd=repaid / a_year, embodied_kg_per_year=0.0,
            )  # fmt: skip
            extra = frozenset() if base else frozenset({SHARING})
            found[Slot(lent, slot.hall, slot.players | extra)] = None
    return tuple(found)


def add_pools(program: Program, block: ComputeBlock) -> dict[Place, int]:
    """Lent units claim no more servers of a kind in a hall than their lenders have there."""
    found: dict[Place, int] = {}
    for names in dict.fromkeys(need.lenders for need in block.needs if need.lenders):
        own, lent = _places(block, set(names)), _places(block, _borrowers(block, names))
        for (server, hall), members in lent.items():
            label = f"{block.prefix}lent {server} of {', '.join(names)} in {block.halls[hall].key}"
            row = program.rows(label, 1, upper=0.0)
            program.add(row, block.units[members], _servers(block, members))
            lending: Sequence[int] | Index = own.get((server, hall), [])
            program.add(row, block.units[lending], -_servers(block, lending))
            found[names, server, hall] = int(row[0])
    return found


def _borrowers(block: ComputeBlock, names: tuple[str, ...]) -> set[str]:
    return {need.name for need in block.needs if need.lenders == names}


def _places(block: ComputeBlock, needs: set[str]) -> dict[tuple[str, int], Index]:
    """Server and hall -> the slots of some needs there."""
    found: dict[tuple[str, int], list[int]] = {}
    for index, slot in enumerate(block.slots):
        if slot.deployment.need in needs:
            found.setdefault((slot.deployment.server, slot.hall), []).append(index)
    return {place: np.array(members, dtype=np.int64) for place, members in found.items()}


def _servers(block: ComputeBlock, members: Index | Sequence[int]) -> np.ndarray:
    return np.array([block.slots[i].deployment.servers for i in members])
