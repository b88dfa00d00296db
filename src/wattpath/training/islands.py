r"""One run in islands that exchange what they learnt only every so many steps.

With low-communication training a cluster of N chips works as S islands of N / S chips with S-th
parts of the batch. Inside an island gradients are summed every step; between islands the change
of the weights is exchanged at the share of that traffic which the lever leaves, over the fabric
here, over a wide-area network between sites (`wattpath.training.sites`).

Where it breaks down: all islands are equally fast, and wait for one another at each exchange;
each island must hold a whole replica with its optimiser's state, beside the weights of the last
exchange, which lie in host memory; what the exchange does to the loss is the lever's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wattpath.models import parameter_count
from wattpath.training.deployment import (
    TrainingPoint,
    TrainingResult,
    TrainingRun,
    checkpoint_bytes,
    trainer_for,
)
from wattpath.training.deployment import candidates as whole
from wattpath.training.goodput import goodput
from wattpath.training.sites import SiteSync, load_sync, several_sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wattpath.hardware import Server
    from wattpath.levers.settings import TrainingSettings
    from wattpath.models import Shape

#: Islands tried; published work supports up to eight.
ISLANDS = (2, 8)

#: One-way latency between islands of one site [s].
FABRIC_LATENCY_S = 20e-6


def sync_of(settings: TrainingSettings) -> SiteSync:
    """How replicas keep in step: every step, or the exchange that the lever leaves.

    Its loss is the lever's own, so no further tokens are counted.
    """
    every = load_sync("synchronous")
    if settings.site_traffic >= 1.0:
        return every
    return every._replace(inner_steps=1.0 / settings.site_traffic, overlap=0.0, token_factor=1.0)


def candidates(
    shape: Shape,
    run: TrainingRun,
    server: Server,
    settings: TrainingSettings,
    chips: Sequence[float],
) -> TrainingResult:
    """The best layouts of a run on clusters of given sizes, in islands where the lever is on.

    Parameters as of `wattpath.training.deployment.candidates`; sizes that islands do not divide
    into whole servers are answered as one cluster.
    """
    if settings.site_traffic >= 1.0:
        return whole(shape, run, server, settings, chips)
    results = [_best(shape, run, server, settings, float(size)) for size in chips]
    return TrainingResult(
        [point for result in results for point in result.points],
        [refusal for result in results for refusal in result.refused],
        sum(result.beaten for result in results),
        sum(result.bounded for result in results),
    )


def _best(
    shape: Shape, run: TrainingRun, server: Server, settings: TrainingSettings, size: float
) -> TrainingResult:
    """The number of islands with which a cluster makes the most tokens."""
    found = [
        _apart(shape, run, server, settings, size, count)
        for count in ISLANDS
        if size % (count * server.chips) == 0.0
    ]
    found = found or [whole(shape, run, server, settings, [size])]
    return max(found, key=lambda result: max((p.tokens_per_s for p in result.points), default=0.0))


def _apart(
    shape: Shape,
    run: TrainingRun,
    server: Server,
    settings: TrainingSettings,
    size: float,
    count: int,
) -> TrainingResult:
    """A cluster as so many islands, each with its part of the batch."""
    part = run._replace(global_batch_tokens=run.global_batch_tokens / count)
    result = whole(shape, part, server, settings, [size / count])
    weights = float(parameter_count(shape).total)
    chip, sync = server.chip, sync_of(settings)
    fabric = size / count * chip.scaleout_bytes_s * chip.scaleout_eff
    good = goodput(
        size, checkpoint_bytes(shape, trainer_for(server, settings)),
        downtime_factor=settings.downtime_factor,
    )  # fmt: skip
    points = []
    for point in result.points:
        joint = several_sites(
            point.step_s, weights, count, fabric, sync, latency_s=FABRIC_LATENCY_S
        )
        points.append(_joined(point, run, count, joint.step_s / point.step_s, good.share))
    return replace(result, points=points)


def _joined(
    point: TrainingPoint, run: TrainingRun, count: int, longer: float, useful: float
) -> TrainingPoint:
    """The whole run of one island's point whose steps take so much longer.

    A stop of any island holds up all of them, so the useful share of time is that of all chips.
    """
    rate = point.tokens_per_s * count / longer * useful / point.goodput
    seconds = run.tokens / rate
    return replace(
        point,
        chips=point.chips * count,
        dp=point.dp * count,
        step_s=point.step_s * longer,
        tokens_per_s=rate,
        goodput=useful,
        mfu=point.mfu / longer,
        days=seconds / 86400.0,
        energy_j=seconds * point.chips * count * point.chip_mean_w,
        label=f"{point.label}, {count} islands",
    )
