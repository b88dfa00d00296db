"""Dollars per unit of another money, by the year that a file is of.

The rate is the mean of that year's daily rates, as the catalogue has it; no other year's rate
stands in for one that it lacks.

Where it breaks down: a year's mean, not the rate of each day; dollars of the file's year are
not carried into dollars of another year.
"""

from __future__ import annotations

from wattpath import catalog
from wattpath.errors import FileInputError

#: What a scenario says in place of the catalogue.
HINT = "Give grid.exchange_rate, the dollars per {money}."


def usd_per(money: str, year: int, path: str) -> float:
    """Dollars per unit of a money in a year [USD/unit].

    Parameters
    ----------
    money : str
        Its code, such as ``EUR``; case does not matter.
    year : int
        Calendar year.
    path : str
        The file whose money it is, for the error message.

    Raises
    ------
    FileInputError
        If the catalogue does not know the currency, or not that year of it.
    """
    code = money.upper()
    if code == "USD":
        return 1.0
    hint = HINT.format(money=code)
    if code.lower() not in catalog.names("currency"):
        known = ", ".join(name.upper() for name in catalog.names("currency"))
        raise FileInputError(path, f"be in USD or one of {known}", money, hint)
    entry = catalog.load("currency", code)
    first, rates = int(entry.si("first_year")), entry.series("rate")
    if not 0 <= year - first < len(rates):
        last = first + len(rates) - 1
        raise FileInputError(
            path, f"be of a year from {first} to {last} for the catalogue's rate", year, hint
        )
    return float(rates[year - first])
