"""The documentation's pages of projects are those that the catalogue gives now."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from wattpath import projects
from wattpath.report.project_pages import pages

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def found() -> dict[Path, str]:
    return pages(DOCS)


def test_pages_on_disk_are_the_current_ones(found: dict[Path, str]) -> None:
    for path, text in found.items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name}: run python -m wattpath.report.project_pages docs"
        )


def test_maps_stand_by_themselves_and_lead_to_pages(found: dict[Path, str]) -> None:
    for path in (path for path in found if path.suffix == ".svg"):
        root = ElementTree.fromstring(found[path])
        assert root.tag.endswith("svg")
        links = [node.get("href", "") for node in root.iter() if node.tag.endswith("}a")]
        assert links
        assert all((DOCS / "projects" / link).exists() for link in links)


def test_answers_are_those_of_the_projects(found: dict[Path, str]) -> None:
    rows = json.loads(found[DOCS / "projects" / "answers.json"])
    assert [row["key"] for row in rows] == [project.key for project in projects.projects()]
