"""Kept replans: answers or reasons, shares that follow from their plans, files that stay whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wattpath import projects
from wattpath.errors import FileInputError
from wattpath.projects import kept
from wattpath.projects.kept import Row
from wattpath.projects.replan import counted, refusal, server_of

KEPT = Path(__file__).parents[2] / "docs" / "projects" / "replans.json"


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    return kept.read(KEPT)


def test_a_reason_stands_where_nothing_can_be_planned(rows: dict[str, Row]) -> None:
    for project in projects.projects():
        if project.key in rows and refusal(project):
            assert rows[project.key]["refused"] == refusal(project)


def test_answers_are_of_the_newest_facts(rows: dict[str, Row]) -> None:
    for key, row in rows.items():
        project = projects.load(key)
        if "plans" in row:
            assert project.newest is not None
            assert (row["date"], row["server"]) == (project.newest.date, server_of(project))
            baseline = row["plans"]["baseline"]
            if not baseline["reasons"]:
                assert baseline["chips"] == pytest.approx(counted(project), rel=0.02)


def test_shares_and_ranges_are_shares(rows: dict[str, Row]) -> None:
    answered = [row for row in rows.values() if "ranges" in row]
    assert answered
    for row in answered:
        for key, (low, middle, high) in row["ranges"].items():
            assert 0.0 <= low <= middle <= high < 1.0
            assert low <= row["replaceable"][key] <= high
        both, blue = (row["plans"][name] for name in ("both", "blue"))
        for key, field in (("power", "facility_power_peak_w"), ("cost", "cost_usd_per_year")):
            share = 1.0 - both[field] / blue[field]
            assert share == pytest.approx(row["replaceable"][key], abs=2e-3)


def test_plans_are_nested(rows: dict[str, Row]) -> None:
    for row in (row for row in rows.values() if "ranges" in row):
        cost = {name: plan["cost_usd_per_year"] for name, plan in row["plans"].items()}
        assert cost["both"] <= min(cost["blue"], cost["red"]) * 1.001
        assert max(cost["blue"], cost["red"]) <= cost["baseline"] * 1.001


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    solved: list[str] = []

    def answer(project: Any, *_: Any) -> Row:
        solved.append(project.key)
        return {"refused": "for a test"}

    monkeypatch.setattr(kept, "answer", answer)
    monkeypatch.setattr(kept, "digest", lambda: "now")
    return solved


def test_a_file_is_written_project_by_project(tmp_path: Path, asked: list[str]) -> None:
    file = tmp_path / "replans.json"
    file.write_text('{"gone": {"refused": ""}, "inspur": {"refused": "before"}}', encoding="utf-8")
    kept.rebuild(file, ["stargate-abilene"])
    assert asked == ["stargate-abilene"]
    assert list(kept.read(file)) == ["inspur", "stargate-abilene"]


def test_what_was_kept_with_the_same_digest_is_not_solved_again(
    tmp_path: Path, asked: list[str]
) -> None:
    file = tmp_path / "replans.json"
    kept.rebuild(file)
    assert len(asked) == len(projects.projects())
    asked.clear()
    kept.rebuild(file)
    assert asked == []
    kept.rebuild(file, ["inspur"], anew=True)
    assert asked == ["inspur"]


def test_an_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileInputError, match="hold kept answers"):
        kept.read(tmp_path / "none.json")


def test_numbers_are_kept_with_few_digits() -> None:
    found = kept._rounded({"a": [1.23456, float("nan"), "x", 7]})
    assert found == {"a": [1.235, None, "x", 7]}
