"""The page of announced projects holds what the catalogue and the model say now."""

from __future__ import annotations

from pathlib import Path

from wattpath import projects
from wattpath.projects.manual import manual

PAGE = Path(__file__).parents[2] / "docs" / "projects.md"


def test_page_on_disk_is_the_current_one() -> None:
    assert PAGE.read_text(encoding="utf-8").rstrip() == manual().rstrip(), (
        "Run python -m wattpath.projects.manual > docs/projects.md"
    )


def test_page_has_a_section_for_every_project() -> None:
    text = manual()
    for project in projects.projects():
        assert f"\n## {project.name}\n" in text
        assert all(remark in text for remark in project.entry.texts("remarks"))
