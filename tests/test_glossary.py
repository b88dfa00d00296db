"""Names say their unit, and the glossary knows every ending."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import wattpath

ROOT = Path(wattpath.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "glossary.md"

#: Endings in other units than SI, which a name may not have unless the glossary lists them.
FOREIGN = frozenset(
    word
    for words in (
        ("kw", "mw", "gw", "wh", "kwh", "mwh", "gwh", "kb", "mb", "gb", "tb", "gib"),
        ("ms", "us", "ns", "seconds", "minutes", "hours", "days", "weeks", "months", "years"),
        ("pct", "percent", "celsius", "kelvin", "watts", "joules", "dollars", "tonnes", "litres"),
    )
    for word in words
)

#: Published studies are kept in the units that they are published in.
LEFT_OUT = ROOT / "validate"


@cache
def table(heading: str) -> dict[str, str]:
    """Endings in the first column of the tables under a heading -> what they mean."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    found: dict[str, str] = {}
    for row in re.findall(r"^\| (`.*?) \| (.*?) \|", section, re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"`([^`]+)`", row[0]), row[1])
    return found


def fields_and_parameters() -> Iterator[tuple[str, str]]:
    """Names of public dataclass fields and of parameters of public functions, with places."""
    for file in sorted(ROOT.rglob("*.py")):
        if LEFT_OUT in file.parents:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                        yield line.target.id, f"{file.relative_to(ROOT)}: {node.name}"
            elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                for argument in (*node.args.args, *node.args.kwonlyargs):
                    yield argument.arg, f"{file.relative_to(ROOT)}: {node.name}"


def endings() -> Iterator[tuple[str, str]]:
    """Last part of every name of several parts, with the name and its place."""
    for name, place in fields_and_parameters():
        parts = name.strip("_").split("_")
        if len(parts) > 1:
            yield parts[-1], f"{name} ({place})"


def test_every_short_ending_is_in_the_glossary() -> None:
    known = {*table("Units at the end of a name"), *table("Short words at the end of a name")}
    unknown = [name for ending, name in endings() if len(ending) <= 3 and ending not in known]
    assert not unknown


def test_units_other_than_si_are_listed_as_such() -> None:
    listed = table("Units at the end of a name")
    strange = [name for ending, name in endings() if ending in FOREIGN and ending not in listed]
    assert not strange


def test_no_ending_of_the_glossary_is_dead() -> None:
    used = {ending for ending, _ in endings()}
    for heading in ("Units at the end of a name", "Short words at the end of a name"):
        assert not set(table(heading)) - used, heading


def test_scopes_of_power_are_in_use() -> None:
    names = {name for name, _ in fields_and_parameters()}
    for scope in table("Whose watt it is"):
        assert any(name.startswith(scope) and "_w" in name for name in names), scope
