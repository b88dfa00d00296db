"""What stands and what may change: good practice, options, grid, carbon, limits, years."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wattpath.plan.part import Name, Part
from wattpath.plan.quantities import (
    CarbonIntensity,
    CarbonPrice,
    EnergyPrice,
    Mass,
    Measure,
    Power,
    Volume,
)


class Baseline(Part):
    """Current good practice, which the baseline plan may only multiply."""

    server: Name
    """The server that is bought today."""
    cooling: Name
    """The cooling system of its halls."""
    electrical: Name
    """The electrical chain of its halls."""
    supply: list[Name] = Field(min_length=1)
    """Supply technologies in use."""
    levers: list[Name] = []
    """Software that is already on."""
    standing_hall: Power | None = None
    """IT power that a hall of this kind can take today."""


class Options(Part):
    """What the other plans may choose from, beside the baseline's own."""

    servers: list[Name] = []
    """Further servers: blue and both."""
    cooling: list[Name] = []
    """Further cooling systems: blue and both."""
    electrical: list[Name] = []
    """Further electrical chains: blue and both."""
    supply: list[Name] = []
    """Further supply technologies: blue and both."""
    levers: list[Name] = []
    """Further software: red and both."""


class Grid(Part):
    """The connection: its limit, what stands already, and price or carbon of its own."""

    limit: Power | None = None
    """Most that the connection may ever carry; without it, the site's own limit."""
    limits: list[Power] = []
    """Instead of `limit`: most that it may carry in each year; the last one goes on."""
    existing: Power | None = None
    """Connection that stands today and needs no lead time."""
    price: EnergyPrice | None = None
    """Mean price; without it, the site's own. The site's hourly shape stays."""
    carbon: CarbonIntensity | None = None
    """Mean emissions; without it, the site's own."""
    price_file: Name | None = None
    """A file beside the scenario with the price of each of the 8,760 hours."""


class Carbon(Part):
    """A price on every tonne, and a cap on the year's emissions of supply."""

    price: CarbonPrice = 0.0
    """Added to the cost that is minimised."""
    cap: Mass | None = None
    """Most that supply may emit in a year."""


class Limits(Part):
    """Ceilings on what the site may draw, beside those of grid and carbon."""

    facility_power: Power | None = None
    """Most that the facility may draw in any hour, whatever supplies it."""
    water: Volume | None = None
    """Most water that cooling and generation may consume on the site in a year."""


class Finance(Part):
    """How money now and money each year are made comparable."""

    discount_rate: Annotated[float, Measure("number", most=0.5, limit="0.5")] = 0.08
    """Real cost of capital a year."""


class Horizon(Part):
    """The years that are planned together; the first begins after `months_available`."""

    years: Annotated[int, Field(ge=1, le=20)] = 1
    """How many years; with one, a single year stands for all."""
    start: Annotated[int, Field(ge=2020, le=2060)] | None = None
    """Calendar year of the first one: a chip is bought no sooner than it is sold."""
    server_price_change: Annotated[float, Measure("number", least=-0.5, most=0.5)] = 0.0
    """Change of the price of the same server from year to year, beside inflation."""
    modules: list[Name] = []
    """Units that halls are built in, whole and at the pace of their crews; else any size."""
    crews: Annotated[int, Field(ge=1, le=10000)] | None = None
    """Crews that build those units side by side; without it, the catalogue's."""
