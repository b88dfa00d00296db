"""Draws kept in a file as they are solved, so that a study can be taken up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wattpath import __version__, catalog
from wattpath.errors import FileInputError
from wattpath.plan.result import PLANS
from wattpath.plan.scenario import Scenario
from wattpath.plan.uncertainty.reading import FIELDS, Reading

#: Solved draws by number.
Kept = dict[int, dict[str, Reading]]


def fingerprint(scenario: Scenario, seed: int, inputs: tuple[str, ...]) -> dict[str, Any]:
    """What must be the same for draws to belong together."""
    asked = scenario.model_dump_json(exclude={"folder"})
    digest = hashlib.sha256(asked.encode()).hexdigest()[:16]
    names = hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:16]
    return {
        "wattpath": __version__,
        "catalog": catalog.digest(),
        "scenario": digest,
        "inputs": names,
        "seed": seed,
    }


class Store:
    """A file of draws, one a line after a line that says what they belong to.

    Parameters
    ----------
    file : Path or None
        Nothing is written if None.
    mark : dict
        See `fingerprint`.

    Raises
    ------
    FileInputError
        If the file is of another study, or cannot be read or written.
    """

    def __init__(self, file: Path | None, mark: Mapping[str, Any]) -> None:
        self.file, self.mark = file, dict(mark)
        self.kept: Kept = {}
        self._begin = ""  # ends a line that an interruption cut off
        if file is not None and file.exists():
            self._read(file)

    def add(self, number: int, readings: dict[str, Reading]) -> None:
        """Keep a draw."""
        self.kept[number] = readings
        if self.file is None:
            return
        line = {"draw": number, **{name: _plain(own) for name, own in readings.items()}}
        new = not self.file.exists()
        try:
            with self.file.open("a", encoding="utf-8") as stream:
                if new:
                    stream.write(json.dumps(self.mark) + "\n")
                stream.write(self._begin + json.dumps(line) + "\n")
        except OSError as error:
            hint = f"{error.strerror}."
            name = str(self.file)
            raise FileInputError(name, "be in a writable folder", name, hint) from error
        self._begin = ""

    def _read(self, file: Path) -> None:
        try:
            text = file.read_text(encoding="utf-8")
            first, *rest = text.splitlines() or [""]
            mark = json.loads(first)
        except (OSError, ValueError) as error:
            raise FileInputError(str(file), "hold draws", str(file)) from error
        if mark != self.mark:
            other = [key for key in self.mark if mark.get(key) != self.mark[key]]
            hint = f"It differs in {', '.join(other)}; choose another file or delete it."
            raise FileInputError(str(file), "hold draws of this study", str(file), hint)
        self._begin = "" if text.endswith("\n") else "\n"
        for line in rest:
            try:
                row = json.loads(line)
                number = row.pop("draw")
                readings = {name: _reading(own) for name, own in row.items()}
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # a line that an interruption cut off is solved again
            if set(PLANS) <= readings.keys():
                self.kept[number] = readings


def _plain(reading: Reading) -> dict[str, Any]:
    figures: list[float | None] = [
        value if value == value else None for value in (getattr(reading, f) for f in FIELDS)
    ]
    return {
        "figures": figures,
        "servers": dict(reading.servers),
        "levers": sorted(reading.levers),
    }


def _reading(row: Mapping[str, Any]) -> Reading:
    figures = {
        name: float("nan") if value is None else float(value)
        for name, value in zip(FIELDS, row["figures"], strict=True)
    }
    return Reading(servers=row["servers"], levers=frozenset(row["levers"]), **figures)
