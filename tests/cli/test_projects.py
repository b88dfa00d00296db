"""Projects and audits from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wattpath.cli import run


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_all_projects_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ask(capsys, "projects")
    assert (code, err) == (0, "")
    assert "xai-colossus-1" in out
    assert "Without any public figure: inspur." in out
    assert "With neither power nor cost: huawei-atlas-950." in out
    assert max(len(line) for line in out.splitlines()) <= 120


def test_an_edit_shows_what_it_changed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, out, _ = ask(capsys, "projects", "--json")
    rows = json.loads(out)
    earlier = tmp_path / "before.json"
    earlier.write_text(json.dumps(rows), encoding="utf-8")
    assert ask(capsys, "projects", "--against", earlier)[1].strip() == "Nothing changed."
    rows[0]["chips"] = 1.0
    earlier.write_text(json.dumps(rows[:-1]), encoding="utf-8")
    _, out, _ = ask(capsys, "projects", "--against", earlier, "--json")
    changed = json.loads(out)
    assert {row["figure"] for row in changed} == {"chips", "all"}


def test_old_facts_are_marked(capsys: pytest.CaptureFixture[str]) -> None:
    def stale(day: str) -> int:
        _, out, _ = ask(capsys, "projects", "stargate-michigan", "--json", "--today", day)
        return sum(fact["stale"] for fact in json.loads(out)["facts"])

    assert stale("2026-01-01") == 0
    assert stale("2030-01-01") > 0


def test_one_project_tells_facts_and_gaps(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ask(capsys, "projects", "El Capitan")
    assert code == 0
    assert "Stated against modelled" in out
    code, out, _ = ask(capsys, "projects", "inspur")
    assert code == 0
    assert "the power of no single campus is published" in " ".join(out.split())


def test_audit_of_a_name_and_of_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = ask(capsys, "audit", "meta-hyperion")
    assert code == 0
    assert "CONTRADICTS" in out
    file = tmp_path / "press.yaml"
    file.write_text("it_power: 100 MW\n", encoding="utf-8")
    code, out, _ = ask(capsys, "audit", file, "--json")
    (found,) = json.loads(out)
    assert code == 0
    assert found["implied"]["chips"]["value"] == pytest.approx(47_800, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("projects", "atlantis"), "must name a project"),
        (("projects", "--today", "May"), "--today must be a day"),
        (("projects", "--against", "nothing.json"), "readable JSON"),
        (("audit", "atlantis"), "must name a project"),
        (("audit", "nothing.yaml"), "readable YAML"),
    ],
)
def test_bad_input_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    code, out, err = ask(capsys, *arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
