"""What a plan has worked out, kept in a folder as it comes, so that it can be taken up again.

A line of a file holds one finished part: the deployments of a demand on a server, or the value of
a coalition. It stands under a digest of all that it was made from, catalogue and sources of the
code included. So a changed scenario finds again what still holds, and nothing else; what no
longer holds stays where it is, for the scenario may change back. A line is written whole or, if
the machine stops, cut off; one that is cut off is worked out again.

Where it breaks down: two plans at once may share a folder, but do not see what the other adds.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any

from wattpath.errors import FileInputError
from wattpath.plan.columns.deployment import Deployment

#: Folders of the package beside those with kernels that answers come from.
SOURCES = ("plan", "economics")

#: Option that names the folder.
OPTION = "--keep"

_FOLDER: ContextVar[Folder | None] = ContextVar("folder", default=None)


class Folder:
    """A folder of finished parts.

    Parameters
    ----------
    path : Path
        Made if it is not there.

    Raises
    ------
    FileInputError
        If it cannot be written or read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._read: dict[str, dict[str, list[Any]]] = {}
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refused(error) from error

    def found(self, kind: str, *made_from: object) -> list[Any]:
        """What is kept of a kind that was made from the same, in the order it was added."""
        with self._lock:
            if kind not in self._read:
                self._read[kind] = self._lines(kind)
            return list(self._read[kind].get(self._key(made_from), ()))

    def add(self, kind: str, value: Any, *made_from: object) -> None:
        """Keep a finished part: any value that JSON takes."""
        key = self._key(made_from)
        line = json.dumps({"of": key, "is": value}) + "\n"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with self._lock:
            try:
                place = os.open(self._file(kind), flags, 0o644)
                try:
                    os.write(place, line.encode())
                finally:
                    os.close(place)
            except OSError as error:
                raise self._refused(error) from error
            if kind in self._read:
                self._read[kind].setdefault(key, []).append(value)

    def _file(self, kind: str) -> Path:
        return self.path / f"{kind}.jsonl"

    def _lines(self, kind: str) -> dict[str, list[Any]]:
        file = self._file(kind)
        found: dict[str, list[Any]] = {}
        try:
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            if text and not text.endswith("\n"):  # cut off: what follows begins a line of its own
                with file.open("a", encoding="utf-8") as stream:
                    stream.write("\n")
        except (OSError, ValueError) as error:
            raise FileInputError(str(file), "hold parts of a plan", str(file)) from error
        for line in text.splitlines():
            try:
                row = json.loads(line)
                found.setdefault(row["of"], []).append(row["is"])
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def _key(self, made_from: tuple[object, ...]) -> str:
        words = "\n".join([self._sources, *(str(one) for one in made_from)])
        return hashlib.sha256(words.encode()).hexdigest()[:24]

    @cached_property
    def _sources(self) -> str:
        """Digest of the catalogue and of the code."""
        import wattpath
        from wattpath import catalog, kernelcache

        root = Path(wattpath.__file__).parent
        total = hashlib.sha256(f"{catalog.digest()} {kernelcache.digest(root)}".encode())
        for folder in SOURCES:
            for file in sorted((root / folder).rglob("*.py")):
                total.update(file.read_bytes())
        return total.hexdigest()

    def _refused(self, error: OSError) -> FileInputError:
        hint, name = f"{error.strerror}.", str(self.path)
        return FileInputError(OPTION, "be a folder that can be written", name, hint)


@contextmanager
def keeping(path: Path | None) -> Iterator[None]:
    """Keep what the plan inside works out in this folder; nothing where none is given.

    Raises
    ------
    FileInputError
        If the folder cannot be written or read.
    """
    token = _FOLDER.set(None if path is None else Folder(path))
    try:
        yield
    finally:
        _FOLDER.reset(token)


def folder() -> Folder | None:
    """Where finished parts are kept at present, if anywhere."""
    return _FOLDER.get()


def row_of(deployment: Deployment) -> dict[str, Any]:
    """A deployment as JSON takes it, no digit lost."""
    row = {own.name: getattr(deployment, own.name) for own in fields(deployment)}
    return row | {"players": sorted(deployment.players)}


def deployment_of(row: Mapping[str, Any]) -> Deployment:
    """The deployment of a row (see `row_of`)."""
    values = {name: tuple(one) if isinstance(one, list) else one for name, one in row.items()}
    return Deployment(**values | {"players": frozenset(row["players"])})
