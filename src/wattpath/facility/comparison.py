"""Cooling systems side by side at one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wattpath import catalog
from wattpath.facility.hourly import performance

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from wattpath.facility.hourly import FacilityHours
    from wattpath.facility.weather import Weather

#: Generation of a cooling system -> the electrical chain of its time.
CHAINS = {
    "legacy": "legacy-double-conversion",
    "modern": "modern-double-conversion",
    "hyperscale": "hyperscale-48v",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Systems at one place, the lowest PUE first.

    Attributes
    ----------
    station : str
        The weather.
    systems : tuple of FacilityHours
        Feasible systems first.
    """

    station: str
    systems: tuple[FacilityHours, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a system: PUE, WUE [L/kWh], worst hour, capital [USD/kW], feasibility."""
        import pandas as pd

        rows = [
            {
                "cooling": one.cooling,
                "electrical": one.electrical,
                "pue": one.pue(),
                "wue_l_kwh": one.wue_l_kwh,
                "worst_hour_w_per_w": one.design_facility_w_per_it_w,
                "capital_usd_per_kw": one.capital_usd_per_it_w * 1000.0,
                "feasible": one.feasible,
                "reason": one.reason,
            }
            for one in self.systems
        ]
        return pd.DataFrame(rows)


def offered() -> tuple[str, ...]:
    """Cooling systems of the catalogue that one may build: all but examples of other models."""
    return tuple(e.key for e in catalog.entries("cooling") if not e.flag("example"))


def compare_cooling(
    weather: Weather, coolings: Iterable[str] = (), electrical: str = ""
) -> Comparison:
    """Annual PUE, WUE, worst hour and capital of cooling systems at a place.

    Parameters
    ----------
    weather : Weather
    coolings : iterable of str, optional
        Catalogue names; `offered` if left out.
    electrical : str, optional
        Catalogue name; the chain of each system's generation if left out.
    """
    found = []
    for name in coolings or offered():
        entry = catalog.load("cooling", name, "cooling")
        chain = electrical or CHAINS[entry.text("generation")]
        found.append(performance(entry.key, chain, weather))
    ranked = sorted(found, key=lambda one: (not one.feasible, one.pue()))
    return Comparison(weather.station, tuple(ranked))
