"""The facility: weather, psychrometrics, cooling systems and the electrical chain.

It turns IT power and weather into facility power, heat and water, hour by hour.
"""

from wattpath.facility.readers import read_epw, read_tmy3
from wattpath.facility.weather import Weather, load_weather, stations

__all__ = ["Weather", "load_weather", "read_epw", "read_tmy3", "stations"]
