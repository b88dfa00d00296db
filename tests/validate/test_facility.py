"""The facility ledger: rules by operator and place, published values, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath import catalog
from wattpath.errors import FileInputError
from wattpath.facility import operators
from wattpath.validate import facility as ledger
from wattpath.validate import facility_places

HEADER = "pue,wue_l_per_kwh,site,climate,cooling_type,kind,year,source"

#: Operators' annual values for 2024 as published in the public cloud region metadata of
#: the Green Software Foundation, and two measured sites.
PUBLISHED = """\
1.15,0.12,AWS us-east-1 N Virginia US,4A,operator mix,published annual,2024,operator
1.12,0.16,AWS us-west-2 Oregon US,5B dry,operator mix,published annual,2024,operator
1.16,0.12,AWS ap-southeast-2 Sydney AU,3A warm,operator mix,published annual,2024,operator
1.40,2.75,AWS ap-southeast-3 Jakarta ID,0A tropical,operator mix,published annual,2024,operator
1.16,0.19,Azure centralus Iowa,5A,direct air + adiabatic,published annual,2022,operator
1.09,,Google us-east4 Loudoun VA US,4A,operator mix (evaporative tower),measured,2024,operator
1.16,,Google asia-southeast1 Singapore,0A,operator mix (evaporative tower),measured,2024,operator
1.08,,Google us-west4 Henderson NV US,3B,operator mix (evaporative tower),measured,2024,operator
1.036,,"NREL ESIF HPC data center, Golden CO",5B dry,warm-water direct liquid,measured,2018,NREL
1.56,,Industry survey mean,global,mixed,survey,2024,Uptime Institute
"""


def write(folder: Path, rows: str) -> Path:
    file = folder / "table.csv"
    file.write_text(f"{HEADER}\n{rows}", encoding="utf-8")
    return file


def test_published_values_are_near(tmp_path: Path) -> None:
    result = ledger.facility_ledger(write(tmp_path, PUBLISHED))
    assert not result.refusals()
    gaps = {
        row.row_id: abs((row.predicted or 0.0) - (row.measured or 0.0))
        for row in result.rows
        if row.quantity == "pue"
    }
    assert len(gaps) == 10
    assert sum(gaps.values()) / len(gaps) < 0.03
    water = [row for row in result.rows if row.quantity == "wue"]
    assert len(water) == 5
    near = [row for row in water if 1 / 1.5 < (row.predicted or 0) / (row.measured or 1) < 1.5]
    assert len(near) == 5


@pytest.mark.parametrize(
    ("site", "climate", "words", "year", "cooling"),
    [
        ("Google x", "5A", "evaporative tower", "2024", "air-tower-hyperscale"),
        ("Google x", "5A", "evaporative tower", "2009", "air-tower-economiser"),
        ("Tower hyperscale hall", "5A", "waterside economiser", "TMY3", "air-tower-hyperscale"),
        ("Meta x", "5A", "outside-air evaporative", "2023", "air-evaporative-hyperscale"),
        ("AWS x", "5A", "operator mix", "2024", "air-evaporative-modern"),
        ("Azure x", "2B hot desert", "adiabatic", "2024", "air-tower-economiser"),
        ("AWS Frankfurt", "5A", "operator mix", "2024", "air-colocation"),
        ("Somewhere", "5A", "direct liquid", "2024", "liquid-air-chiller"),
        ("Somewhere", "5A", "warm-water direct liquid", "2024", "liquid-hpc-warm-water"),
        ("Somewhere", "5A", "cold plates, evaporative towers", "2024", "liquid-evaporative-tower"),
        ("NREL x", "5B", "direct liquid", "2024", "liquid-hpc-warm-water"),
        ("Unheard us-east-9", "4A", "mix", "2024", "air-evaporative-modern"),
        ("Unheard southeastasia", "0A", "mix", "2024", "air-colocation-tower"),
        ("Unheard hall", "5A", "colocation mix", "2024", "air-colocation"),
        ("Equinix fleet", "global", "mix", "2024", "air-colocation"),
        ("Harbour hall", "4A", "sea water", "2024", "air-source-water"),
    ],
)
def test_rules(site: str, climate: str, words: str, year: str, cooling: str) -> None:
    row = {"site": site, "climate": climate, "cooling_type": words, "year": year, "kind": ""}
    (design, _), *_ = ledger.choose(row)[0]
    assert catalog.load("design", design).text("cooling") == cooling


def test_rules_name_catalogue_entries() -> None:
    stations = set(catalog.names("weather")) | set(catalog.names("climate"))
    for rule in operators.rules():
        assert set(rule.designs) <= set(catalog.names("design")), rule.key
        assert set(rule.places) <= stations, rule.key
        assert rule.since < rule.until


def test_a_fleet_is_the_mean_over_halls_by_the_climate_of_each_place() -> None:
    row = {"site": "Microsoft fleet", "climate": "global", "cooling_type": "", "year": "2024"}
    halls = {place: design for design, place in ledger.choose(row)[0]}
    assert halls["us-san-antonio"] == "cloud-tower"
    assert halls["ie-dublin"] == "cloud-humidified"
    pue, wue = ledger.predict(tuple((design, place) for place, design in halls.items()))
    assert 1.1 < pue < 1.2
    assert 0.2 < wue < 0.6


def test_years_are_read_from_words() -> None:
    assert ledger.year_of("FY2024") == 2024.0
    assert ledger.year_of("2018-2025") == 2021.0
    assert ledger.year_of("TMY3") == 2024.0


def test_a_hidden_place_costs_little(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The zone's representative years stand in for a place that the catalogue lacks."""
    monkeypatch.setattr(facility_places, "named_place", lambda site: "")
    result = ledger.facility_ledger(write(tmp_path, "\n".join(PUBLISHED.splitlines()[:4])))
    gaps = [
        abs((row.predicted or 0.0) - (row.measured or 0.0))
        for row in result.rows
        if row.quantity == "pue"
    ]
    assert len(gaps) == 4
    assert sum(gaps) / len(gaps) < 0.035
    assert all("representative years" in row.reason for row in result.rows)


