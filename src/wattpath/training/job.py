"""What one training step must do, whatever the layout."""

from __future__ import annotations

from typing import NamedTuple


class Job(NamedTuple):
    """What one step must do and the number formats it does it in; every field is a float.

    Parameters
    ----------
    sequence
        Length of one sequence [token].
    batch
        Sequences of one step over all chips.
    gemm_bits
        Width of the layers' matrix products [bit].
    dispatch_bytes
        Bytes of one number sent to an expert.
    flop_factor
        Matrix work relative to the plain model (a lever's change of the recipe).
    power_cap
        Cap on chip power as a fraction of its rated power.
    host_bytes_s
        One-way rate between a chip and host memory [B/s], for what a layout keeps there.
    host_issue
        Time of the host to issue kernels relative to hosts on PCIe.
    """

    sequence: float
    batch: float
    gemm_bits: float = 16.0
    dispatch_bytes: float = 2.0
    flop_factor: float = 1.0
    power_cap: float = 1.0
    host_bytes_s: float = 0.0
    host_issue: float = 1.0
