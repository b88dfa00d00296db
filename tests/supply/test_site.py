"""Sites of the catalogue, their hours, and the made-up price."""

from __future__ import annotations

import numpy as np
import pytest

from wattpath import catalog
from wattpath.errors import InputError, UnknownNameError
from wattpath.supply.price import hourly_price
from wattpath.supply.site import load_site, site_hours


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
