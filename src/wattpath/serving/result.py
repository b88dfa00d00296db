"""What an enumeration of deployments answers: points that meet the level, and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wattpath.serving.pairs import packed_chips

if TYPE_CHECKING:
    import pandas as pd


def _unit(unit: str) -> dict[str, str]:
    return {"unit": unit}


@dataclass(frozen=True, slots=True)
class ServingPoint:
    """One unit (replica) of a deployment at the largest load that keeps the service level.

    `requests_per_s` is the capacity of the whole unit, all its chips together. Of
    disaggregated units, `tp` to `pp` describe a decode worker.
    """

    label: str
    tp: float = field(metadata=_unit("chip"))
    ep: float = field(metadata=_unit("chip"))
    dp: float = field(metadata=_unit("chip"))
    pp: float = field(metadata=_unit("chip"))
    chips: float = field(metadata=_unit("chip"))
    prefill_chips: float = field(metadata=_unit("chip"))
    decode_chips: float = field(metadata=_unit("chip"))
    batch: float = field(metadata=_unit("sequence"))
    requests_per_s: float = field(metadata=_unit("request/s"))
    ttft_s: float = field(metadata=_unit("s"))
    tpot_s: float = field(metadata=_unit("s"))
    chip_idle_w: float = field(metadata=_unit("W"))
    chip_full_w: float = field(metadata=_unit("W"))
    mem_bytes_per_chip: float = field(metadata=_unit("B"))
    compute_share: float = field(metadata=_unit("-"))
    memory_share: float = field(metadata=_unit("-"))

    @property
    def chip_j_per_request(self) -> float:
        """Energy of the unit's chips per request at full load [J]; hosts not included."""
        return self.chips * self.chip_full_w / self.requests_per_s


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why some layouts fell out, how far the best of them missed, and how many there were.

    Attributes
    ----------
    reason : str
        ``memory``, ``ttft``, ``tpot``, ``prefill`` or ``layout``.
    margin : float
        Relative excess over the limit of the layout that came nearest: 0.25 says that the
        best one needs 1.25 times what is allowed.
    count : int
        Layouts refused for this reason.
    best : float
        The nearest value in the unit of the limit: bytes per chip, or seconds.
    text : str
        One sentence for a person.
    """

    reason: str
    margin: float
    count: int
    best: float
    text: str


@dataclass(frozen=True, slots=True)
class ServingResult:
    """Points on the front of chips, capacity and energy; and what was refused.

    `evaluated` counts layouts; where prefill and decode are apart, it counts the workers that
    were refused and every unit of the others.
    """

    points: list[ServingPoint]
    refused: list[Refusal]
    evaluated: int

    @property
    def feasible(self) -> bool:
        """Whether any deployment keeps the service level."""
        return bool(self.points)

    def to_frame(self) -> pd.DataFrame:
        """The points as a data frame."""
        import pandas as pd

        names = list(ServingPoint.__dataclass_fields__)
        return pd.DataFrame([[getattr(p, n) for n in names] for p in self.points], columns=names)


def front(points: list[ServingPoint]) -> list[ServingPoint]:
    """Points that no unit of as many or fewer chips beats in both capacity and energy.

    Capacity is compared per chip, since units are replicated; energy per request.
    """
    kept: list[ServingPoint] = []
    order = sorted(points, key=lambda p: (p.chips, -p.requests_per_s, p.chip_j_per_request))
    for point in order:
        rate, energy = point.requests_per_s / point.chips, point.chip_j_per_request
        beaten = any(
            other.requests_per_s / other.chips >= rate * (1.0 - 1e-9)
            and other.chip_j_per_request <= energy * (1.0 + 1e-9)
            for other in kept
        )
        if not beaten:
            kept.append(point)
    return kept


def packed_front(points: list[ServingPoint], per_server: float) -> list[ServingPoint]:
    """Points that no other one beats in whole servers for a request/s and energy above idle.

    A unit's server power is affine in its chips' power, so that every yearly cost and power of a
    unit of capacity goes with these two, and a buyer of whole servers loses nothing.

    Parameters
    ----------
    points : list of ServingPoint
    per_server : float
        Chips of a server.
    """

    def burden(point: ServingPoint) -> tuple[float, float]:
        rate = point.requests_per_s
        above = point.chips * (point.chip_full_w - point.chip_idle_w) / rate
        return packed_chips(point.chips, per_server) / rate, above

    kept: list[ServingPoint] = []
    least = float("inf")
    for point in sorted(points, key=lambda p: (*burden(p), p.chips, p.label)):
        if burden(point)[1] < least * (1.0 - 1e-9):
            kept.append(point)
            least = burden(point)[1]
    return kept
