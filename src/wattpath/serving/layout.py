"""How one instance of a model is spread over chips."""

from __future__ import annotations

from typing import NamedTuple


class Layout(NamedTuple):
    """Degrees of parallelism of one model instance; every field a float.

    Parameters
    ----------
    tp
        Tensor parallelism of attention, dense and shared feed-forward blocks.
    pp
        Pipeline stages; as many micro-batches are in flight.
    dp
        Attention data-parallel ranks that share one set of experts; 1 without.
    ep
        Ranks over which whole experts are spread. The `tp * dp` chips of a stage hold the
        experts: `ep` ways by expert, the rest by width.
    """

    tp: float = 1.0
    pp: float = 1.0
    dp: float = 1.0
    ep: float = 1.0


def chips(layout: Layout) -> float:
    """Chips of one instance: tp x pp x dp."""
    return layout.tp * layout.pp * layout.dp


def label(layout: Layout) -> str:
    """Short text of a layout: ``tp8``, ``tp4 pp2``, ``dp8 ep8``."""
    parts = [f"{name}{value:.0f}" for name, value in layout._asdict().items() if value > 1.0]
    return " ".join(parts) or "tp1"
