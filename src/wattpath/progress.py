"""How long work tells where it stands: a stage in words, and the share of the whole."""

from __future__ import annotations

from collections.abc import Callable

#: ``report(stage, share)`` with the share from 0 to 1.
Progress = Callable[[str, float], None]


def silent(stage: str, share: float) -> None:
    """Report nothing."""
