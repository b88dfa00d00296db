"""Serving: what an instance of a model delivers at a service level, and at what power."""

from wattpath.serving.candidates import Reachable, best_reachable, candidates
from wattpath.serving.engine import DEFAULT_ENGINE, Engine, load_engine
from wattpath.serving.layout import Layout
from wattpath.serving.result import Refusal, ServingPoint, ServingResult
from wattpath.serving.traffic import Traffic

__all__ = [
    "DEFAULT_ENGINE",
    "Engine",
    "Layout",
    "Reachable",
    "Refusal",
    "ServingPoint",
    "ServingResult",
    "Traffic",
    "best_reachable",
    "candidates",
    "load_engine",
]
