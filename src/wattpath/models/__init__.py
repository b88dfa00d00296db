"""Model architectures and the work they cause: parameters, FLOPs, bytes and KV bytes."""

from wattpath.models.shape import Shape

__all__ = ["Shape"]
