"""An asset that stands for years, and the ways to add to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattpath.plan.years.horizon import Year
from wattpath.units import YEAR_S

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to add to an asset.

    Attributes
    ----------
    name : str
        What is bought.
    size : float
        Amount of the asset in one unit [programme].
    whole : bool
        Whether units are whole.
    annual : tuple of float
        Yearly capital of one amount bought in each year [money/year].
    capital_usd : tuple of float
        Purchase of one amount in each year [USD].
    first : int
        First year in which it can stand.
    life : int
        Years that it can stand.
    most : tuple of float
        Units that can be finished for each year [1]; shared by all ways of one `crew`.
    crew : str
        Who builds it; empty if nobody is scarce.
    """

    name: str
    size: float
    whole: bool
    annual: tuple[float, ...]
    capital_usd: tuple[float, ...]
    first: int
    life: int
    most: tuple[float, ...] = ()
    crew: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that stands for years.

    Attributes
    ----------
    kind : str
        ``server``, ``hall``, ``supply`` or ``storage``.
    key, name : str
        Catalogue key, or that of the hall; name for people.
    si : float
        One amount in SI: 1 server, W, or J.
    annual : tuple of float
        Yearly capital that each year's block charges for one amount [money/year].
    standing : tuple of float
        Amount that stands before the first year, without capital, in each year.
    uses : tuple of (columns, amounts)
        For each year the columns that need the asset and how much of it each [programme].
    ways : tuple of Way
        Ways to add to it.
    """

    kind: str
    key: str
    name: str
    si: float
    annual: tuple[float, ...]
    standing: tuple[float, ...]
    uses: tuple[tuple[Index, Floats], ...]
    ways: tuple[Way, ...]


def first_year(years: Sequence[Year], months: float, sold: float = -math.inf) -> int:
    """The first year that begins after a lead time, and not before something is sold.

    Parameters
    ----------
    months : float
        Lead time [months].
    sold : float
        Calendar year of first sale; it counts where the scenario dates its years.
    """
    for year in years:
        if year.months >= months - 1e-9 and (year.calendar is None or year.calendar >= sold):
            return year.index
    return len(years)


def whole_years(life_s: float) -> int:
    """Years that an asset stands, at least one."""
    return max(1, math.floor(life_s / YEAR_S + 1e-9))
