"""What a unit of a deployment costs a year: servers, network, storage and one-off work.

The one-off work of a lever is people, accelerator time and, for a smaller sibling, training
tokens. It is paid once per demand: a unit carries the part of it that it serves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wattpath import catalog, hardware, levers
from wattpath.economics import CostBook, load_book, servers_embodied_kg_per_year, yearly_capital_usd
from wattpath.errors import InputError
from wattpath.hardware import Server
from wattpath.levers import Lever
from wattpath.models import Architecture
from wattpath.models.shrink import shrink
from wattpath.models.work import training_flops_per_token
from wattpath.plan.scenario import Scenario

#: The accelerator whose rented hour the catalogue prices.
RENTED_CHIP = "nvidia-h100-sxm"

#: Sequence length at which the parent's training work is counted [token].
SEQUENCE_TOKENS = 4096.0


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Of one unit: yearly cost [USD/year], purchase [USD], embodied carbon [kg/year].

    `once_usd_per_year` is the part of the yearly cost that repays one-off work.
    """

    annual_usd: float
    once_usd_per_year: float
    capital_usd: float
    embodied_kg_per_year: float


@dataclass(frozen=True, slots=True)
class Prices:
    """The book of costs of a scenario."""

    book: CostBook

    @classmethod
    def of(cls, scenario: Scenario) -> Prices:
        """With the scenario's own interest."""
        return cls(load_book({"rate": scenario.finance.discount_rate}))

    def unit(
        self,
        server: Server,
        servers: float,
        levers: Sequence[Lever],
        share: float,
        architecture: Architecture,
    ) -> UnitCost:
        """A unit of so many servers that serves a share of the demand.

        Parameters
        ----------
        server : Server
        servers : float
            In the unit.
        levers : sequence of Lever
            Whose one-off work must be paid.
        share : float
            Capacity of the unit over that of the demand [-].
        architecture : Architecture
            The demand's model, parent of a smaller sibling.

        Raises
        ------
        InputError
            If the catalogue knows no price of the server.
        """
        if server.price_usd is None or server.embodied_kg is None:
            raise InputError(
                f"server {server.key}",
                "have a price and an embodied carbon in the catalogue",
                server.price_usd,
                "Choose another server, or add both to its entry.",
            )
        price = servers * server.price_usd
        once = share * sum(self.one_off_usd(lever, architecture) for lever in levers)
        repaid = yearly_capital_usd(once, server.life_s, self.book.rate)
        return UnitCost(
            self.book.servers_usd_per_year(price, server.life_s) + repaid,
            repaid,
            self.book.servers_capital_usd(price) + once,
            servers_embodied_kg_per_year(self.book, servers * server.embodied_kg, server.life_s),
        )

    def one_off_usd(self, lever: Lever, architecture: Architecture) -> float:
        """What adopting a lever for one model costs once [USD]."""
        once = lever.one_off
        chip_s = once.chip_s.value
        if once.token_fraction.value > 0.0:
            chip_s += once.token_fraction.value * _training_chip_s(lever, architecture)
        return self.book.one_off_usd(chip_s, once.person_months.value)


def _training_chip_s(lever: Lever, architecture: Architecture) -> float:
    """Accelerator time of as many tokens as the parent's own training [s], on the rented chip.

    What is trained is the lever's smaller sibling where it makes one. A parent that teaches
    reads every token too: one pass of its three.
    """
    parent, sibling = architecture.shape, architecture.shape
    size = [lever.sets.get(name) for name in ("width_factor", "depth_factor")]
    if any(size):
        sibling = shrink(parent, *(1.0 if factor is None else factor.value for factor in size))
    flops = float(training_flops_per_token(sibling, SEQUENCE_TOKENS, 0.0))
    if lever.teacher:
        flops += float(training_flops_per_token(parent, SEQUENCE_TOKENS, 0.0)) / 3.0
    tokens = architecture.training_tokens
    if tokens is None:
        tokens = _optimal_tokens(architecture.parameters().active)
    peak = hardware.load_chip(RENTED_CHIP).bf16_flops
    share = catalog.load("cost", "accelerator-hour").si("training_share")
    return float(flops * tokens / (share * peak))


def _optimal_tokens(parameters: float) -> float:
    """Tokens with which a model of this size is compute-optimal, by the catalogue's law."""
    law = levers.load_law()
    low, high = 1.0, 1e40
    for _ in range(100):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if law.optimum(middle)[0] < parameters else (low, middle)
    return float(law.optimum(low)[1])
