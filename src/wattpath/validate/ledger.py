"""A signed error ledger: one row per compared quantity, and statistics by group.

Every kind of validation (training, inference, ...) turns a table of published
measurements into `LedgerRow` objects; what is said about them is the same for all:
bias, median, mean, 90th percentile, worst rows, refusals with reasons, and whether the
predictor ranks alternatives as the measurements do.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from wattpath.errors import FileInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

#: Labels by which groups may be formed, beside the quantity.
GROUPINGS = ("source", "chip", "precision", "layout")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One measured quantity and what the model says about it.

    Attributes
    ----------
    row_id, source : str
        Key and publisher of the measurement.
    n_chips : int
        Chips of the measured system.
    quantity : str
        Such as ``step_time`` [s], ``memory`` [B], ``ttft`` [s], ``energy_per_token`` [J].
    predicted : float or None
        In the SI unit of the quantity; None where the row is refused.
    measured : float or None
        In the SI unit of the quantity; None where the row could not be read.
    status : str
        ``answered`` or ``refused``.
    reason : str
        Why a row is refused; for an answered row, what weakens the answer.
    fitted : bool
        Whether a constant was fitted on this row.
    chip, precision, layout : str
        Labels for grouping.
    case : str
        Rows of one case are alternatives for the same job, so that ranking has a meaning.
    low, high : float or None
        Range in which a prediction counts as met, where the publication or its table gives one.
    """

    row_id: str
    source: str
    n_chips: int
    quantity: str
    predicted: float | None
    measured: float | None
    status: Literal["answered", "refused"]
    reason: str = ""
    fitted: bool = False
    chip: str = ""
    precision: str = ""
    layout: str = ""
    case: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the prediction is within the range; None without a range or an answer."""
        if self.predicted is None or self.low is None or self.high is None:
            return None
        return self.low <= self.predicted <= self.high

    @property
    def error(self) -> float | None:
        """Signed relative error, predicted / measured - 1 (None for a refused row)."""
        if self.status == "refused" or self.predicted is None or not self.measured:
            return None
        return self.predicted / self.measured - 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """Error statistics of one group of answered rows; all figures are relative."""

    by: str
    name: str
    quantity: str
    n: int
    bias: float
    median_abs: float
    mean_abs: float
    p90_abs: float
    worst: float
    refused: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well alternatives for one job are ordered.

    `rank_correlation` is Spearman's rho over the alternatives; `regret` is how much worse
    the predicted best measures than the measured best (0 = the best was chosen).
    """

    case: str
    quantity: str
    n: int
    rank_correlation: float
    regret: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The rankings of one source together: means over its cases, and the worst regret."""

    source: str
    quantity: str
    cases: int
    rank_correlation: float
    regret: float
    worst_regret: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """Compared rows of one kind of validation."""

    kind: str
    rows: tuple[LedgerRow, ...] = field(default_factory=tuple)

    def groups(self, by: str = "source") -> list[Group]:
        """Statistics of the rows that share a label, one group per label and quantity.

        Parameters
        ----------
        by : str
            One of `GROUPINGS`, ``all``, or ``fitted`` (names ``True`` and ``False``).
        """
        members: dict[tuple[str, str], list[LedgerRow]] = {}
        for row in self.rows:
            name = "all" if by == "all" else str(getattr(row, by))
            members.setdefault((name, row.quantity), []).append(row)
        return [_group(by, name, quantity, rows) for (name, quantity), rows in members.items()]

    def worst(self, count: int = 10) -> list[LedgerRow]:
        """The answered rows with the largest relative error, worst first."""
        answered = [row for row in self.rows if row.error is not None]
        return sorted(answered, key=lambda row: -abs(row.error or 0.0))[:count]

    def refusals(self) -> list[tuple[str, int]]:
        """The reasons for refused rows with their counts, most frequent first."""
        return Counter(row.reason for row in self.rows if row.status == "refused").most_common()

    def rankings(self, smallest: int = 3) -> list[Ranking]:
        """Ranking quality of every case with at least `smallest` answered alternatives."""
        cases: dict[tuple[str, str], list[LedgerRow]] = {}
        for row in self.rows:
            if row.case and row.error is not None:
                cases.setdefault((row.case, row.quantity), []).append(row)
        return [
            _ranking(case, quantity, rows)
            for (case, quantity), rows in cases.items()
            if len(rows) >= smallest
        ]

    def choices(self, smallest: int = 3) -> list[Choice]:
        """How well the best of several alternatives is chosen, by source and quantity."""
        members: dict[tuple[str, str], list[Ranking]] = {}
        for ranking in self.rankings(smallest):
            members.setdefault((ranking.source, ranking.quantity), []).append(ranking)
        return [
            Choice(
                source,
                quantity,
                len(rankings),
                float(np.mean([r.rank_correlation for r in rankings])),
                float(np.mean([r.regret for r in rankings])),
                max(r.regret for r in rankings),
            )
            for (source, quantity), rankings in members.items()
        ]

    def to_json(self) -> dict[str, Any]:
        """Plain data: `groups` by every label and by whether rows were `fitted`, `rows`,
        `worst` (keys of ten rows), `refused`, `rankings` and `choices`.
        """
        labels = ("all", "fitted", *GROUPINGS)
        return {
            "kind": self.kind,
            "groups": [_plain(group) for by in labels for group in self.groups(by)],
            "rows": [{**asdict(row), "error": row.error} for row in self.rows],
            "worst": [row.row_id for row in self.worst()],
            "refused": [{"reason": why, "count": n} for why, n in self.refusals()],
            "rankings": [asdict(ranking) for ranking in self.rankings()],
            "choices": [asdict(choice) for choice in self.choices()],
        }

    def to_frame(self) -> pd.DataFrame:
        """The rows as a data frame with the error as a column."""
        import pandas as pd

        return pd.DataFrame([{**asdict(row), "error": row.error} for row in self.rows])


def _plain(group: Group) -> dict[str, Any]:
    """A group as plain data; figures that no row gives are None, as JSON knows no NaN."""
    return {k: None if isinstance(v, float) and v != v else v for k, v in asdict(group).items()}


def _group(by: str, name: str, quantity: str, rows: Sequence[LedgerRow]) -> Group:
    errors = np.array([row.error for row in rows if row.error is not None], dtype=float)
    refused = len(rows) - errors.size
    if not errors.size:
        nan = float("nan")
        return Group(by, name, quantity, 0, nan, nan, nan, nan, nan, refused)
    size = np.abs(errors)
    return Group(
        by=by,
        name=name,
        quantity=quantity,
        n=int(errors.size),
        bias=float(errors.mean()),
        median_abs=float(np.median(size)),
        mean_abs=float(size.mean()),
        p90_abs=float(np.quantile(size, 0.9)),
        worst=float(errors[int(size.argmax())]),
        refused=refused,
    )


def _ranking(case: str, quantity: str, rows: Sequence[LedgerRow]) -> Ranking:
    predicted = np.array([row.predicted for row in rows], dtype=float)
    measured = np.array([row.measured for row in rows], dtype=float)
    chosen = measured[int(predicted.argmin())]
    return Ranking(
        case,
        quantity,
        len(rows),
        _spearman(predicted, measured),
        float(chosen / measured.min() - 1.0),
        rows[0].source,
    )


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation with mean ranks for ties (1 where either is constant)."""
    x, y = _ranks(a), _ranks(b)
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / scale if scale > 0.0 else 1.0


def _ranks(a: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(a, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle = ends - (counts + 1) / 2.0
    return np.asarray(middle[inverse], dtype=float)


def read_rows(file: str | Path, required: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a CSV table that must hold certain columns.

    Raises
    ------
    FileInputError
        If the file cannot be read, is no UTF-8 CSV, has no rows or lacks a column.
    """
    path = Path(file)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
            columns = set(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileInputError(str(path), "be a readable CSV table in UTF-8", str(error)) from error
    missing = [name for name in required if name not in columns]
    if missing:
        hint = f"The columns {', '.join(missing)} are missing."
        raise FileInputError(str(path), "hold the columns of its kind", sorted(columns), hint)
    if not rows:
        raise FileInputError(str(path), "hold at least one row", "an empty table")
    return rows


def compare(
    kind: str,
    rows: Iterable[dict[str, str]],
    judge: Callable[[dict[str, str]], Sequence[LedgerRow]],
) -> Ledger:
    """Run `judge` over every row; each answers with one ledger row per published quantity."""
    return Ledger(kind, tuple(result for row in rows for result in judge(row)))
