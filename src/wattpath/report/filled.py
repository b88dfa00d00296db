"""Pages filled from answers: a template names the numbers, commands give them.

``{{ campus.plans.both.chips | }}`` is replaced by that number of the answer `campus`; after the
bar stands how it is shown: a unit of `wattpath.report.words.amount` (``W``, ``USD``, nothing for
a count), ``%``, ``x`` for a ratio, ``USD/h`` for a price with cents, ``text`` as it is. Sums,
differences, products and quotients of such paths are allowed, and
``find(campus.attribution, lever='precision')`` for the last row of a list that has such values.

A line ``{% each row in campus.attribution by -cost_usd_per_year %}| {{ row.title | text }} |``
stands once for every row, in the order of a key; ``-`` before it puts the largest first.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wattpath.errors import InputError
from wattpath.report.words import amount

PLACE = re.compile(r"\{\{\s*(?P<path>[^{}|]+?)\s*\|\s*(?P<unit>[^{}|]*?)\s*\}\}")
EACH = re.compile(
    r"\{% each (?P<name>\w+) in (?P<list>.+?)(?: by (?P<down>-?)(?P<key>\w+))? %\}(?P<line>.*)"
)

#: A number as pages show it, with its sign and thousands parted.
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def fill(template: str, answers: Mapping[str, Any]) -> str:
    """The page.

    Parameters
    ----------
    template : str
    answers : mapping
        Name -> answer of a command, as its JSON.

    Raises
    ------
    InputError
        If a placeholder names what no answer holds.
    """
    return "\n".join(row for line in template.split("\n") for row in _lines(line, answers))


def _lines(line: str, answers: Mapping[str, Any]) -> Iterator[str]:
    """A line, or one for each row of a list."""
    each = EACH.fullmatch(line)
    if each is None:
        yield _filled(line, answers)
        return
    rows = list(_value(each["list"], answers))
    if each["key"]:
        rows.sort(key=lambda row: row[each["key"]], reverse=bool(each["down"]))
    for row in rows:
        yield _filled(each["line"], {**answers, each["name"]: row})


def _filled(line: str, answers: Mapping[str, Any]) -> str:
    return PLACE.sub(lambda place: _shown(_value(place["path"], answers), place["unit"]), line)


def _value(path: str, answers: Mapping[str, Any]) -> Any:
    try:
        return _walk(ast.parse(path, mode="eval").body, answers)
    except (KeyError, IndexError, TypeError, ValueError, SyntaxError, ZeroDivisionError) as error:
        raise InputError(path, "name a number of the page's answers", None) from error


def _walk(node: ast.expr, answers: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            return answers[name]
        case ast.Attribute(value=whole, attr=key):
            return _walk(whole, answers)[key]
        case ast.Subscript(value=whole, slice=key):
            return _walk(whole, answers)[_walk(key, answers)]
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_walk(inner, answers)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_walk(left, answers), _walk(right, answers))
        case ast.Call(func=ast.Name(id="find"), args=[rows], keywords=keys):
            wanted = {str(key.arg): _walk(key.value, answers) for key in keys}
            found = [row for row in _walk(rows, answers) if all(row[k] == v for k, v in wanted.items())]
            return found[-1]
    raise ValueError(ast.unparse(node))


def _shown(value: Any, unit: str) -> str:
    """A value as a page shows it; a dash where there is none."""
    if unit == "text" or isinstance(value, str):
        return ", ".join(value) if isinstance(value, list) else str(value)
    if value is None:
        return "–"
    if unit == "%":
        return f"{value:.0%}"
    if unit == "x":
        return f"{value:.2f}"
    if unit == "USD/h":
        return f"{value:.2f} USD"
    return amount(float(value), unit)


def agree(one: str, other: str, tolerance: float) -> bool:
    """Whether two lines say the same, their numbers within a relative tolerance or one digit.

    Parameters
    ----------
    one, other : str
    tolerance : float
        Relative difference that is allowed [-].
    """
    if NUMBER.sub("#", one) != NUMBER.sub("#", other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(_near(a, b, tolerance) for a, b in pairs)


def _near(one: str, other: str, tolerance: float) -> bool:
    """Whether two numbers differ by no more than the tolerance or the last digit of either."""
    a, b = float(one.replace(",", "")), float(other.replace(",", ""))
    digit = max(10.0 ** -len(text.partition(".")[2]) for text in (one, other))
    return abs(a - b) <= max(digit * 1.001, tolerance * max(abs(a), abs(b)))
