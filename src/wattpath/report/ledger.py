"""The page of an error ledger: predicted against measured, and what is worst."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wattpath.report import page
from wattpath.report.figures import COLOURS, Figure, digits, layout
from wattpath.report.tables import table

#: Rows in the table of the worst.
WORST = 10

#: Chips that get a colour of their own; the rest share one.
MOST_CHIPS = 9

Told = dict[str, Any]


def write(told: Sequence[Told], file: str | Path) -> Path:
    """Write the page of some ledgers; the file appears whole or not at all.

    Parameters
    ----------
    told : sequence of dict
        Each a ledger as plain data (`wattpath.validate.Ledger.to_json`).
    file : path
        Where to write.

    Raises
    ------
    FileInputError
        If the file cannot be written.
    """
    drawn = {
        _place(ledger, quantity): scatter(ledger, quantity)
        for ledger in told
        for quantity in _quantities(ledger)
    }
    title = ", ".join(ledger["kind"] for ledger in told)
    return page.save(page.assemble(f"Ledger: {title}", _body(told), {"figures": drawn}), file)


def scatter(ledger: Told, quantity: str) -> Figure:
    """Predicted over measured values of one quantity, by chip, on logarithmic axes."""
    rows = [row for row in _answered(ledger) if row["quantity"] == quantity]
    rows = [row for row in rows if row["predicted"] > 0.0 and row["measured"] > 0.0]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["chip"]] = counts.get(row["chip"], 0) + 1
    named = sorted(counts, key=lambda chip: (-counts[chip], chip))[:MOST_CHIPS]
    data = [_dots(rows, named, name, i) for i, name in enumerate([*named, ""])]
    data = [trace for trace in data if trace["x"]]
    if rows:
        ends = [f([row["measured"] for row in rows]) for f in (min, max)]
        black: Told = {"width": 1, "color": "#16191d"}
        line: Told = {"type": "scatter", "mode": "lines", "name": "equal", "line": black}
        data.append(line | {"x": ends, "y": ends, "hoverinfo": "skip"})
    look = layout(460, hovermode="closest")
    look["xaxis"] |= {"title": {"text": "measured (SI)"}, "type": "log"}
    look["yaxis"] |= {"title": {"text": "predicted (SI)"}, "type": "log"}
    return {"data": data, "layout": look}


def _dots(rows: Sequence[Told], named: Sequence[str], chip: str, place: int) -> Told:
    """The points of one chip; those of all chips without a colour where `chip` is empty."""
    own = [row for row in rows if (row["chip"] == chip if chip else row["chip"] not in named)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": chip or "other chips",
        "x": [digits(row["measured"], 4) for row in own],
        "y": [digits(row["predicted"], 4) for row in own],
        "text": [f"{row['row_id']} {row['layout']} {row['error']:+.0%}" for row in own],
        "marker": {"size": 6, "opacity": 0.65, "color": COLOURS[place % len(COLOURS)]},
        "hovertemplate": "%{text}<br>measured %{x:.4~g}, predicted %{y:.4~g}",
    }


def _answered(ledger: Told) -> list[Told]:
    return [row for row in ledger["rows"] if row["error"] is not None]


def _quantities(ledger: Told) -> list[str]:
    return sorted({row["quantity"] for row in _answered(ledger)})


def _place(ledger: Told, quantity: str) -> str:
    return f"{ledger['kind']}-{quantity}"


def _body(told: Sequence[Told]) -> Iterator[str]:
    yield "<h1>Predicted against measured</h1>"
    for ledger in told:
        yield f"<h2>{html.escape(ledger['kind'])}</h2>"
        yield _statistics(ledger)
        for quantity in _quantities(ledger):
            yield f"<h3>{html.escape(quantity.replace('_', ' '))}</h3>"
            yield f"<div class='figure' id='{html.escape(_place(ledger, quantity))}'></div>"
        yield "<h3>The worst rows</h3>"
        yield _worst(ledger)
        for refusal in ledger["refused"]:
            yield f"<p>{refusal['count']} refused: {html.escape(refusal['reason'])}.</p>"


def _statistics(ledger: Told) -> str:
    groups = [group for group in ledger["groups"] if group["by"] == "all" and group["n"]]
    rows = [
        [
            group["quantity"].replace("_", " "),
            str(group["n"]),
            f"{group['bias']:+.1%}",
            f"{group['median_abs']:.1%}",
            f"{group['p90_abs']:.1%}",
            str(group["refused"]),
        ]
        for group in groups
    ]
    heads = ["quantity", "rows", "mean error", "median size", "90th percentile", "refused"]
    return table("statistics", heads, rows, [1, 2, 3, 4, 5])


def _worst(ledger: Told) -> str:
    worst = sorted(_answered(ledger), key=lambda row: -abs(row["error"]))[:WORST]
    rows = [
        [row["row_id"], row["quantity"], row["chip"], row["layout"], f"{row['error']:+.0%}"]
        for row in worst
    ]
    return table("worst", ["row", "quantity", "chip", "run", "error"], rows, [4])
