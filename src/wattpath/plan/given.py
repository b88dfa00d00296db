"""What stands and what may change: good practice, options, grid, carbon, limits, years."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from wattpath.plan.part import Name, Part
from wattpath.plan.quantities import (
    SEPARATOR,
    CarbonIntensity,
    CarbonPrice,
    EnergyPrice,
    Mass,
    Measure,
    Power,
    Share,
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
    provisioning: Share | None = None
    """Share of its servers' rated power that a hall must carry; else what they draw at most."""


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
    refits: list[Name] = []
    """Cooling systems that the standing hall may be given instead of its own: blue and both."""


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
    exchange_rate: Annotated[float, Measure("number", most=100.0, above=True)] | None = None
    """US dollars per unit of the price file's money; else the catalogue's mean of its year."""
    carbon_file: Name | None = None
    """A file beside the scenario with the carbon of each hour, average or marginal."""
    curtailed_hours: Annotated[float, Measure("number", most=4000.0)] = 0.0
    """Hours a year, the dearest, in which an agreement lets the utility call the grid off."""
    curtailed_months: Annotated[float, Measure("number", most=360.0)] | None = None
    """Months to a new connection under that agreement; without it, those of the site."""
    outage_hours: Annotated[float, Measure("number", most=1000.0)] = 0.0
    """Hours a year in which the grid fails and own supply must stand for all of the load."""

    @model_validator(mode="after")
    def _agreed(self) -> Grid:
        if self.curtailed_months is not None and self.curtailed_hours <= 0.0:
            raise ValueError(
                f"have curtailed_hours above 0 beside curtailed_months{SEPARATOR}"
                "For example grid: {curtailed_hours: 100, curtailed_months: 18}."
            )
        return self

    @model_validator(mode="after")
    def _one_series(self) -> Grid:
        for key in ("price", "carbon"):
            if getattr(self, key) is not None and getattr(self, f"{key}_file") is not None:
                raise ValueError(
                    f"have either {key} or {key}_file{SEPARATOR}The file holds every hour."
                )
        return self


class OtherSite(Part):
    """A site beside the scenario's own, for work that may wait: batch, parts of a training run."""

    site: Name
    """A site of the catalogue."""
    power: Annotated[float, Measure("power", above=True)]
    """Connection that stands there and is free for this work."""
    network: Annotated[float, Measure("data rate", most=1e14, above=True, limit="100 TB/s")]
    """Rate out of and into each site, between the two."""


class Carbon(Part):
    """A price on every tonne, a cap on the year's emissions of supply, and clean shares."""

    price: CarbonPrice = 0.0
    """Added to the cost that is minimised."""
    cap: Mass | None = None
    """Most that supply may emit in a year."""
    scope: Literal["direct", "life-cycle"] = "direct"
    """Which carbon of plants counts for price and cap; the grid's is that of its output."""
    grid: Literal["average", "marginal"] = "average"
    """Carbon of the grid: of all its generation, or of what answers one more MWh."""
    carbon_free_share: Share = 0.0
    """Least share of the load met without fossil power hour by hour (24/7 matching)."""
    matched_share: Annotated[float, Measure("number", most=2.0)] = 0.0
    """Least carbon-free energy of the year, the grid's mix left out, over the load's (annual)."""


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
