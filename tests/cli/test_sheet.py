"""Names and laws with brackets stay as they are written; only our own styles are read."""

from __future__ import annotations

import io

import pytest

from wattpath.cli.sheet import Page, table


@pytest.mark.parametrize("text", ["units x [idle + load]", "Bank [/b] [dim]", "a :smile: [/bold]"])
def test_brackets_of_names_are_printed(text: str) -> None:
    out = io.StringIO()
    page = Page(file=out, width=80, highlight=False, emoji=False)
    page.print(table([(text,)], "law"))
    page.print(text)
    assert out.getvalue().count(text) == 2


def test_own_styles_are_read_beside_brackets_of_names() -> None:
    out = io.StringIO()
    Page(file=out, width=80).print("[bold]x [kg][/bold] [red]no[/red]")
    assert out.getvalue() == "x [kg] no\n"
