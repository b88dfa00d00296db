"""The exceptions Wattpath raises, drawn as a tree.

::

    WattpathError
    ├── InputError            the user's input cannot be used (exit code 2)
    │   ├── UnknownNameError  a name that is not in the catalogue
    │   ├── UnitError         text that is not a quantity of the asked dimension
    │   └── FileInputError    a file that is missing, unreadable or malformed
    ├── CatalogError          an entry of the catalogue breaks its schema
    └── SolverError           the optimiser stopped without a proven optimum

An infeasible plan is a result with reasons and margins, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: So many names are told in full where none is near.
FEW = 12


class WattpathError(Exception):
    """Base of every error that Wattpath raises on purpose."""


class InputError(WattpathError):
    """One sentence about one input: where, what must hold, what was given, what may help.

    Parameters
    ----------
    path : str
        Where the value stands, such as ``site.grid.limit`` or ``chips.yaml``.
    constraint : str
        What must hold, worded to follow "must", such as ``be a power > 0 W``.
    value : object
        What was given.
    hint : str, optional
        What the user probably wants, as a full sentence.
    """

    def __init__(self, path: str, constraint: str, value: object, hint: str = "") -> None:
        self.path = path
        self.constraint = constraint
        self.value = value
        self.hint = hint
        sentence = f"{path} must {constraint}. Got {value!r}."
        super().__init__(f"{sentence} {hint}".rstrip())


class UnknownNameError(InputError):
    """A name that the catalogue does not hold; the nearest names are the hint."""

    def __init__(self, path: str, kind: str, value: str, known: Iterable[str]) -> None:
        names = sorted(known)
        lower = {name.lower(): name for name in names}
        near = [lower[n] for n in get_close_matches(value.lower(), lower, n=3, cutoff=0.4)]
        if near:
            hint = "Did you mean " + " or ".join(repr(n) for n in near) + "?"
        elif len(names) <= FEW:
            hint = f"Known are {', '.join(names)}."
        else:
            hint = f"`wattpath catalog {kind}` lists them."
        super().__init__(path, f"name a {kind} of the catalogue", value, hint)


class UnitError(InputError):
    """Text that is not a quantity of the dimension that is asked for."""


class FileInputError(InputError):
    """A file that is missing, unreadable or malformed."""


class CatalogError(WattpathError):
    """An entry of the catalogue breaks its schema: file, attribute and reason."""


class SolverError(WattpathError):
    """The optimiser ended without a proven optimum, or its residuals are too large."""
