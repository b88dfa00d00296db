"""Pages of studies, built by running the commands that they print.

Run ``python -m wattpath.cli.studies docs/studies`` from the folder that holds the examples, with
the names of single studies behind it or without. A template ``NAME.md.in`` becomes ``NAME.md``:
each line ``wattpath ... --json > ANSWER.json`` in its ``sh`` blocks is run as it stands, and its
answer fills the placeholders (`wattpath.report.filled`). Answers are kept in ``out/studies``;
``--keep`` uses those that are there, for work on the words alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from wattpath.errors import InputError

#: Where answers are kept.
KEPT = Path("out/studies")

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"wattpath (?P<words>.+?) > (?P<answer>\w+)\.json")

#: Begins every page that is built.
NOTE = "<!-- Built by `make docs` from {name}.md.in: change that file, not this one. -->\n"


def commands(template: str) -> Iterator[tuple[str, list[str]]]:
    """Answers that a template asks for: their names with the words of their commands."""
    for block in BLOCK.findall(template):
        for line in block.replace("\\\n", " ").splitlines():
            found = COMMAND.fullmatch(line.strip())
            if found is not None:
                yield found["answer"], shlex.split(found["words"])


def run(words: list[str]) -> Any:
    """The JSON answer of a command of `wattpath`.

    Raises
    ------
    InputError
        If the command ends with anything but an answer.
    """
    from wattpath.cli.app import app

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = app(words, standalone_mode=False)
    if code:
        raise InputError(" ".join(words), "be answered", code)
    return json.loads(said.getvalue())


def answers(
    template: str, folder: Path, *, keep: bool = False, without: Collection[str] = ()
) -> dict[str, Any]:
    """All answers of a template, which are written into the folder.

    Parameters
    ----------
    template : str
    folder : Path
        Of the answers.
    keep : bool
        Whether those that are there are used instead of being asked for again.
    without : collection of str
        Answers that are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for name, words in commands(template):
        file = folder / f"{name}.json"
        if name in without:
            continue
        if not (keep and file.exists()):
            print(f"wattpath {shlex.join(words)}", file=sys.stderr)
            file.write_text(json.dumps(run(words)), encoding="utf-8")
        found[name] = json.loads(file.read_text(encoding="utf-8"))
    return found


def build(
    folder: Annotated[Path, typer.Argument(help="Folder of the templates.")],
    names: Annotated[list[str] | None, typer.Argument(help="Studies; without, all.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Use the answers that are kept.")] = False,
) -> None:
    """Build the pages of the studies."""
    from wattpath.report.filled import fill
    from wattpath.report.page import save

    for file in sorted(folder.glob("*.md.in")):
        name = file.name.removesuffix(".md.in")
        if names and name not in names:
            continue
        template = file.read_text(encoding="utf-8")
        page = fill(template, answers(template, KEPT / name, keep=keep))
        save(NOTE.format(name=name) + page, folder / f"{name}.md")


if __name__ == "__main__":
    typer.run(build)
