"""What a fleet's simulation may be told: router, classes, tiers, scaling, failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from wattpath.errors import InputError
from wattpath.serving.events import Outages, Scaling
from wattpath.serving.routing import BY_LENGTH, LEAST_LOADED, ROUTERS, Rules


class Offload(NamedTuple):
    """Memory below a chip's own that keeps KV: prefixes, and preempted sequences.

    Parameters
    ----------
    host_bytes, drive_bytes
        Kept for prefixes in the host's memory and on its drives, for each chip [B].
    host_bytes_s, drive_bytes_s
        Rates at which one chip reads them [B/s].
    swap_bytes
        Kept for preempted sequences in the host's memory, for each chip [B]; 0: they
        compute their tokens anew.

    Notes
    -----
    Writing down is taken as free: it runs beside the computation in the other direction.
    Prefixes come back while others compute; a preempted sequence stops its replica both
    ways, as engines that swap do.
    """

    host_bytes: float = 0.0
    host_bytes_s: float = np.inf
    drive_bytes: float = 0.0
    drive_bytes_s: float = np.inf
    swap_bytes: float = 0.0


NO_OUTAGES = Outages(np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Options:
    """How a fleet is run.

    Attributes
    ----------
    router : int
        A value of `ROUTERS`.
    step_s : float
        Length of an interval of the series [s].
    classes : int
        Priority classes; class 0 goes first and may preempt the others.
    long_tokens, long_replicas
        For the router by length: prompts above so many tokens go to the last so many
        replicas.
    offload : Offload
        KV tiers below the chip.
    scaling : Scaling, optional
        Replicas follow the load; without it, all are always on.
    outages : Outages, optional
        What fails when (see `draw_outages`).
    resend : bool
        Requests in a replica that fails are sent anew and compute what they had anew; else
        they are lost.
    brings_cache : bool
        Requests whose whole prompt is `cached` bring their KV along and decode at once.
    """

    router: int = LEAST_LOADED
    step_s: float = 60.0
    classes: int = 1
    long_tokens: float = np.inf
    long_replicas: int = 0
    offload: Offload = field(default_factory=Offload)
    scaling: Scaling | None = None
    outages: Outages | None = None
    resend: bool = True
    brings_cache: bool = False

    def __post_init__(self) -> None:
        if self.router not in ROUTERS.values():
            raise InputError("router", "be a value of ROUTERS", self.router)
        if not self.step_s > 0.0:
            raise InputError("step_s", "be > 0 s", self.step_s)
        if self.classes < 1:
            raise InputError("classes", "be at least 1", self.classes)
        for name, rate in self.offload._asdict().items():
            if not rate >= 0.0 or (name.endswith("_s") and rate == 0.0):
                raise InputError(f"offload.{name}", "be > 0", rate)


def rules_of(
    options: Options, replicas: int, caching: bool, block_tokens: float, block_bytes: float
) -> Rules:
    """The router's rules for replicas whose blocks take so many bytes on a chip."""
    if options.router == BY_LENGTH and not 0 < options.long_replicas < replicas:
        raise InputError(
            "long_replicas", "be between 1 and one less than all", options.long_replicas
        )
    offload = options.offload
    return Rules(
        router=options.router,
        long_tokens=options.long_tokens,
        long_rank=replicas - options.long_replicas,
        caching=int(caching),
        block_tokens=block_tokens,
        block_bytes=block_bytes,
        host_blocks=int(offload.host_bytes / block_bytes),
        drive_blocks=int(offload.drive_bytes / block_bytes),
        host_block_s=block_bytes / offload.host_bytes_s,
        drive_block_s=block_bytes / offload.drive_bytes_s,
        resend=int(options.resend),
    )


def scaling_of(options: Options, replicas: int) -> Scaling:
    """The scaling in floats; without one, a fleet that never changes."""
    given = options.scaling
    if given is None:
        every = float(replicas)
        return Scaling(every, every, 1.0, 0.0, np.inf, 0.0, 0.0)
    if not 1.0 <= given.least <= given.most <= replicas:
        raise InputError("scaling.least", "be from 1 to most, and most at most all", given.least)
    if not (given.target > 0.0 and given.check_s > 0.0):
        raise InputError("scaling.target", "be > 0, as check_s", given.target)
    return Scaling(*(float(value) for value in given))


def draw_outages(
    replicas: int, mtbf_s: float, repair_s: float, until_s: float, seed: int
) -> Outages:
    """Failures of replicas at random: exponential times between them and for their repair.

    Parameters
    ----------
    replicas : int
        Each fails on its own.
    mtbf_s, repair_s : float
        Mean time from a repair to the next failure, and mean time of a repair [s]; an
        infinite `mtbf_s`: nothing fails.
    until_s : float
        No failure begins after this [s].
    seed : int
        The same seed, the same failures.
    """
    if not mtbf_s > 0.0 or not repair_s >= 0.0:
        raise InputError("mtbf_s", "be > 0 s, and repair_s >= 0 s", mtbf_s)
    rows = []
    for rank in range(replicas if np.isfinite(mtbf_s) else 0):
        random, when = np.random.default_rng([seed, rank]), 0.0
        while True:
            when += random.exponential(mtbf_s)
            if when > until_s:
                break
            until = when + random.exponential(repair_s)
            rows.append((when, rank, until))
            when = until
    if not rows:
        return NO_OUTAGES
    when_s, ranks, until_all = (np.array(one) for one in zip(*sorted(rows), strict=True))
    return Outages(when_s, ranks.astype(np.int64), until_all)
