"""The options of `wattpath train`, one name each, and the layout they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wattpath.errors import UnknownNameError

if TYPE_CHECKING:
    from wattpath.training import Layout

#: Bits of the matrix products of each precision.
PRECISIONS = {"fp16": 16.0, "bf16": 16.0, "fp8": 8.0, "mxfp8": 8.0, "nvfp4": 4.0}

Model = Annotated[
    str, typer.Argument(help="A catalogue name or a config.json.", show_default=False)
]
ChipName = Annotated[str, typer.Option("--chip", help="Such as H100.")]
Chips = Annotated[int, typer.Option("-n", "--chips", min=1, help="Chips that compute.")]
Sequence = Annotated[int, typer.Option(min=16, help="Tokens of a sequence.")]
Batch = Annotated[int, typer.Option(min=0, help="Sequences of a step; 0: about 16M tokens.")]
Precision = Annotated[str, typer.Option(help=f"One of {', '.join(PRECISIONS)}.")]
Tokens = Annotated[str, typer.Option(help="Tokens of the run, such as '15T tokens'.")]
Degree = Annotated[int | None, typer.Option(min=1, show_default=False)]
Zero = Annotated[
    int | None,
    typer.Option(min=0, max=3, help="What replicas share out; 3: FSDP.", show_default=False),
]
Shard = Annotated[
    int | None,
    typer.Option(min=1, help="Ranks that share it out, if fewer (HSDP).", show_default=False),
]
Recompute = Annotated[str | None, typer.Option(help="none, selective or full.", show_default=False)]
Schedule = Annotated[
    str | None,
    typer.Option(help="1f1b, interleaved, zero-bubble or dualpipe.", show_default=False),
]
CpKind = Annotated[
    str | None,
    typer.Option(help="Context ranks: gather, ring or all-to-all.", show_default=False),
]
ExpertTp = Annotated[
    int | None, typer.Option(min=1, help="Chips that share one expert.", show_default=False)
]
Offload = Annotated[
    float | None,
    typer.Option(
        min=0.0, max=1.0, help="Share of state and activations on the host.", show_default=False
    ),
]
Trainer = Annotated[str, typer.Option(help="Training stack, of the catalogue.")]
Fabric = Annotated[str, typer.Option(help="Another network, of the catalogue.", show_default=False)]
Domain = Annotated[int, typer.Option(min=0, help="Chips of a scale-up domain; 0: as the chip's.")]
Oversubscription = Annotated[
    float, typer.Option(min=1.0, help="Of the leaves of the network between servers; 1: none.")
]
Storage = Annotated[str, typer.Option(help="Unit of the storage of checkpoints, of the catalogue.")]
PowerCap = Annotated[float, typer.Option(min=0.2, max=1.0, help="Share of rated power.")]
Sites = Annotated[int, typer.Option(min=1, help="Sites that share the chips evenly.")]
Wan = Annotated[
    str | None,
    typer.Option(help="Rate out of each site, such as '400 Gbit/s'.", show_default=False),
]
Sync = Annotated[
    str, typer.Option(help="How sites keep in step: synchronous, diloco, streaming-diloco.")
]
Site = Annotated[str, typer.Option(help="Whose weather gives the PUE, and whose grid the price.")]
Cooling = Annotated[str, typer.Option(help="Cooling system, of the catalogue.", show_default=False)]
Pue = Annotated[
    float | None,
    typer.Option(min=1.0, max=4.0, help="In place of the site's.", show_default=False),
]
Price = Annotated[
    str | None,
    typer.Option(help="Such as '60 USD/MWh', in place of the site's.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]

#: Options that are fields of `Layout`, with what stands for their absence.
_NUMBERS = {
    "tp": 1, "pp": 1, "vpp": 1, "cp": 1, "ep": 1, "micro_batch": 1, "zero": 1, "shard": 0,
    "expert_tp": 1, "offload": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Layout options as given; None where the user is silent."""

    numbers: dict[str, float | None]
    recompute: str | None
    schedule: str | None
    cp_kind: str | None

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Asked:
        """The layout's part of a command's options."""
        numbers = {name: options[name] for name in _NUMBERS}
        return cls(numbers, options["recompute"], options["schedule"], options["cp_kind"])

    @property
    def any(self) -> bool:
        """Whether a layout is given, so that there is nothing to search."""
        words = (self.recompute, self.schedule, self.cp_kind)
        return any(value is not None for value in (*self.numbers.values(), *words))

    def layout(self, chips: int) -> Layout:
        """The layout with neutral values for what is not given, and dp from the rest."""
        from wattpath.training import CONTEXT, RECOMPUTE, SCHEDULES, Layout

        given = {
            name: float(usual if self.numbers[name] is None else self.numbers[name])  # type: ignore[arg-type]
            for name, usual in _NUMBERS.items()
        }
        spread = given["tp"] * given["pp"] * given["cp"]
        return Layout(
            **given,
            dp=max(1.0, chips // spread),
            recompute=_code("recompute", self.recompute or "selective", RECOMPUTE),
            schedule=_code("schedule", self.schedule or "1f1b", SCHEDULES),
            context=_code("cp-kind", self.cp_kind or "gather", CONTEXT),
        )


def _code(name: str, word: str, table: dict[str, float]) -> float:
    if word not in table:
        raise UnknownNameError(f"--{name}", name, word, table)
    return table[word]


def bits_of(precision: str) -> float:
    """Width of matrix products [bit] of a precision's name."""
    if precision not in PRECISIONS:
        raise UnknownNameError("--precision", "precision", precision, PRECISIONS)
    return PRECISIONS[precision]
