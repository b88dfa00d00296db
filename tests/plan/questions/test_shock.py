"""A jump of efficiency: what follows from its factor, and what it must not change."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from wattpath.errors import InputError
from wattpath.plan import scenario
from wattpath.plan.questions.shock import ShockAnswer, shock
from wattpath.progress import silent


def ask(*changes: str, **asked: Any) -> ShockAnswer:
    from tests.conftest import TINY

    connected = ("grid.existing=20 MW", "months_available=48")
    return shock(scenario.from_dict(TINY, [*connected, *changes]), silent, **asked)


@pytest.fixture(scope="module")
def fourfold() -> ShockAnswer:
    return ask(factor=4.0, year=3, elasticity=0.5)


def test_a_jump_idles_what_it_replaces(fourfold: ShockAnswer) -> None:
    assert fourfold.same is not None
    assert fourfold.feasible
    assert fourfold.same.unused_servers == pytest.approx(0.75, abs=1e-6)
    assert fourfold.same.unused_servers_by_year[:2] == (0.0, 0.0)
    servers = [asset for asset in fourfold.same.assets if asset.kind == "server"]
    for asset in servers:
        assert asset.stranded_usd == pytest.approx(0.75 * asset.unamortised_usd, rel=1e-6)
    assert fourfold.same.npv_usd < fourfold.before_usd
    assert fourfold.foreseen_usd <= fourfold.same.npv_usd * (1.0 + 1e-9)


def test_the_site_is_full_again_at_the_factor(fourfold: ShockAnswer) -> None:
    assert fourfold.growth_full == pytest.approx(4.0, rel=0.03)
    price = fourfold.price
    assert fourfold.elasticity_full == pytest.approx(
        math.log(fourfold.growth_full) / -math.log(price)
    )
    again = ask(factor=4.0, year=3, elasticity=fourfold.elasticity_full * 1.02)
    assert again.rebound is not None
    assert again.rebound.unused_servers < 0.01


def test_rebound_eats_what_is_stranded(fourfold: ShockAnswer) -> None:
    assert fourfold.rebound is not None
    assert fourfold.same is not None
    assert fourfold.rebound.growth == pytest.approx(fourfold.price**-0.5)
    assert fourfold.rebound.stranded_usd < fourfold.same.stranded_usd
    assert fourfold.runaway == pytest.approx(1.0 / fourfold.same.sunk_share)


def test_later_strands_less(fourfold: ShockAnswer) -> None:
    late = ask(factor=4.0, year=5)
    assert late.same is not None
    assert fourfold.same is not None
    assert late.same.stranded_usd < fourfold.same.stranded_usd
    assert abs(late.same.npv_usd - late.before_usd) < abs(
        fourfold.same.npv_usd - fourfold.before_usd
    )


def test_a_dearer_chip_changes_nothing() -> None:
    answer = ask(chip="nvidia-dgx-a100", year=2)
    assert answer.same is not None
    assert answer.same.stranded_usd == 0.0
    assert answer.same.npv_usd == pytest.approx(answer.before_usd, rel=1e-6)
    assert "no rebound is needed" in answer.sentences()[0]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "either --factor or --chip"),
        ({"factor": 3.0, "chip": "B200"}, "either --factor or --chip"),
        ({"factor": 1.0}, "--factor must be above 1"),
        ({"factor": float("nan")}, "--factor must be above 1"),
        ({"factor": 3.0, "year": 1}, "--year must be 2 or later"),
        ({"factor": 3.0, "year": 50}, "--year must lie in the"),
        ({"factor": 3.0, "elasticity": -1.0}, "--elasticity must be a finite number"),
        ({"factor": 3.0, "elasticity": 99.0}, "demand diverges"),
        ({"factor": 3.0, "plan": "green"}, "--plan must be one of"),
        ({"chip": "nvidia-dgx-h100"}, "be new to the scenario"),
    ],
)
def test_refused(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        ask(**asked)


def test_an_unknown_chip_has_neighbours() -> None:
    with pytest.raises(InputError, match=r"--chip must name a chip or server .* Did you mean"):
        ask(chip="nvidia-dgx-b20")


def test_whole_units_that_are_left_aside_are_told(fourfold: ShockAnswer) -> None:
    assert "fractions" not in " ".join(fourfold.sentences())
    assert "fractions" in replace(fourfold, fractions=True).sentences()[-1]
    assert replace(fourfold, fractions=True).to_json()["full_again"]["sentences"][-1]
