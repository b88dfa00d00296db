r"""Halls that are built for a share of the servers' rating, and more servers under the same limit.

Where the baseline states a share p, a hall must carry that share of the rated power R of its
servers, however little they draw; the lever lets it carry less by the factor o:

.. math:: p \sum_k n_k R_k - r \le C, \qquad 0 \le r \le (1 - 1 / o) \, p \sum_k n_k R_k

where the units n of the second bound are those that a controller caps, each of which pays its part
of the lever's one-off work; and the highest power that is really drawn stays a bound of its own,
so that no limit is ever exceeded. Without a share, halls are sized by what is drawn, which is
what a site with managed power does already, and there is nothing for the lever to win.

Where it breaks down: servers are taken to be capped in time when all peak together; training
peaks together by its nature, so its own drawn peak is what bounds there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.columns.deployment import Deployment

if TYPE_CHECKING:
    from wattpath.hardware import Server
    from wattpath.plan.compute import ComputeBlock
    from wattpath.supply.program import Program

Index = NDArray[np.int64]

#: The player, and the key of its lever.
OVERSUBSCRIPTION = "oversubscription"


def rated(
    columns: Iterable[Deployment], server: Server, share: float | None, it_power_factor: float
) -> list[Deployment]:
    """Columns with the power that halls provide for them by their rating.

    Parameters
    ----------
    columns : iterable of Deployment
        All on this server.
    server : Server
    share : float or None
        Of the rating that halls are built for [-]; None where they are sized by what is drawn.
    it_power_factor : float
        IT power over that of the servers: network and storage [-].
    """
    each = 0.0 if share is None else share * server.peak_w * it_power_factor
    return [replace(column, rated_w=column.servers * each) for column in columns]


def add_provision(
    program: Program, block: ComputeBlock, factor: float, once_usd: float = 0.0
) -> Index:
    """Rows that hold halls to the rating of their servers; the columns that relax them.

    Parameters
    ----------
    program : Program
    block : ComputeBlock
    factor : float
        Servers under a limit over those that it is rated for [-].
    once_usd : float
        What the lever costs a year for all of a demand: the units whose rating is taken less
        than in full pay their part [USD/year].
    """
    found: list[Index] = []
    for hall in range(len(block.halls)):
        members = [
            i for i, s in enumerate(block.slots) if s.hall == hall and s.deployment.rated_w > 0.0
        ]
        if members:
            found.append(_add_hall(program, block, hall, members, factor, once_usd))
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _add_hall(
    program: Program,
    block: ComputeBlock,
    hall: int,
    members: Sequence[int],
    factor: float,
    once_usd: float,
) -> Index:
    name = block.halls[hall].key
    unit = block.scale.power_w / block.halls[hall].it_share
    each = np.array([block.slots[i].deployment.rated_w for i in members]) / unit
    units = block.units[list(members)]
    relief = program.variables(f"{block.prefix}relief of {name}", 1)
    rows = program.rows(f"{block.prefix}provision of {name}", 2, upper=0.0)
    program.add(rows[0], units, each)
    program.add(rows[0], relief, -1.0)
    for column in (block.capacity[hall], block.standing[hall]):
        program.add(rows[0], int(column), -1.0)
    program.add(rows[1], relief, 1.0)
    program.add(rows[1], _capped(program, block, members, once_usd, name), each / factor - each)
    return np.asarray(relief)


def _capped(
    program: Program, block: ComputeBlock, members: Sequence[int], once_usd: float, name: str
) -> Index:
    """Units under a controller that caps them, each with its part of what that costs."""
    if once_usd <= 0.0:
        return np.asarray(block.units[list(members)])
    rate = {need.name: need.rate * need.multiple for need in block.needs}
    own = [block.slots[i].deployment for i in members]
    share = np.array([column.capacity / rate[column.need] for column in own])
    cost = share * once_usd / block.scale.money_usd
    capped = program.variables(f"{block.prefix}capped in {name}", len(own), cost=cost)
    within = program.rows(f"{block.prefix}capped of the units in {name}", len(own), upper=0.0)
    program.add(within, capped, 1.0)
    program.add(within, block.units[list(members)], -1.0)
    block.adopted.setdefault(OVERSUBSCRIPTION, []).append(capped)
    return capped
