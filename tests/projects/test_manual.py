"""The pages of announced projects hold what the catalogue and the model say now."""

from __future__ import annotations

from pathlib import Path

import pytest

from wattpath import projects
from wattpath.projects import kept, told
from wattpath.projects import manual as module
from wattpath.projects.answers import explanation
from wattpath.projects.kept import Row
from wattpath.projects.reproduce import compare

KEPT = Path(__file__).parents[2] / "docs" / "projects" / "replans.json"


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    return kept.read(KEPT)


@pytest.fixture
def some(monkeypatch: pytest.MonkeyPatch) -> list[projects.Project]:
    """Three projects stand for all: one replanned, one outside its range, one without figures."""
    few = [projects.load(key) for key in ("stargate-abilene", "el-capitan", "inspur")]
    monkeypatch.setattr(module, "projects", lambda: few)
    return few


def test_the_page_of_all_leads_to_each(some: list[projects.Project], rows: dict[str, Row]) -> None:
    text = module.manual(rows)
    for project in some:
        assert f"[{project.name}](projects/{project.key}.md)" in text
    outside = [c for p in some for c in compare(p) if not c.within]
    assert outside
    assert all(explanation(comparison) in text for comparison in outside)
    assert "What contradicts itself" in text


def test_a_page_holds_its_remarks_and_its_replan(rows: dict[str, Row]) -> None:
    project = projects.load("meta-hyperion")
    text = module.page(project, rows)
    assert all(remark in text for remark in project.entry.texts("remarks"))
    assert "Software replaces" in text
    assert "The same service elsewhere" in text


def test_what_was_not_solved_is_said() -> None:
    assert "no answer is kept" in module.page(projects.load("inspur"), {})


def test_shares_by_server_and_what_is_untrained_are_said(rows: dict[str, Row]) -> None:
    row = rows["stargate-abilene"] | {"untrained": "no time is left."}
    text = told.section(row)
    assert "They serve only: the training of the mix is left out, since no time is left." in text
    alike = told.overview([projects.load("stargate-abilene")], {"stargate-abilene": row})
    assert f"{row['server']} {row['replaceable']['power']:.0%} (1 project)" in alike