@pytest.mark.parametrize(
    ("site", "climate", "words", "year", "low", "high"),
    [
        ("Nobody Lagos", "hot humid", "", "2024", 1.15, 1.5),
        ("Nobody Lagos", "1B", "dx split units", "2024", 1.2, 1.6),
        ("University of Boulder", "5B", "", "2006", 1.4, 1.8),
        ("OVH Roubaix FR", "4A", "water cooling, no air conditioning", "2024", 1.05, 1.2),
        ("xAI Memphis", "3A", "liquid", "2025", 1.1, 1.3),
        ("Meta Singapore", "0A", "outside-air evaporative", "2024", 1.1, 1.2),
        ("AirTrunk Sydney", "3A", "colocation", "2024", 1.15, 1.35),
        ("Switch Nowhere", "3B", "indirect evaporative", "2024", 1.05, 1.2),
        ("Tank hall", "4A", "single-phase immersion", "2024", 1.03, 1.15),
        ("Apple fleet", "", "", "2024", 1.1, 1.25),
        ("Global average hyperscale", "global", "mix", "2024", 1.05, 1.15),
    ],
)
def test_unseen_operators_are_answered_with_sense(
    site: str, climate: str, words: str, year: str, low: float, high: float
) -> None:
    row = {"site": site, "climate": climate, "cooling_type": words, "year": year, "kind": ""}
    pue, wue = ledger.predict(ledger.choose(row)[0])
    assert low < pue < high
    assert 0.0 <= wue < 3.0


def test_rows_without_operator_or_place(tmp_path: Path) -> None:
    rows = (
        "1.3,,Hall seven,n/a,,assumption,2026,x\n"
        "1.3,,Chassis,n/a,air,assumption,2026,x\n"
        "1.2,,MODEL hall in Dublin,5A,mix,model output,2024,x\n"
        "1.2,0.4,Hall in Dublin,5A,mix,published,2024,x\n"
    )
    result = ledger.facility_ledger(write(tmp_path, rows))
    statuses = ["refused", "answered", "answered", "answered", "answered"]
    assert [row.status for row in result.rows] == statuses
    assert {reason for reason, _ in result.refusals()} == {
        "names neither place nor climate that the rules know"
    }
    assert "another model" in result.rows[2].reason
    assert result.rows[-1].reason.startswith("operator and cooling unknown")


def test_ranges_and_damaged_tables(tmp_path: Path) -> None:
    assert ledger.number("1.15-1.35") == pytest.approx(1.25)
    assert ledger.number("") is None
    file = tmp_path / "bad.csv"
    file.write_text("pue,site\n1.1,x\n", encoding="utf-8")
    with pytest.raises(FileInputError, match="wue_l_per_kwh"):
        ledger.facility_ledger(file)
