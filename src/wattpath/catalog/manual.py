"""The manual page of the catalogue, written from its schema tables.

Run ``python -m wattpath.catalog.manual > docs/catalog.md`` after a change of a table or
an entry. The tables that validate the entries are the ones printed, so the page cannot
disagree with the program.
"""

from __future__ import annotations

from wattpath.catalog.check import summary
from wattpath.catalog.entry import EVIDENCE
from wattpath.catalog.schema import Attribute
from wattpath.catalog.store import entries, kinds, schema, sources

_HEAD = """# The catalogue

Every number that Wattpath takes from the world stands in the catalogue with its unit, a
range, a source, a date and an evidence grade. This page is written by
`python -m wattpath.catalog.manual`; do not edit it by hand.

## How to read a number

A number has `value`, `low` and `high` in the unit of its table, the key of a `source`, the
`date` of that source, an `evidence` grade and sometimes a `note`. Grades, strongest first:

| grade | meaning |
| --- | --- |
| measured | published measurement |
| datasheet | stated by the maker or operator, or by a curated collection of such statements |
| derived | computed from sourced numbers by an exact or stated rule |
| estimate | judgement, secondary report or announcement; its range is wide on purpose |

A *dated* attribute is a list of such numbers, each with the `status` of the fact at its date
(announced, permitted, building or operating) and, where things are counted, what they are.

An optional number that an entry leaves out takes the table's default, graded *estimate*;
without a default the question cannot be answered and the error says so. Inside the program
all numbers are SI; `wattpath.catalog.load("chip", "H100").si("mem_bytes")` is in bytes.

## How to add an entry

Write `src/wattpath/catalog/data/<kind>/<key>.toml` with `name`, `aliases`, the words of the
table and one line per number under `[values]`, and add a row to a file in
`data/sources/` if the source is new. `wattpath.catalog.check.check()` then lists what is
wrong with it; no code changes.
"""


def manual() -> str:
    """The whole page as Markdown: reading guide, counts, tables, entries and sources."""
    parts = [_HEAD, _counts()]
    for kind in kinds():
        parts += [schema_section(kind), _entry_list(kind)]
    return "\n".join([*parts, _source_list()])


def schema_section(kind: str) -> str:
    """The attributes of one kind as a Markdown table.

    Parameters
    ----------
    kind : str
        Such as ``chip``.
    """
    lines = [
        f"## {kind}",
        "",
        "| attribute | type | unit | limits | required | default | meaning |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_row(attribute) for attribute in schema(kind).attributes.values()]
    return "\n".join([*lines, ""])


def _row(attribute: Attribute) -> str:
    limits = f"{attribute.minimum:g} to {attribute.maximum:g}" if not attribute.word else ""
    cells = (
        f"`{attribute.name}`",
        _type(attribute),
        "" if attribute.word else attribute.unit,
        limits,
        "yes" if attribute.required else "",
        "" if attribute.default is None else f"{attribute.default:g}",
        attribute.description,
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _type(attribute: Attribute) -> str:
    if attribute.choices:
        return "one of " + ", ".join(attribute.choices)
    if attribute.refers_to:
        return f"key of a {attribute.refers_to}"
    return attribute.type


def _cell(text: str) -> str:
    """Text that does not break a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def _counts() -> str:
    lines = [
        "## What it holds",
        "",
        "| kind | entries | numbers | " + " | ".join(EVIDENCE) + " |",
        "| --- " * (3 + len(EVIDENCE)) + "|",
    ]
    for row in summary():
        grades = " | ".join(str(row.evidence[grade]) for grade in EVIDENCE)
        lines.append(f"| {row.kind} | {row.entries} | {row.numbers} | {grades} |")
    return "\n".join([*lines, ""])


def _entry_list(kind: str) -> str:
    found = entries(kind)
    lines = [f"### Entries of {kind}", "", "| key | name | also |", "| --- | --- | --- |"]
    for entry in found:
        also = _cell(", ".join(entry.aliases))
        lines.append(f"| `{entry.key}` | {_cell(entry.name)} | {also} |")
    return "\n".join([*lines, ""]) if found else ""


def _source_list() -> str:
    lines = [
        "## Sources",
        "",
        "Data of Epoch AI are used under CC BY 4.0.",
        "",
        "| key | title | publisher | date | licence |",
        "| --- | --- | --- | --- | --- |",
    ]
    for key, source in sorted(sources().items()):
        title = _cell(source.title)
        linked = f"[{title}]({source.address})" if source.address.startswith("http") else title
        cells = (f"`{key}`", linked, _cell(source.publisher), source.date, _cell(source.licence))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(manual(), end="")
