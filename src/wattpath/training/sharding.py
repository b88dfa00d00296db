"""What data-parallel ranks share out and exchange: gradients, weights, optimiser state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from wattpath.hardware.collectives import all_gather_s
from wattpath.hardware.kernels import memory_s
from wattpath.training.network import gradient_s

if TYPE_CHECKING:
    from wattpath.hardware import Chip
    from wattpath.training.layertimes import LayerTimes
    from wattpath.training.layout import Layout
    from wattpath.training.trainer import Trainer


@njit(cache=True)
def shard_ranks(layout: Layout) -> float:
    """Ranks over which optimiser state (and more, by `zero`) is shared out."""
    ranks = layout.dp * layout.cp
    return min(ranks, layout.shard) if layout.shard > 0.0 else ranks


@njit(cache=True)
def expert_replicas(layout: Layout) -> float:
    """Ranks that keep a copy of the same experts."""
    return max(1.0, layout.tp * layout.dp * layout.cp / (layout.ep * layout.expert_tp))


@njit(cache=True)
def sync_s(
    chip: Chip, trainer: Trainer, layout: Layout, dense: float, expert: float
) -> tuple[float, float]:
    """Seconds of summing gradients and of spreading new weights, where zero < 3."""
    ranks, replicas = layout.dp * layout.cp, expert_replicas(layout)
    stride, wide = layout.tp, layout.ep * layout.expert_tp
    width = trainer.reduce_bytes
    reduce = 0.0
    if layout.zero < 2.0:
        reduce = gradient_s(chip, width * dense, ranks, stride, layout.zero)
        reduce += gradient_s(chip, width * expert, replicas, wide, layout.zero)
    spread = 0.0
    if layout.zero > 0.5:
        spread = all_gather_s(chip, 2.0 * dense, ranks, stride)
        spread += all_gather_s(chip, 2.0 * expert, replicas, wide)
    return reduce, spread


@njit(cache=True)
def layer_gather_s(
    chip: Chip, trainer: Trainer, layout: Layout, times: LayerTimes
) -> tuple[float, float]:
    """Seconds per micro-batch of gathering one layer's weights and scattering its gradients.

    Ranks that keep only a share of the gradients (zero 2) must scatter them every
    micro-batch; those that keep only a share of the weights (zero 3) gather them as well.
    """
    if layout.zero < 2.0:
        return 0.0, 0.0
    ranks = shard_ranks(layout)
    replicas = min(ranks, expert_replicas(layout))
    stride, wide = layout.tp, layout.ep * layout.expert_tp
    gather = 0.0
    if layout.zero >= 3.0:
        gather = all_gather_s(chip, 2.0 * times.dense, ranks, stride)
        gather += all_gather_s(chip, 2.0 * times.expert, replicas, wide)
    scatter = all_gather_s(chip, trainer.reduce_bytes * times.dense, ranks, stride)
    scatter += all_gather_s(chip, trainer.reduce_bytes * times.expert, replicas, wide)
    groups = layout.dp * layout.cp / ranks
    if groups > 1.0:  # hybrid sharding sums the shards over groups as well
        part = trainer.reduce_bytes * times.dense / ranks
        scatter += gradient_s(chip, part, groups, layout.tp * ranks, 0.0)
    return gather, scatter


@njit(cache=True)
def optimizer_s(
    chip: Chip,
    trainer: Trainer,
    layout: Layout,
    dense: float,
    expert: float,
    host_bytes_s: float,
) -> float:
    """Seconds of the optimiser: state read and written, gradients read, weights written."""
    if layout.zero > 0.5:
        ranks = shard_ranks(layout)
        held = dense / ranks + expert / min(ranks, expert_replicas(layout))
    else:
        held = dense + expert
    nbytes = 2.0 * trainer.state_bytes + trainer.gradient_bytes + 2.0
    away = layout.offload * held * 2.0 * trainer.state_bytes / max(1.0, host_bytes_s)
    return memory_s(chip, nbytes * held * trainer.optimizer_passes) + away
