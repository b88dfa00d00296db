"""Published cost sheets follow from their assumptions, and ours from their terms step by step."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wattpath.projects.costsheet import sheets


def test_each_sheet_is_met_within_a_tenth_with_its_assumptions() -> None:
    assert len(sheets()) == 2
    for sheet in sheets():
        assert abs(sheet.error) < 0.10, sheet.name


def test_the_steps_lead_from_our_terms_to_the_sheet() -> None:
    for sheet in sheets():
        assert sheet.steps[-1][1] == pytest.approx(sheet.modelled)
        assert all(one[1] != two[1] for one, two in pairwise(sheet.steps))


def test_servers_are_most_of_it_as_published() -> None:
    campus = next(sheet for sheet in sheets() if "GB200" in sheet.name)
    assert campus.parts["servers and storage"] / campus.modelled == pytest.approx(0.6, abs=0.1)
    assert campus.parts["energy"] == pytest.approx(0.6, rel=0.2)
