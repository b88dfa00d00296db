"""The pages of the studies: one is built anew, the others hold what their templates ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wattpath.cli.studies import NOTE, answers, commands
from wattpath.report.filled import EACH, PLACE, agree, fill

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "studies"
TEMPLATES = sorted(FOLDER.glob("*.md.in"))

#: Relative difference of a number that other machines and libraries may make.
TOLERANCE = 0.02

#: Answers of the enterprise that take too long, or are asked in the same way as another.
LEFT_OUT = ("ranges", "rent_small", "rent_large")

DIGEST = re.compile(r"Built by Wattpath (\S+) on catalogue `([0-9a-f]{16})`,")


def page_of(template: Path) -> str:
    return template.with_suffix("").read_text(encoding="utf-8")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_page_is_its_template_with_numbers(template: Path) -> None:
    """Every line of the template stands in the page, each placeholder filled with something."""
    page = page_of(template)
    assert "{{" not in page
    assert "{%" not in page
    assert page.startswith(NOTE.format(name=template.name.removesuffix(".md.in")))
    lines = template.read_text(encoding="utf-8").splitlines()
    rest = iter(page.splitlines())
    for line in lines:
        if EACH.fullmatch(line) or line.startswith("{% check"):
            continue
        parts = [
            re.escape(part)
            for part in re.split(
                PLACE.pattern.replace("?P<path>", "?:").replace("?P<unit>", "?:"), line
            )
        ]
        wanted = re.compile(".+?".join(parts))
        assert any(wanted.fullmatch(own) for own in rest), line


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_page_says_what_it_was_built_on(template: Path) -> None:
    assert DIGEST.search(page_of(template))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_commands_read_what_is_there(template: Path) -> None:
    asked = dict(commands(template.read_text(encoding="utf-8")))
    assert len(asked) > 1
    for words in asked.values():
        assert "--json" in words
        assert all((ROOT / word).exists() for word in words if word.startswith("examples/"))


def test_the_enterprise_is_what_its_commands_answer_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails: python -m wattpath.cli.studies docs/studies enterprise."""
    monkeypatch.chdir(ROOT)
    template = (FOLDER / "enterprise.md.in").read_text(encoding="utf-8")
    found = answers(template, tmp_path, without=LEFT_OUT)
    assert found.keys() == {"enterprise", "rent"}
    asked = [line for line in template.splitlines() if not any(f"{n}." in line for n in LEFT_OUT)]
    page = page_of(FOLDER / "enterprise.md.in").splitlines()
    for line in fill("\n".join(asked), found).splitlines():
        same = DIGEST.search(line) or any(agree(line, own, TOLERANCE) for own in page)
        assert same, line
