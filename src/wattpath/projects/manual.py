"""The pages of announced projects, written from the catalogue and the kept replans.

`python -m wattpath.report.project_pages docs` writes them after a change of a project or of
anything that its figures follow from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wattpath import catalog
from wattpath.catalog import Quantity
from wattpath.projects import told
from wattpath.projects.answers import explanation, unit_of
from wattpath.projects.audit import Audit, Finding, audit
from wattpath.projects.costsheet import Sheet, sheets
from wattpath.projects.figures import Figure
from wattpath.projects.kept import Row
from wattpath.projects.makers import makers
from wattpath.projects.project import Project, projects, spoken
from wattpath.projects.reproduce import Comparison, compare
from wattpath.projects.told import table

_HEAD = """# Announced projects

What is publicly said about large AI data centres, and what the model makes of it from the servers
up. This page and one for each project are written by `python -m wattpath.report.project_pages
docs`; do not edit them by hand. [How it is done](methods/projects.md); `wattpath projects NAME`
shows every fact with its source.

![World map of the projects; the area of a point is computing power](projects/world.svg)
![Map of those in the United States](projects/states.svg)

Points are filled where something computes, dashed where it is announced; outlines are coarse and
drawn by hand. Figures of Epoch AI (CC BY 4.0) are an analyst's estimates within a factor of 1.4. A
stated figure in *italics* lies outside what the model can reach.
"""


def manual(kept: Mapping[str, Row]) -> str:
    """The page of all as Markdown.

    Parameters
    ----------
    kept : mapping
        Project -> its kept replan (see `wattpath.projects.kept`).
    """
    found = projects()
    parts = [_HEAD, _index(found), _all(found), _outside(found), _contradictions(found)]
    parts += [_replaced(found, kept), _sheets(sheets()), makers()]
    return "\n".join(parts)


def page(project: Project, kept: Mapping[str, Row]) -> str:
    """The page of one project as Markdown."""
    rows = [_compared(project.name, each)[1:] for each in compare(project)]
    text = _section(project)
    if rows:
        head = ("figure", "of", "stated", "modelled", "error", "why it is outside")
        whys = [explanation(each) for each in compare(project)]
        cells = [(*row, why) for row, why in zip(rows, whys, strict=True)]
        text += "\n## Stated against modelled\n\n" + table(head, cells)
    wrong = [
        (each.claims.status, *_finding(finding))
        for each in audit(project)
        for finding in each.contradictions
    ]
    if wrong:
        text += "\n## What contradicts itself\n\n"
        text += table(("status", "stated", "follows", "from"), wrong)
    return text + told.section(kept.get(project.key, told.NOT_KEPT))


def _index(found: Sequence[Project]) -> str:
    links = ", ".join(f"[{project.name}](projects/{project.key}.md)" for project in found)
    return f"## One page each\n\n{links}.\n"


def _outside(found: Sequence[Project]) -> str:
    """Modelled figures outside their stated range, each with its explanation."""
    rows = [
        (project.name, spoken(each.quantity), each.date, f"{each.error:+.1%}", explanation(each))
        for project in found
        for each in compare(project)
        if not each.within
    ]
    head = ("project", "figure", "of", "error", "why")
    return "## Outside the stated range\n\n" + table(head, rows)


def _replaced(found: Sequence[Project], kept: Mapping[str, Row]) -> str:
    text = "## What software replaces\n\nShare of the best-built data centre's power and cost for "
    text += "the same service, and in brackets P10, P50 and P90 over the sourced ranges "
    text += "([replan](methods/projects.md#replan)).\n\n"
    return text + told.overview(found, kept)


def _sheets(found: Sequence[Sheet]) -> str:
    """Published cost sheets, and how our own terms turn into theirs."""
    steps = [title for title, _ in found[0].steps]
    rows = [
        (
            sheet.name,
            f"{sheet.stated:.1f}",
            *(f"{value:.2f}" for _, value in sheet.steps),
            f"{sheet.error:+.1%}",
        )
        for sheet in found
    ]
    text = "## Published cost sheets\n\nA year's cost with annualised purchases [USD m per MW of "
    text += "computing power]: ours with our own terms, then with each assumption of the sheet.\n\n"
    return text + table(("sheet", "published", *steps, "error"), rows)


def _all(found: Sequence[Project]) -> str:
    """Stated against modelled for every operating stage that can be compared."""
    rows = []
    for project in found:
        newest = {each.quantity: each for each in compare(project) if each.status == "operating"}
        rows += [_compared(project.name, each) for each in newest.values()]
    head = ("project", "figure", "of", "stated", "modelled", "error")
    return "## Stated against modelled\n\n" + table(head, rows)


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
    return text + table(head, rows)


def _finding(finding: Finding) -> tuple[str, str, str]:
    name = spoken(finding.stated_name)
    sense = "" if finding.sense == "equal" else f"{finding.sense} "
    follows = _shown(finding.implied, finding.stated.si_factor, finding.stated.unit)
    origin = spoken(finding.from_name)
    return f"{name} {_stated(finding.stated)}", sense + follows, f"{origin}: {finding.how}"


def _section(project: Project) -> str:
    entry = project.entry
    parts = [f"# {project.name}\n\n", f"{entry.text('owner')}, {entry.text('country')}."]
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
        text += "\n## Facts\n\n" + table(
            ("fact", "stated", "of", "status", "date", "evidence"), facts
        )
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
