"""A shortlist answers what it knows, searches the rest once by the catalogue, and is off else."""

from __future__ import annotations

import math

from wattpath import catalog
from wattpath.hardware.shortlist import octave, recall, shortlisted, structure

PRICE = ("server", "nvidia-dgx-h100", "price_usd")


def _price() -> float:
    return catalog.load(*PRICE[:2]).si(PRICE[2])


def test_without_a_shortlist_nothing_is_recalled() -> None:
    assert recall("a", lambda: 1) is None


def test_what_is_new_is_found_once_by_the_catalogues_values() -> None:
    usual, found = _price(), dict[object, object]()
    with catalog.drawn({PRICE: 2.0 * usual}), shortlisted(found):
        assert recall("price", _price) == usual
        assert recall("price", lambda: 0.0) == usual
        assert recall("inner", lambda: recall("price", _price)) is None
        assert _price() == 2.0 * usual
    assert found == {"price": usual, "inner": None}
    assert recall("price", _price) is None


def test_questions_differ_by_what_they_switch_and_by_octaves() -> None:
    assert structure((8.0, 0.7, 1.0, math.inf)) == structure((8.0, 0.9, 1.0, math.inf))
    assert structure((8.0, 0.7)) != structure((4.0, 0.7))
    assert octave(1500.0) == octave(1600.0) != octave(12000.0)
    assert octave(0.0) == 0.0
