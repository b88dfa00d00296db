"""The pages of announced projects hold what the catalogue and the model say now."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath import projects
from wattpath.projects import kept
from wattpath.projects.kept import Row
from wattpath.projects.manual import manual, page
from wattpath.projects.reproduce import compare

KEPT = Path(__file__).parents[2] / "docs" / "projects" / "replans.json"


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    return kept.read(KEPT)


@pytest.fixture(scope="module")
def text(rows: dict[str, Row]) -> str:
    return manual(rows)


def test_the_page_of_all_leads_to_each(text: str) -> None:
    for project in projects.projects():
        assert f"[{project.name}](projects/{project.key}.md)" in text


def test_a_page_holds_its_remarks_and_its_replan(rows: dict[str, Row]) -> None:
    project = projects.load("meta-hyperion")
    told = page(project, rows)
    assert all(remark in told for remark in project.entry.texts("remarks"))
    assert "Software replaces" in told
    assert "The same service elsewhere" in told


def test_what_was_not_solved_is_said() -> None:
    assert "no answer is kept" in page(projects.load("inspur"), {})


def test_whatever_lies_outside_is_explained(text: str) -> None:
    outside = [c for p in projects.projects() for c in compare(p) if not c.within]
    assert outside
    assert all(comparison.stated.note for comparison in outside)
    assert all(comparison.stated.note in text for comparison in outside)
