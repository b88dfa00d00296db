"""What a column of a plan is made of, ready to be driven request by request.

A replica answers requests on its own: the workers of one pool that prefill and decode, or
those of a prefill pool and of a decode pool behind it. Several replicas may share a server.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from wattpath import hardware, levers
from wattpath.errors import InputError
from wattpath.hardware import Server
from wattpath.models.shape import Shape
from wattpath.plan.columns.deployment import Deployment
from wattpath.plan.columns.operating import read_label
from wattpath.plan.operate.sharing import ON_LENT
from wattpath.serving import Layout, Traffic
from wattpath.serving import layout as layouts
from wattpath.serving.candidates import Case, at_clock, build_case, clocked, enumerate_layouts
from wattpath.serving.engine import DEFAULT_ENGINE
from wattpath.serving.scan import scan_aggregated, scan_decode, scan_prefill

#: Kinds of pool.
SERVE, PREFILL, DECODE = "serve", "prefill", "decode"


@dataclass(frozen=True, slots=True)
class Pool:
    """Workers alike of one replica.

    Attributes
    ----------
    kind : str
        `SERVE`, or `PREFILL` and `DECODE` of a disaggregated replica.
    case : Case
        Chip at its clock, model, software, engine and traffic.
    clock : float
        Core clock over the usual one [-].
    layout : Layout
        Spread of one worker.
    workers : int
        Of one replica.
    """

    kind: str
    case: Case
    clock: float
    layout: Layout
    workers: int

    @property
    def ranks(self) -> int:
        """Attention ranks of one replica: what a router sends requests to."""
        return self.workers * int(self.layout.dp)

    @property
    def chips_per_rank(self) -> float:
        """Chips that work for one attention rank."""
        return self.layout.tp * self.layout.pp


@dataclass(frozen=True, slots=True)
class Replica:
    """One copy of a model that answers requests, with the software it runs.

    Attributes
    ----------
    label : str
        Layout, as deployments name it.
    levers : tuple of str
        Catalogue keys of the software in force.
    """

    label: str
    levers: tuple[str, ...]
    server: Server
    pools: tuple[Pool, ...]

    @property
    def chips(self) -> float:
        """Chips of one replica."""
        return sum(pool.ranks * pool.chips_per_rank for pool in self.pools)

    @property
    def per_unit(self) -> int:
        """Replicas that share one server; 1 where a replica takes whole servers."""
        return max(1, math.floor(self.server.chips / self.chips + 1e-9))

    @property
    def cell_ranks(self) -> tuple[int, ...]:
        """Ranks of each pool in the smallest part with the replica's own proportions."""
        common = reduce(math.gcd, (pool.ranks for pool in self.pools))
        return tuple(pool.ranks // common for pool in self.pools)

    @property
    def cells(self) -> int:
        """Such parts in one replica."""
        return self.pools[0].ranks // self.cell_ranks[0]


def replica_of(deployment: Deployment, shape: Shape, traffic: Traffic) -> Replica:
    """The replica behind a column for serving.

    Parameters
    ----------
    deployment : Deployment
        Its label names the layout, or ``5 x dp16 ep16 + 1 x dp64 ep64``: prefill and decode
        workers; then its operating point, if levers set one.
    shape : Shape
        The model, before any pruning of the levers.
    traffic : Traffic
        Lengths and limits.

    Raises
    ------
    InputError
        If no known layout has this label.
    """
    label = deployment.label.removesuffix(ON_LENT)
    return replica_named(label, deployment.server, deployment.levers, shape, traffic)


def replica_named(
    name: str, server_key: str, lever_keys: tuple[str, ...], shape: Shape, traffic: Traffic
) -> Replica:
    """The replica of a layout's name, a server and its software (see `replica_of`)."""
    server = hardware.load_server(server_key)
    spread, point = read_label(name)
    settings = levers.apply_serving(levers.by_names(lever_keys), levers.plain_serving())
    settings = settings._replace(**point)
    case = build_case(shape, server, settings, traffic, DEFAULT_ENGINE)
    known = {layouts.label(layout): layout for layout in enumerate_layouts(case)}
    parts = [_workers(part) for part in spread.split(" + ")]
    if any(one not in known for _, one in parts):
        raise InputError("layout", "be a known layout", name)
    kinds = (SERVE,) if len(parts) == 1 else (PREFILL, DECODE)
    pools = tuple(
        _pool(kind, case, known[one], count)
        for kind, (count, one) in zip(kinds, parts, strict=True)
    )
    return Replica(name, lever_keys, server, pools)


def _workers(part: str) -> tuple[int, str]:
    """``5 x dp16 ep16`` as (5, 'dp16 ep16'); without a number one worker."""
    count, times, name = part.partition(" x ")
    return (int(count), name) if times else (1, part)


def _pool(kind: str, case: Case, layout: Layout, workers: int) -> Pool:
    """The pool with its chips at the clock that locks and caps leave them."""
    scans: dict[str, Callable[..., Any]]
    scans = {SERVE: scan_aggregated, PREFILL: scan_prefill, DECODE: scan_decode}
    clock = 1.0 if kind == PREFILL else case.settings.decode_clock
    if case.settings.power_cap < 1.0:
        _, clock = at_clock(case, scans[kind], layout, clock)
    return Pool(kind, replace(case, chip=clocked(case.chip, clock)), clock, layout, workers)
