"""The loop over the hours of a year (compiled): weather and IT load to power and water."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from wattpath.facility.chain import Chain, stage_loss_w
from wattpath.facility.components import Air, outside_air
from wattpath.facility.plant import Plant, plant_hour
from wattpath.facility.psychrometrics import humidity_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hours = NDArray[np.float64]

#: Columns of `run_year`, each per W of IT capacity; water in kg/s, the last in K.
COLUMNS = (
    "it_w",
    "fans_w",
    "pumps_w",
    "compressors_w",
    "rejection_fans_w",
    "other_w",
    "electrical_w",
    "water_kg_s",
    "heat_out_w",
    "excess_k",
)


@njit(cache=True, error_model="numpy")
def moist_air(dry_bulb_c: Hours, relative_humidity: Hours, pressure_pa: Hours) -> Hours:
    """Outside air as rows of `components.Air`, an array of shape (hours, 9).

    Parameters
    ----------
    dry_bulb_c, relative_humidity, pressure_pa : array
        [degC], [0..1], [Pa].
    """
    out = np.empty((dry_bulb_c.size, 9))
    for h in range(dry_bulb_c.size):
        w = humidity_ratio(dry_bulb_c[h], relative_humidity[h], pressure_pa[h])
        air = outside_air(dry_bulb_c[h], w, pressure_pa[h])
        for column in range(9):
            out[h, column] = air[column]
    return out


@njit(cache=True, error_model="numpy")
def run_year(plant: Plant, chain: Chain, air: Hours, load: Hours, out: Hours) -> None:
    """Fill `out` (hours, len(COLUMNS)) hour by hour.

    Parameters
    ----------
    plant : Plant
    chain : Chain
    air : array, shape (hours, 9)
        From `moist_air`.
    load : array, shape (hours,)
        IT power over IT capacity [0..1].
    out : array
        Written in place; see `COLUMNS`.
    """
    for h in range(load.size):
        row = air[h]
        outside = Air(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8])
        it_w = load[h]
        hall = stage_loss_w(chain.hall, it_w)
        ups = stage_loss_w(chain.ups, it_w + hall)
        hour = plant_hour(plant, it_w, hall, outside)
        plant_w = hour.fan_w + hour.pump_w + hour.compressor_w + hour.rejection_fan_w + hour.other_w
        grid = stage_loss_w(chain.grid, it_w + hall + ups + plant_w)
        out[h, 0] = it_w
        out[h, 1] = hour.fan_w
        out[h, 2] = hour.pump_w
        out[h, 3] = hour.compressor_w
        out[h, 4] = hour.rejection_fan_w
        out[h, 5] = hour.other_w
        out[h, 6] = hall + ups + grid
        out[h, 7] = hour.water_kg_s
        out[h, 8] = hour.heat_out_w + ups + grid
        out[h, 9] = hour.excess_k
