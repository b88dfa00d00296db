"""The facility: weather, psychrometrics, cooling systems and the electrical chain.

It turns IT power and weather into facility power, heat and water, hour by hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wattpath.facility.comparison import Comparison, compare_cooling
    from wattpath.facility.cooling import Cooling, load_cooling
    from wattpath.facility.electrical import Electrical, load_electrical
    from wattpath.facility.hourly import (
        FacilityHours,
        FacilityRun,
        performance,
        simulate,
    )
    from wattpath.facility.modules import BuildOut, Module, build_out, load_module, modules_for
    from wattpath.facility.readers import read_epw, read_tmy3
    from wattpath.facility.reliability import Availability, availability
    from wattpath.facility.retrofit import Retrofit, refit, refit_from
    from wattpath.facility.reuse import HeatReuse, heating_demand, reuse_heat, reuse_of_run
    from wattpath.facility.stations import load_weather, stations
    from wattpath.facility.swings import Swings, ride_swings
    from wattpath.facility.weather import Weather

_HOMES = {
    "Availability": "reliability",
    "BuildOut": "modules",
    "Module": "modules",
    "build_out": "modules",
    "Swings": "swings",
    "ride_swings": "swings",
    "Retrofit": "retrofit",
    "refit": "retrofit",
    "refit_from": "retrofit",
    "heating_demand": "reuse",
    "reuse_of_run": "reuse",
    "load_module": "modules",
    "modules_for": "modules",
    "Comparison": "comparison",
    "HeatReuse": "reuse",
    "availability": "reliability",
    "compare_cooling": "comparison",
    "reuse_heat": "reuse",
    "Cooling": "cooling",
    "Electrical": "electrical",
    "FacilityHours": "hourly",
    "FacilityRun": "hourly",
    "Weather": "weather",
    "load_cooling": "cooling",
    "load_electrical": "electrical",
    "load_weather": "stations",
    "performance": "hourly",
    "read_epw": "readers",
    "read_tmy3": "readers",
    "simulate": "hourly",
    "stations": "stations",
}

__all__ = [
    "Availability",
    "BuildOut",
    "Comparison",
    "Cooling",
    "Electrical",
    "FacilityHours",
    "FacilityRun",
    "HeatReuse",
    "Module",
    "Retrofit",
    "Swings",
    "Weather",
    "availability",
    "build_out",
    "compare_cooling",
    "heating_demand",
    "load_cooling",
    "load_electrical",
    "load_module",
    "load_weather",
    "modules_for",
    "performance",
    "read_epw",
    "read_tmy3",
    "refit",
    "refit_from",
    "reuse_heat",
    "reuse_of_run",
    "ride_swings",
    "simulate",
    "stations",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that weather alone does not load numba."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
