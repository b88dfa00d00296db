"""Software changes as transformations of the terms a roofline sees, with evidence."""

from wattpath.levers.settings import OperationSettings, ServingSettings, TrainingSettings

__all__ = ["OperationSettings", "ServingSettings", "TrainingSettings"]
