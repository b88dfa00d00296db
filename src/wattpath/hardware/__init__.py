"""Hardware: work in, seconds and watts out.

A chip is its data sheet plus the calibrated constants of its family; kernels are timed on
a smooth roofline, collectives on the tiers of the network, power between idle and limit.
"""

from wattpath.hardware.chip import Chip, ChipEvidence, describe, load_chip, native_bits
from wattpath.hardware.server import Server, load_server

__all__ = ["Chip", "ChipEvidence", "Server", "describe", "load_chip", "load_server", "native_bits"]
