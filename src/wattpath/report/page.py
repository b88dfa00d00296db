"""One self-contained HTML file: the answer, its figures, tables, sources and reasons.

plotly.js is taken from the installed package and put into the file, and the page forbids
itself every connection, so that it opens anywhere without a network.
"""

from __future__ import annotations

import html
import json
import os
import tempfile
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wattpath.errors import FileInputError
from wattpath.report import figures, flow, sections, yearly

if TYPE_CHECKING:
    from wattpath.plan.result import PlanResult

#: No connection of any kind: what the page needs stands in it.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


def check(file: str | Path, option: str = "--html") -> None:
    """Make sure that a file can be written there, before the long work begins.

    Raises
    ------
    FileInputError
        If the file is a folder, or its folder is missing or cannot be written.
    """
    path = Path(file)
    if path.is_dir():
        raise FileInputError(option, "name a file, not a folder", str(file))
    _part(path, option).unlink()


def write(result: PlanResult, file: str | Path) -> Path:
    """Write the report of a plan; the file appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    return save(render(result), file)


def save(text: str, file: str | Path, option: str = "--html") -> Path:
    """Write a file that appears whole or not at all.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    path = Path(file)
    part = _part(path, option)
    try:
        part.write_text(text, encoding="utf-8")
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        hint = f"{error.strerror}."
        raise FileInputError(option, "be a file that can be written", str(file), hint) from error
    finally:
        part.unlink(missing_ok=True)
    return path


def _part(path: Path, option: str) -> Path:
    """A new empty file beside the page, which takes its name when it is complete."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        hint = f"{error.strerror}."
        raise FileInputError(option, "be in a writable folder", str(path), hint) from error
    os.close(handle)
    return Path(name)


def render(result: PlanResult) -> str:
    """The page of a plan as text."""
    return assemble(result.scenario, sections.body(result), drawings(result))


def assemble(title: str, body: Iterable[str], data: dict[str, Any]) -> str:
    """A page that needs nothing but itself.

    Parameters
    ----------
    title : str
        Shown by the browser.
    body : iterable of str
        HTML; an element with the id of a figure receives it.
    data : dict
        ``figures`` by the id of their place, and the hours of ``operation``.
    """
    script = (files("wattpath.report") / "assets" / "page.js").read_text(encoding="utf-8")
    plotly = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    held = f"<script type='application/json' id='data'>{_embedded(data)}</script>"
    return document(title, [*body, held, f"<script>{plotly}</script><script>{script}</script>"])


def document(title: str, body: Iterable[str], *styles: str) -> str:
    """A page that forbids itself every connection; `styles` are files beside the common one."""
    assets = files("wattpath.report") / "assets"
    style = "\n".join((assets / n).read_text(encoding="utf-8") for n in ("page.css", *styles))
    return "\n".join(
        [
            "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            "<meta name='viewport' content='width=device-width, initial-scale=1'>",
            f"<title>{html.escape(title)} – Wattpath</title><style>{style}</style>",
            "</head><body>",
            *body,
            "</body></html>",
        ]
    )


def drawings(result: PlanResult) -> dict[str, Any]:
    """The figures by the name of their place in the page, and the hours of every plan."""
    solved = {name: outcome for name, outcome in result.plans.items() if outcome.feasible}
    drawn: dict[str, figures.Figure] = {}
    if solved:
        drawn["money"] = figures.money(result)
    if result.years is not None and any(p.feasible for p in result.years.paths.values()):
        drawn["buildout"] = yearly.buildout(result.years)
        drawn["paths"] = yearly.paths(result.years)
    if result.attribution:
        drawn["waterfall"] = figures.waterfall(result)
    best = solved.get("both")
    if best is not None:
        drawn["sankey"] = flow.sankey(result, best)
        drawn["pue"] = figures.pue_map(best)
    hours = figures.operation(solved) if solved else {}
    return {"figures": drawn, "operation": hours}


def _embedded(value: Any) -> str:
    """JSON that cannot end the script element that holds it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
