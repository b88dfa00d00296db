"""Placeholders, rows, claims, and when two lines agree."""

from __future__ import annotations

import pytest

from wattpath.errors import InputError
from wattpath.report.filled import agree, fill

ANSWERS = {
    "a": {
        "plans": {"both": {"w": 1.234e8, "usd": 9.87e8}, "blue": {"w": 2e8, "usd": 1e9}},
        "rows": [{"kind": "x", "n": 1.0}, {"kind": "y", "n": 3.0}, {"kind": "y", "n": 2.0}],
        "by-key": [0.256, None, 5e-3],
    }
}


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("a.plans.both.w | W", "120 MW"),
        ("a.plans.both.usd | USD", "$990 M"),
        ("1 - a.plans.both.w / a.plans.blue.w | %", "38%"),
        ("a.plans.both.usd / a.plans.blue.usd | x", "0.99"),
        ('a["by-key"][0] | %', "26%"),
        ('a["by-key"][1] | W', "–"),
        ('a["by-key"][2] | 0.1%', "0.5%"),
        ('find(a.rows, kind="y").n | text', "2.0"),
        ("1000 * a.rows[1].n | ", "3,000"),
        ("a.rows[0].kind | text", "x"),
    ],
)
def test_placeholders_are_filled(place: str, shown: str) -> None:
    assert fill(f"before {{{{ {place} }}}} after", ANSWERS) == f"before {shown} after"


def test_rows_stand_once_each_in_order() -> None:
    line = "{% each row in a.rows by -n %}| {{ row.kind | text }} | {{ row.n | }} |"
    assert fill(line, ANSWERS) == "| y | 3 |\n| y | 2 |\n| x | 1 |"


def test_claims_leave_nothing_or_refuse_the_page() -> None:
    claim = "{{% check a.rows[0].n < {} < a.rows[1].n %}}\nwords"
    assert fill(claim.format("a.rows[2].n"), ANSWERS) == "words"
    with pytest.raises(InputError, match="since the page says so"):
        fill(claim.format("4"), ANSWERS)


@pytest.mark.parametrize(
    "path", ["b.x", "a.plans.green", "a.rows[9]", "open('x')", "a +", "a.rows / 0"]
)
def test_what_no_answer_holds_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="name a number of the page's answers"):
        fill(f"{{{{ {path} | W }}}}", ANSWERS)


def test_lines_agree_within_tolerance_or_a_digit() -> None:
    assert agree("cost $1.24 M (12%)", "cost $1.25 M (12%)", 0.0)
    assert agree("1,000 MW", "1,015 MW", 0.02)
    assert not agree("1,000 MW", "1,050 MW", 0.02)
    assert not agree("1,000 MW", "1,000 GW", 0.02)
    assert not agree("-5 MW", "5 MW", 0.02)
