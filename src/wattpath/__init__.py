"""Wattpath: plan AI compute from token to grid.

>>> import wattpath
>>> result = wattpath.plan("examples/enterprise.yaml")  # doctest: +SKIP
>>> result.replaceable_share["power"]                    # doctest: +SKIP

`plan` answers a scenario, `load_scenario` only reads one, `model` describes a network,
`catalog` holds every sourced number. Importing the package loads none of the heavy
libraries; each call loads what it needs. Compiled kernels are kept in a folder of their own
(see `wattpath.kernelcache`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wattpath import catalog, errors, kernelcache

if TYPE_CHECKING:
    from wattpath.models import ModelCard
    from wattpath.plan.front import Overrides, Source
    from wattpath.plan.front import answer as plan
    from wattpath.plan.scenario import Scenario
else:
    from wattpath import plan

__version__ = "0.1.0"

kernelcache.use(Path(__file__).parent)

__all__ = ["__version__", "catalog", "errors", "load_scenario", "model", "plan"]


def load_scenario(file: Source, overrides: Overrides = None) -> Scenario:
    """Read and validate a scenario file without answering it.

    Parameters
    ----------
    file : str, Path or mapping
        A scenario file, or its content.
    overrides : sequence of str, or mapping, optional
        Such as ``["grid.limit=200 MW"]`` or ``{"grid.limit": "200 MW"}``.

    Raises
    ------
    InputError
        One sentence: path, constraint, value, hint.
    """
    from wattpath.plan import front

    return front.load_scenario(file, overrides)


def model(name: str | Path) -> ModelCard:
    """Parameters, work and memory of a network.

    Parameters
    ----------
    name : str or Path
        A name of the catalogue, or a Hugging Face ``config.json``.

    Raises
    ------
    InputError
        If the name is unknown or the file's architecture is.
    """
    from wattpath import models

    text = str(name)
    read = text.endswith(".json") or Path(text).is_file()
    return models.describe(models.read_config(name) if read else models.load(text))
