"""Pages of the documentation about announced projects, with their maps.

Run ``python -m wattpath.report.project_pages docs`` after a change of a project or of anything
that its figures follow from; what needs a plan is taken from ``docs/projects/replans.json``
(see `wattpath.projects.kept`). ``projects/answers.json`` holds the answers that the pages were
written from: after an edit, ``wattpath projects --against docs/projects/answers.json`` shows what
changed.
"""

from __future__ import annotations

import datetime
import json
import sys
from importlib.resources import files
from pathlib import Path

from wattpath.projects import answers, kept, manual, projects
from wattpath.report.projects import points
from wattpath.report.world import STATES, WORLD, View, draw

#: Colour of letters, which the style of projects takes from its page.
INK = ":root { --ink: #1b1f24; }"

#: Maps by their files' names, each with the window that is drawn by itself.
MAPS: dict[str, tuple[View, View | None]] = {"world": (WORLD, STATES), "states": (STATES, None)}


def pages(folder: Path) -> dict[Path, str]:
    """Every page and map of a folder of documentation, by its path.

    Parameters
    ----------
    folder : Path
        It holds ``projects/replans.json``.
    """
    rows = kept.read(folder / "projects" / "replans.json")
    found = {folder / "projects.md": manual.manual(rows)}
    for project in projects():
        found[folder / "projects" / f"{project.key}.md"] = manual.page(project, rows)
    for name, (view, elsewhere) in MAPS.items():
        found[folder / "projects" / f"{name}.svg"] = drawing(view, elsewhere)
    found[folder / "projects" / "answers.json"] = plain_answers()
    return {path: text.rstrip() + "\n" for path, text in found.items()}


def plain_answers() -> str:
    """The answers of `wattpath projects --json` without what moves with the day."""
    rows = answers.overview(projects(), datetime.date.today())
    kept_rows = [{n: v for n, v in row.items() if n != "stale_facts"} for row in rows]
    return json.dumps(kept_rows, indent=1)


def drawing(view: View, elsewhere: View | None = None) -> str:
    """A map that stands by itself, with its own style and links to the projects' pages."""
    rows = answers.overview(projects(), datetime.date.today())
    style = (files("wattpath.report") / "assets" / "projects.css").read_text(encoding="utf-8")
    body = draw(points(projects(), rows), view, elsewhere)
    for row in rows:
        body = body.replace(f"href='#{row['key']}'", f"href='{row['key']}.md'")
    head = "<svg xmlns='http://www.w3.org/2000/svg' "
    opened = body.replace("<svg ", head, 1)
    start = opened.index(">") + 1
    return f"{opened[:start]}<style>{INK}\n{style}</style>{opened[start:]}".replace("><", ">\n<")


def write(folder: Path) -> None:
    """Write all pages, and take away those of projects that are no longer there."""
    found = pages(folder)
    (folder / "projects").mkdir(exist_ok=True)
    for path in (folder / "projects").glob("*.md"):
        if path not in found:
            path.unlink()
    for path, text in found.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
