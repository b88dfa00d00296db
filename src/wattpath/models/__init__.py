"""Model architectures and the work they cause: parameters, FLOPs, bytes and KV bytes."""

from wattpath.models.architecture import Architecture
from wattpath.models.card import ModelCard, describe
from wattpath.models.config import read_config
from wattpath.models.geometry import Geometry
from wattpath.models.loading import load
from wattpath.models.parameters import ParameterCount, parameter_count
from wattpath.models.shape import Shape
from wattpath.models.shrink import shrink

__all__ = [
    "Architecture",
    "Geometry",
    "ModelCard",
    "ParameterCount",
    "Shape",
    "describe",
    "load",
    "parameter_count",
    "read_config",
    "shrink",
]
