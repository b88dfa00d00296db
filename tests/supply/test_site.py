"""Sites of the catalogue, their hours, and the made-up price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wattpath import catalog
from wattpath.errors import InputError, UnknownNameError
from wattpath.supply.dispatch import dispatch
from wattpath.supply.options import SupplyOptions
from wattpath.supply.price import hourly_price
from wattpath.supply.site import load_site, site_hours
from wattpath.supply.technology import technologies
from wattpath.supply.terms import exclusion


def test_the_price_has_its_mean_and_shape() -> None:
    price = hourly_price(30.0, 0.5, 0.3, 0.2, 200.0)
    assert price.mean() == pytest.approx(30.0, rel=1e-9)
    daily = price.reshape(365, 24)
    assert daily.mean(axis=0).argmax() == 19
    assert daily.mean(axis=0).argmin() == 12
    assert daily.mean(axis=1).argmax() == 199
    assert daily.mean(axis=0).max() == pytest.approx(30.0 * 1.6, rel=0.05)


def test_a_flat_price_is_flat() -> None:
    assert np.ptp(hourly_price(30.0, 0.0, 0.0, 0.0, 1.0)) == 0.0


@pytest.mark.parametrize("entry", catalog.entries("site"), ids=lambda e: e.key)
def test_every_site_gives_its_hours(entry) -> None:  # type: ignore[no-untyped-def]
    site = site_hours(entry.key)
    assert site.grid_price_usd_j.shape == (8760,)
    mean = entry.si("grid_price") + entry.si("delivery_charge")
    assert site.grid_price_usd_j.mean() == pytest.approx(mean, rel=1e-9)
    assert 0.0 <= site.grid_free_share <= 1.0
    assert site.grid_lead_s > 0.0
    assert site.gas_usd_j > 0.0
    offset = entry.si("utc_offset_h") - entry.si("longitude") / 15.0
    assert abs(offset) < 2.6


def test_there_are_places_of_the_world() -> None:
    assert len(catalog.names("site")) >= 50
    for name in ("Ashburn", "Memphis", "Frankfurt", "Singapore", "Solaseado", "Abilene", "Dublin"):
        assert load_site(name).name


def test_weather_keys_exist() -> None:
    for entry in catalog.entries("site"):
        for kind in ("weather", "climate"):
            if entry.text(kind):
                assert entry.text(kind) in catalog.names(kind)


def test_measured_hours_take_the_place_of_the_shape() -> None:
    price, carbon = np.linspace(1e-9, 5e-8, 8760), np.linspace(0.0, 1e-7, 8760)
    site = site_hours("us-abilene", grid_price_usd_j=price, grid_carbon_kg_j=carbon)
    delivery = load_site("us-abilene").si("delivery_charge")
    assert site.grid_price_usd_j == pytest.approx(price + delivery)
    assert (site.grid_average_kg_j == carbon).all()


def test_bad_input_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        site_hours("Northen Virginia")
    with pytest.raises(InputError, match="8,760"):
        site_hours("us-abilene", solar_cf=np.ones(8784))
    with pytest.raises(InputError, match="hour 7"):
        site_hours("us-abilene", wind_cf=np.r_[np.ones(7), np.nan, np.ones(8752)])
    with pytest.raises(InputError, match=r"grid\.limit"):
        site_hours("us-abilene", grid_limit_w=-1.0)


def test_a_place_without_pipeline_or_room_says_so() -> None:
    north = site_hours("no-narvik")
    assert north.gas_limit_w == 0.0
    choice = technologies("grid", "gas-simple-cycle", "geothermal-hydrothermal", "hydro")
    found = {t.key: exclusion(t, north, SupplyOptions()) for t in choice}
    assert found["gas-simple-cycle"] is not None
    assert found["gas-simple-cycle"].reason == "the site has no gas pipeline"
    assert found["geothermal-hydrothermal"] is not None
    assert found["geothermal-hydrothermal"].reason == "the site has no place for it"
    assert found["hydro"] is None
    assert exclusion(technologies("nuclear-smr")[0], site_hours("de-frankfurt"), SupplyOptions())


def test_all_gas_plants_share_the_pipeline() -> None:
    choice = technologies("gas-simple-cycle", "gas-reciprocating-engine", "grid")
    place = replace(site_hours("us-abilene", grid_limit_w=0.0), gas_limit_w=60e6)
    refused = dispatch(100e6, choice, place, days=3)
    assert not refused.feasible
    pipe = next(r for r in refused.relaxations if r.what == "gas.limit")
    wide = dispatch(100e6, choice, replace(place, gas_limit_w=pipe.needed * 1.0001), days=3)
    assert wide.feasible
    heat = sum(wide.capacity_w[t.key] / t.efficiency for t in choice if t.fuel == "gas")
    assert heat <= pipe.needed * 1.001
    assert "of heat instead of 60.0 MW would do" in pipe.sentence
