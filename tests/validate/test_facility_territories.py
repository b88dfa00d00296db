"""Countries and states in the names of sites, and the weather that answers for them."""

from __future__ import annotations

import pytest

from wattpath import catalog
from wattpath.validate import facility as ledger
from wattpath.validate.facility_places import find_places, named_place
from wattpath.validate.facility_territories import distance_km, territory_of


@pytest.mark.parametrize(
    ("site", "zone", "name"),
    [
        ("Acme Lisbon PT", "", "Portugal"),
        ("Hall in Boise, ID", "", "Idaho"),
        ("Hall ID", "0A", "Indonesia"),
        ("Meta Altoona IA US", "", "Iowa"),
        ("Acme il-central-1", "", "Israel"),
        ("Acme koreacentral", "", "Korea"),
        ("Acme uksouth", "", "United Kingdom"),
        ("Dublin, Ohio", "", "Ohio"),
        ("Z\u00fcrich, Schweiz CH", "", "Switzerland"),
    ],
)
def test_names_and_codes(site: str, zone: str, name: str) -> None:
    territory = territory_of(site, zone)
    assert territory is not None
    assert territory.name == name


@pytest.mark.parametrize("site", ["Equinix fleet", "Ministry of IT", "Two-zone DC, Chicago TMY3"])
def test_words_are_no_codes(site: str) -> None:
    assert territory_of(site) is None


def test_columns_of_territories_have_one_length() -> None:
    for entry in catalog.entries("territory"):
        lengths = {len(entry.texts(name)) for name in ("codes", "names", "zones")}
        lengths |= {len(entry.series(name)) for name in ("latitudes", "longitudes")}
        assert len(lengths) == 1, entry.key


def test_a_country_tells_zone_and_the_nearest_places() -> None:
    keys, grade = find_places("Acme Lisbon PT", "")
    assert keys[0] == "it-rome"
    assert "told by Portugal" in grade
    assert find_places("Hall Vinhedo", "Cfa") == (
        ("br-sao-paulo",),
        "representative years of zone 2A for 3A (br-sao-paulo)",
    )
    assert named_place("Dublin, Ohio") == "us-columbus"
    lisbon = territory_of("Lisbon")
    assert lisbon is not None
    assert distance_km(41.9, 12.5, lisbon) == pytest.approx(1860.0, rel=0.02)


def test_a_market_is_known_by_its_country() -> None:
    row = {"site": "AWS Chennai", "climate": "", "cooling_type": "mix", "year": "2024"}
    ((design, place),), _ = ledger.choose(row)
    assert (design, place) == ("leased", "in-mumbai")


def test_a_quarter_is_answered_by_its_months() -> None:
    assert ledger.months_of("2024 Q3") == (7, 9)
    assert ledger.months_of("H2 2023") == (7, 12)
    assert ledger.months_of("FY2024 Q1") == ledger.months_of("2024") == (1, 12)
    halls = (("cloud-evaporative", "us-sterling"),)
    year, summer = ledger.predict(halls), ledger.predict(halls, (7, 9))
    assert summer[0] > year[0]
    assert summer[1] > year[1]
