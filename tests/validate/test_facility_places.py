"""Which weather answers a site: names, zones, words, regions."""

from __future__ import annotations

import pytest

from wattpath.validate.facility_places import (
    find_places,
    is_fleet,
    region_of,
    zone_of_place,
    zone_of_words,
    zones_of,
)


def test_a_named_place_answers_before_its_zone() -> None:
    assert find_places("AWS eu-west-1 Dublin IE", "5A")[0] == ("ie-dublin",)
    assert find_places("Azure Virginia", "4A") == (("us-sterling",), "")
    assert find_places("Facebook Lule\u00e5", "subarctic")[0] == ("se-lulea",)


def test_a_zone_is_answered_by_its_places_and_graded() -> None:
    keys, grade = find_places("Atlantis", "3B desert")
    assert {zone_of_place(key) for key in keys} == {"3B"}
    assert grade.startswith("representative years of zone 3B (")
    keys, grade = find_places("Atlantis", "4B")
    assert {zone_of_place(key)[1] for key in keys} == {"B"}
    assert "for 4B" in grade


def test_the_nearest_part_of_the_world_comes_first() -> None:
    assert find_places("Google europe-west10 Berlin", "5A")[0] != find_places("x", "5A")[0]
    assert all(key.startswith("us-") for key in find_places("Meta Gallatin TN", "4A")[0])
    assert find_places("Roubaix FR", "4A")[0] == ("fr-paris",)


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("5A-4C cool oceanic", "4C"),
        ("tropical", "0A"),
        ("hot and humid", "1A"),
        ("hot desert", "2B"),
        ("Cfb", "4C"),
        ("humid subtropical (Cfa)", "3A"),
        ("cold, dry", "5B"),
        ("n/a", ""),
    ],
)
def test_words_of_a_climate(words: str, zone: str) -> None:
    assert zone_of_words(words) == zone


def test_fleets() -> None:
    assert find_places("Google fleet average", "global", ("us-omaha",))[0] == ("us-omaha",)
    keys, grade = find_places("Azure fleet EMEA", "", ("us-omaha", "ie-dublin"))
    assert keys == ("ie-dublin",)
    assert grade.endswith("of Europe")
    assert find_places("Atlantis", "n/a") == ((), "")
    assert is_fleet("Akamai, world")
    assert not is_fleet("Hall 7")
    assert region_of("AWS ap-south-9") == "Asia and the Pacific"
    assert zones_of("2A-3A warm") == ["2A", "3A"]
