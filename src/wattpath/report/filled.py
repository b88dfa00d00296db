"""Pages filled from answers: a template names the numbers, commands give them.

``{{ campus.plans.both.chips | }}`` is replaced by that number of the answer `campus`; after the
bar stands how it is shown, with two digits: a unit such as ``W``, ``USD`` or ``kg``, nothing for a
count, ``%`` and ``0.1%``, ``x`` for a ratio, ``USD/h`` for a price with cents, ``text`` as it is.
Sums, differences, products and quotients of such paths are allowed, and
``find(campus.attribution, lever='precision')`` for the last row of a list that has such values.

A line ``{% each row in campus.attribution by -cost_usd_per_year %}| {{ row.title | text }} |``
stands once for every row, in the order of a key; ``-`` before it puts the largest first. A line
``{% check rent.plans.red.chips < rent.plans.baseline.chips %}`` leaves nothing behind, but the page
is refused where it does not hold: what its words claim is checked as its numbers are filled in.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from wattpath import units
from wattpath.errors import InputError
from wattpath.report.words import amount

PLACE = re.compile(r"\{\{\s*(?P<path>[^{}|]+?)\s*\|\s*(?P<unit>[^{}|]*?)\s*\}\}")
EACH = re.compile(
    r"\{% each (?P<name>\w+) in (?P<list>.+?)(?: by (?P<down>-?)(?P<key>\w+))? %\}(?P<line>.*)"
)
CHECK = re.compile(r"\{% check (?P<claim>.+) %\}")

#: A number as pages show it, with its sign and thousands parted.
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")

#: Digits of a number: ranges allow no more.
DIGITS = 2

#: Below so many W, Wh, USD or kg there is nothing.
LEAST = 0.5

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
    claim = CHECK.fullmatch(line)
    if claim is not None:
        if not _holds(claim["claim"], answers):
            raise InputError(claim["claim"], "hold, since the page says so", None)
        return
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
            found = [
                row for row in _walk(rows, answers) if all(row[k] == v for k, v in wanted.items())
            ]
            return found[-1]
    raise ValueError(ast.unparse(node))


def _plain(row: Mapping[str, Any]) -> set[tuple[str, Any]]:
    """What a row says in words and numbers."""
    return {(key, value) for key, value in row.items() if isinstance(value, (str, float, int))}


def _holds(claim: str, answers: Mapping[str, Any]) -> bool:
    """Whether ``A < B < C`` is so."""
    parsed = ast.parse(claim, mode="eval").body
    if not isinstance(parsed, ast.Compare) or {type(op) for op in parsed.ops} != {ast.Lt}:
        raise InputError(claim, "be a claim such as A < B", None)
    sides = [_value(ast.unparse(side), answers) for side in (parsed.left, *parsed.comparators)]
    return all(a < b for a, b in pairwise(sides))


def _shown(value: Any, unit: str) -> str:
    """A value as a page shows it; a dash where there is none."""
    if unit == "text" or isinstance(value, str):
        return ", ".join(value) if isinstance(value, list) else str(value)
    if value is None:
        return "–"
    if unit in ("W", "Wh", "USD", "kg") and abs(value) < LEAST:
        value = 0.0
    if unit == "%":
        return f"{value:.0%}".replace("-0%", "0%")
    if unit == "0.1%":
        return f"{value:.1%}"
    if unit == "x":
        return f"{value:.2f}"
    if unit == "USD/h":
        return f"{value:.2f} USD"
    if unit == "USD":
        return units.show_usd(value, DIGITS)
    if unit == "m3":
        return amount(value, unit)
    if unit == "kg":
        return units.show(value / 1e3, "t", DIGITS)
    if unit == "":
        places = max(DIGITS - 1 - math.floor(math.log10(max(abs(value), 1.0))), -9)
        return f"{round(value, min(places, 0)):,.0f}"
    return units.show(value, unit, DIGITS)


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
