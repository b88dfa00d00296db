"""The page of announced projects, written from the catalogue.

Run ``python -m wattpath.projects.manual > docs/projects.md`` after a change of a project or of
anything that its figures follow from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wattpath import catalog
from wattpath.catalog import Quantity
from wattpath.projects.answers import unit_of
from wattpath.projects.audit import Audit, Finding, audit
from wattpath.projects.figures import Figure
from wattpath.projects.project import Project, projects, spoken
from wattpath.projects.reproduce import Comparison, compare

_HEAD = """# Announced projects

What is publicly said about large AI data centres, and what the model makes of it from the servers
up. This page is written by `python -m wattpath.projects.manual`; do not edit it by hand.
[How it is done](methods/projects.md); `wattpath projects NAME` shows every fact with its source.

Figures of Epoch AI (CC BY 4.0) are an analyst's estimates within a factor of 1.4. A stated figure
in *italics* lies outside what the model can reach.
"""


def manual() -> str:
    """The whole page as Markdown."""
    found = projects()
    parts = [_HEAD, _all(found), _contradictions(found)]
    return "\n".join([*parts, *(_section(project) for project in found)])


def _all(found: Sequence[Project]) -> str:
    """Stated against modelled for every operating stage that can be compared."""
    rows = []
    for project in found:
        newest = {each.quantity: each for each in compare(project) if each.status == "operating"}
        rows += [_compared(project.name, each) for each in newest.values()]
    head = ("project", "figure", "of", "stated", "modelled", "error")
    return "## Stated against modelled\n\n" + _table(head, rows)


def _compared(name: str, each: Comparison) -> tuple[str, ...]:
    stated = _stated(each.stated)
    return (
        name,
        spoken(each.quantity),
        each.date,
        stated if each.overlap else f"*{stated}*",
        _shown(each.modelled, each.stated.si_factor, each.stated.unit),
        f"{each.error:+.1%}",
    )


def _contradictions(found: Sequence[Project]) -> str:
    rows = [
        (project.name, each.claims.status, *_finding(finding))
        for project in found
        for each in audit(project)
        for finding in each.contradictions
    ]
    head = ("project", "status", "stated", "follows", "from")
    text = "\n## What contradicts itself\n\nPairs of public figures whose ranges do not meet.\n\n"
    return text + _table(head, rows)


def _finding(finding: Finding) -> tuple[str, str, str]:
    name = spoken(finding.stated_name)
    sense = "" if finding.sense == "equal" else f"{finding.sense} "
    follows = _shown(finding.implied, finding.stated.si_factor, finding.stated.unit)
    origin = spoken(finding.from_name)
    return f"{name} {_stated(finding.stated)}", sense + follows, f"{origin}: {finding.how}"


def _section(project: Project) -> str:
    entry = project.entry
    parts = [f"\n## {project.name}\n", f"{entry.text('owner')}, {entry.text('country')}."]
    parts += [f" {remark}" for remark in entry.texts("remarks")]
    text = "".join(parts) + "\n"
    facts = [
        (
            spoken(fact.quantity.attribute),
            _stated(fact.quantity),
            fact.of,
            fact.status,
            fact.quantity.date,
            f"[{fact.quantity.evidence}]({address})" if address.startswith("http") else
            fact.quantity.evidence,
        )
        for fact in project.facts
        for address in [catalog.sources()[fact.quantity.source].address]
    ]  # fmt: skip
    if facts:
        text += "\n" + _table(("fact", "stated", "of", "status", "date", "evidence"), facts)
    return text + "".join(_implied(each) for each in audit(project))


def _implied(each: Audit) -> str:
    """What follows from the stated figures of one status."""
    if not each.implied:
        return ""
    words = [f"{spoken(name)} {_own(name, figure)}" for name, figure in
             each.implied.items()]  # fmt: skip
    assumed = f" (servers taken as {each.assumed_server})" if each.assumed_server else ""
    return f"\nImplied, {each.claims.status}{assumed}: {'; '.join(words)}.\n"


def _own(name: str, figure: Figure) -> str:
    """An implied figure in the unit of its attribute, or of its own."""
    unit, factor = unit_of(name)
    return _shown(figure, factor, unit)


def _shown(figure: Figure, factor: float, unit: str) -> str:
    value, low, high = (_digits(x / factor, unit) for x in (figure.value, figure.low, figure.high))
    return f"{value} {unit}" if low == high else f"{value} {unit} ({low} to {high})"


def _digits(value: float, unit: str) -> str:
    if unit == "year":
        return f"{value:.0f}"
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"


def _stated(quantity: Quantity) -> str:
    return _shown(Figure.of(quantity), quantity.si_factor, quantity.unit)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(manual())
