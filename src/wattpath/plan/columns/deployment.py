"""A deployment: one way to meet one demand, as a column of the optimisation.

A column is counted in units (a replica with all its servers, or a training cluster of a
given size). Its IT power is affine in its load, ``idle_w + (full_w - idle_w) * load``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from wattpath.plan.columns.counts import Counts


@dataclass(frozen=True, slots=True)
class Deployment:
    """One way to meet one demand, per unit.

    Attributes
    ----------
    demand : str
        Name of the demand that it serves.
    server, chip : str
        Catalogue keys.
    levers : tuple of str
        Keys of the levers in force, those of the baseline included.
    players : frozenset of str
        What a plan must be allowed to change for this column to exist: lever groups
        beyond the baseline, and ``chips`` where the server is not the baseline's.
    cooling : tuple of str
        What carries the heat away: ``air``, ``liquid``, ``immersion``.
    label : str
        Layout and operating point in one line.
    chips, servers : float
        Per unit [1].
    capacity : float
        Requests/s at the service level, or tokens/s of training including stops.
    idle_w, full_w : float
        IT power of the unit at no load and at capacity [W].
    cost_usd_per_year : float
        Annualised capital, maintenance and one-off work of the unit [USD/year].
    capital_usd : float
        Purchase of the unit [USD].
    embodied_kg_per_year : float
        Embodied carbon of the unit over its life [kg/year].
    loss_nats : float
        Quality lost against the reference model [nats/token].
    lead_time_s : float
        Until the unit can run [s].
    once_usd_per_year : float
        The part of the yearly cost that repays one-off work: it does not grow with a demand
        that grows after the first year [USD/year].
    rated_w : float
        IT power that halls provide for the unit by its servers' rating; 0 where they are
        sized by what servers draw [W].
    need_name : str
        The need that it works for, where that is not the demand as such
        (see `wattpath.plan.operate.sharing`).
    elsewhere : str
        Whether it may stand at another site: ``apart`` for work that needs no other,
        ``split`` for parts of one run, empty where it may not
        (see `wattpath.plan.operate.elsewhere`).
    figures : dict
        What the layer below reported: TTFT, TPOT, batch, MFU, shares.
    """

    demand: str
    server: str
    chip: str
    levers: tuple[str, ...]
    players: frozenset[str]
    cooling: tuple[str, ...]
    label: str
    chips: float
    servers: float
    capacity: float
    idle_w: float
    full_w: float
    cost_usd_per_year: float
    capital_usd: float
    embodied_kg_per_year: float
    loss_nats: float
    lead_time_s: float
    once_usd_per_year: float = 0.0
    rated_w: float = 0.0
    need_name: str = ""
    elsewhere: str = ""
    figures: dict[str, float] = field(default_factory=dict, compare=False)

    @property
    def need(self) -> str:
        """Name of the need of the programme that it works for."""
        return self.need_name or self.demand

    def burden(self) -> tuple[float, ...]:
        """What a unit of capacity costs in every respect; less is better in each."""
        each = self.capacity
        return (
            self.cost_usd_per_year / each,
            self.idle_w / each,
            self.full_w / each,
            self.embodied_kg_per_year / each,
            self.rated_w / each,
            self.lead_time_s,
        )

    def at(self, multiple: float, saved_usd_per_server: float = 0.0) -> Deployment:
        """The same in a later year.

        Parameters
        ----------
        multiple : float
            The year's demand over that of the first year [-].
        saved_usd_per_server : float
            Yearly capital of a server that its price has fallen by [USD/year].
        """
        saved = self.once_usd_per_year * (1.0 - 1.0 / multiple)
        saved += self.servers * saved_usd_per_server
        return replace(self, cost_usd_per_year=self.cost_usd_per_year - saved)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a class of deployments fell out, how often, and by how much at best.

    `kind` is the field of `wattpath.plan.columns.counts.Counts` that counts it, empty for what is
    no deployment. `freedom` names what a plan had to be free to change to meet it: nothing,
    "chips", "levers" or both.
    """

    demand: str
    reason: str
    count: int
    margin: str = ""
    kind: str = ""
    freedom: str = ""


def freedom(players: Collection[str], hardware: Collection[str] = ("chips",)) -> str:
    """What players may change, as refusals name it: hardware counts as far as it is chips."""
    software = any(player not in hardware for player in players)
    return " ".join(["chips"] * ("chips" in players) + ["levers"] * software)


@dataclass(frozen=True, slots=True)
class Columns:
    """The deployments that are left, and what became of the others."""

    deployments: tuple[Deployment, ...]
    refusals: tuple[Refusal, ...]
    counts: Counts


def undominated(
    columns: Iterable[Deployment], margin: float = 1e-6, *, owned: bool = False
) -> list[Deployment]:
    """Drop every column that another one beats in all respects.

    A column beats another of the same demand only if it may stand wherever the other
    may: it needs no more players, accepts every cooling that the other accepts, and may stand
    at another site if the other may. So
    no optimum of any plan or coalition is lost. The burden is per unit of capacity, so
    the cost, idle power, full power, embodied carbon and lead time all count.

    Parameters
    ----------
    columns : iterable of Deployment
    margin : float
        Relative difference taken as a tie; of tied columns the first in order stays.
    owned : bool
        Whether servers may stand already, or come on the market one after the other: only
        columns of the same server are compared then, and servers per capacity count too.
    """
    order = sorted(columns, key=lambda c: (c.demand, len(c.players), c.burden(), c.label))
    kept: list[Deployment] = []
    burdens: list[tuple[float, ...]] = []
    for column in order:
        own = column.burden()
        if owned:
            own = (*own, column.servers / column.capacity)
        if not any(
            _beats(other, theirs, column, own, margin)
            and not (owned and other.server != column.server)
            for other, theirs in zip(kept, burdens, strict=True)
        ):
            kept.append(column)
            burdens.append(own)
    return kept


def _beats(
    other: Deployment,
    theirs: tuple[float, ...],
    column: Deployment,
    own: tuple[float, ...],
    margin: float,
) -> bool:
    return (
        other.demand == column.demand
        and other.players <= column.players
        and set(column.cooling) <= set(other.cooling)
        and column.elsewhere in ("", other.elsewhere)
        and all(a <= b * (1.0 + margin) for a, b in zip(theirs, own, strict=True))
    )
