"""An audit finds what is made to be wrong and is silent about what is made to agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath import projects
from wattpath.errors import InputError
from wattpath.projects.audit import Audit, audit
from wattpath.projects.fed import with_chips
from wattpath.projects.figures import model
from wattpath.projects.reader import read_project

HEAD = """
name: Example
date: 2026-05
site: us-abilene
cooling: liquid-air-chiller
electrical: hyperscale-48v
supply: [gas-simple-cycle]
"""


def audited(tmp_path: Path, text: str) -> Audit:
    file = tmp_path / "campus.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    (found,) = audit(read_project(file))
    return found


def test_consistent_figures_agree(tmp_path: Path) -> None:
    text = "servers: {nvidia-gb300-nvl72: 100000}\nit_power: 209 MW\nfacility_peak: 0.275 GW\n"
    assert audited(tmp_path, text).contradictions == ()


@pytest.mark.parametrize(
    ("line", "figure", "factor"),
    [
        ("it_power: 500 MW", "it_power", 500 / 209),
        ("investment: 2 billion USD", "investment", 2 / 8.7),
        ("facility_peak: 150 MW", "facility_peak", 150 / 275),
        ("water: 5000 m3/day", "water", 130.0),
    ],
)
def test_a_wrong_figure_is_found(tmp_path: Path, line: str, figure: str, factor: float) -> None:
    found = audited(tmp_path, f"servers: {{GB300: 100000}}\n{line}\n").contradictions
    assert found[0].stated_name == figure
    assert found[0].ratio == pytest.approx(factor, rel=0.1)


def test_a_date_before_the_supply_contradicts(tmp_path: Path) -> None:
    found = audited(tmp_path, "it_power: 200 MW\nready: 2027\n").contradictions
    assert [finding.stated_name for finding in found] == ["ready"]
    assert audited(tmp_path, "it_power: 200 MW\nready: 2035\n").contradictions == ()


def test_supplies_may_exceed_the_load_but_not_fall_short(tmp_path: Path) -> None:
    text = "facility_peak: 300 MW\ngas_power: {} MW\n"
    assert audited(tmp_path, text.format(400)).contradictions == ()
    (short,) = audited(tmp_path, text.format(200)).contradictions
    assert (short.stated_name, short.sense) == ("facility_peak", "at most")


def test_one_fact_implies_the_rest(tmp_path: Path) -> None:
    found = audited(tmp_path, "it_power: 209 MW\n")
    assert found.findings == ()
    assert found.assumed_server == "nvidia-gb300-nvl72"
    assert found.implied["chips"].value == pytest.approx(100_000, rel=0.01)
    assert {"facility_peak", "capital", "energy", "training_flops"} <= set(found.implied)


def test_money_alone_tells_what_it_buys(tmp_path: Path) -> None:
    found = audited(tmp_path, "investment: 3 billion USD\n")
    assert found.findings == ()
    assert "capital" not in found.implied
    chips = found.implied["chips"].value
    back = audited(tmp_path, f"servers: {{nvidia-gb300-nvl72: {chips}}}\n").implied["capital"]
    assert back.value == pytest.approx(3e9, rel=1e-9)


def test_money_without_a_hall_tells_the_most_chips(tmp_path: Path) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text("investment: 3 billion USD\n", encoding="utf-8")
    (found,) = audit(read_project(file))
    with_hall = audited(tmp_path, "investment: 3 billion USD\n").implied["chips"].value
    assert found.implied["chips_at_most"].value > with_hall


@pytest.mark.parametrize(("billion", "contradicts"), [(3, ["capital"]), (30, [])])
def test_money_without_a_hall_pays_at_least_the_chips_fed(
    tmp_path: Path, billion: int, contradicts: list[str]
) -> None:
    file = tmp_path / "bare.yaml"
    text = f"date: 2026-01\nit_power: 500 MW\ncapital: {billion} billion USD\n"
    file.write_text(text, encoding="utf-8")
    (found,) = audit(read_project(file))
    assert [finding.sense for finding in found.findings] == ["at least"]
    assert [finding.stated_name for finding in found.contradictions] == contradicts


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("investment: 3 billion USD\n", "What the money buys cannot be said"),
        ("turbines: 3\n", "Neither chips nor power nor money"),
        ("it_power: 0 MW\n", "Nothing computes there yet"),
        ("date: 2019-01\nit_power: 3 MW\n", "counted in chips of another time"),
        ("it_power: 3 MW\n", "Facility peak, capital, energy, water and carbon cannot be said"),
    ],
)
def test_what_cannot_be_said_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text(text, encoding="utf-8")
    (found,) = audit(read_project(file))
    assert any(sentence in each for each in found.unknown)


def test_power_and_chips_invert_each_other() -> None:
    for key in ("stargate-uae", "crusoe-abilene-expansion"):
        project = projects.load(key)
        stage = project.newest
        assert stage is not None
        fed, assumed = with_chips(project, stage)
        assert assumed
        modelled = model(project, fed)
        stated = stage.stated.get("it_power") or stage.stated["power"]
        back = modelled.it_power if "it_power" in stage.stated else modelled.facility_peak
        assert back is not None
        assert back.value == pytest.approx(stated.value, rel=1e-9)


def test_public_announcements_contradict_each_other() -> None:
    wrong = {
        project.key: {f.stated_name for a in audit(project) for f in a.contradictions}
        for project in projects.projects()
    }
    assert "it_power" in wrong["meta-hyperion"]
    assert "investment" in wrong["campus-fouju"]
    assert wrong["meta-prometheus"] == set()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("it_power: 209\n", "it_power must be a power with its unit"),
        ("it_power: 3 USD\n", "it_power must be a power"),
        ("it_pover: 3 MW\n", "Did you mean 'it_power'"),
        ("servers: {H900: 5}\n", "servers must name a chip"),
        ("servers: [1]\n", "servers must be a mapping"),
        ("it_power: {low: 3 MW}\n", "value with low and high"),
        ("chips: {value: 3, of: nvidia-gb300-nvl72}\n", "servers: { nvidia-gb300-nvl72"),
        ("it_power: {value: 3 MW, low: 4 MW}\n", "lie between its low"),
        ("it_power: -3 MW\n", "it_power must lie between 0"),
        ("status: dreamt\nit_power: 3 MW\n", "status must be one of"),
        ("it_power: 3 MW\nit_power: 5 MW\n", "it_power must be given once"),
        ("servers: {H100: 5, H100: 6}\n", "H100 must be given once"),
        ("it_power: {value: 3 MW, high: 5 GWh}\n", "it_power.high must be a power"),
        ("", "hold at least one figure"),
    ],
)
def test_bad_figures_are_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        audited(tmp_path, text)


def test_bad_date_and_bad_file(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("date: May\nit_power: 3 MW\n", encoding="utf-8")
    with pytest.raises(InputError, match="date must be YYYY"):
        read_project(file)
    file.write_text("- 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="mapping"):
        read_project(file)
