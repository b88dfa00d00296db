"""One page about a model: parameters, work and memory, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from wattpath.models import work
from wattpath.models.architecture import Architecture
from wattpath.models.parameters import ParameterCount
from wattpath.units import show

if TYPE_CHECKING:
    import pandas as pd

#: Contexts at which work and cache are shown, up to the model's longest [token].
CONTEXTS = (1024.0, 8192.0, 32768.0, 131072.0, 1048576.0)

#: Bits at which weights and cache are shown.
BITS = (16.0, 8.0, 4.0)


class WorkRow(NamedTuple):
    """Work of one token at one context.

    Parameters
    ----------
    context
        Tokens of the sequence [token].
    decode_flops
        FLOP of one new token that attends to all of them [FLOP/token].
    prefill_flops
        Mean FLOP of the tokens of a prompt of that length [FLOP/token].
    training_flops
        Mean FLOP of forward and backward pass without recomputation [FLOP/token].
    decode_read_bytes
        Cache and state that a decode step reads for the sequence at 16 bit [B].
    """

    context: float
    decode_flops: float
    prefill_flops: float
    training_flops: float
    decode_read_bytes: float


class MemoryRow(NamedTuple):
    """Memory at one precision.

    Parameters
    ----------
    bits
        Bits of a matrix or cache element.
    weight_bytes
        All weights; embeddings, routers and norms stay at 16 bit or more [B].
    kv_bytes_per_token
        Growth of a long sequence's cache [B/token].
    kv_bytes
        Cache and state of one sequence at each of the card's contexts [B].
    """

    bits: float
    weight_bytes: float
    kv_bytes_per_token: float
    kv_bytes: tuple[float, ...]


class Row(NamedTuple):
    """One number of the card, for tables: section, quantity, value, unit."""

    section: str
    quantity: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is and what it costs to run.

    Parameters
    ----------
    architecture : Architecture
        The model.
    parameters : ParameterCount
        Parameters by part, computed from the geometry.
    total_error, active_error : float or None
        Computed against published parameters, relative; None where nothing is published.
    work : tuple of WorkRow
        One row a context.
    memory : tuple of MemoryRow
        One row a precision.
    released_weight_bytes : float
        Weights in the formats of the release.
    """

    architecture: Architecture
    parameters: ParameterCount = field(metadata={"unit": "parameter"})
    total_error: float | None = field(metadata={"unit": "relative"})
    active_error: float | None = field(metadata={"unit": "relative"})
    work: tuple[WorkRow, ...] = field(metadata={"unit": "FLOP/token"})
    memory: tuple[MemoryRow, ...] = field(metadata={"unit": "B"})
    released_weight_bytes: float = field(metadata={"unit": "B"})

    def rows(self) -> tuple[Row, ...]:
        """Every number of the card as one flat table."""
        count = self.parameters._asdict()
        found = [Row("parameters", name, value, "parameter") for name, value in count.items()]
        for line in self.work:
            where = f"at {line.context:g} tokens"
            found += [
                Row("work", f"decode {where}", line.decode_flops, "FLOP/token"),
                Row("work", f"prefill {where}", line.prefill_flops, "FLOP/token"),
                Row("work", f"training {where}", line.training_flops, "FLOP/token"),
                Row("work", f"cache read {where}", line.decode_read_bytes, "B"),
            ]
        for part in self.memory:
            bits = f"at {part.bits:g} bit"
            found.append(Row("memory", f"weights {bits}", part.weight_bytes, "B"))
            found.append(Row("memory", f"cache {bits}", part.kv_bytes_per_token, "B/token"))
            for line, size in zip(self.work, part.kv_bytes, strict=True):
                name = f"cache {bits}, {line.context:g} tokens"
                found.append(Row("memory", name, size, "B"))
        found.append(Row("memory", "weights as released", self.released_weight_bytes, "B"))
        return tuple(found)

    def to_frame(self) -> pd.DataFrame:
        """The rows as a pandas table."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(Row._fields))

    def to_dict(self) -> dict[str, Any]:
        """The card as plain data, ready for JSON."""
        about = self.architecture
        return {
            "name": about.name,
            "developer": about.developer,
            "attention": about.attention,
            "source": about.source,
            "evidence": about.evidence,
            "notes": list(about.notes),
            "geometry": about.shape._asdict(),
            "parameters": self.parameters._asdict(),
            "published": {
                "total": about.params_total_published,
                "active": about.params_active_published,
                "total_error": self.total_error,
                "active_error": self.active_error,
            },
            "work": [line._asdict() for line in self.work],
            "memory": [part._asdict() for part in self.memory],
            "released_weight_bytes": self.released_weight_bytes,
        }

    def explain(self) -> str:
        """The card as text, with the source of the geometry."""
        return "\n".join([*self._head(), "", *self._work_lines(), "", *self._memory_lines()])

    def _head(self) -> list[str]:
        about, count = self.architecture, self.parameters
        lines = [f"{about.name}{f' ({about.developer})' if about.developer else ''}"]
        if about.attention:
            lines.append(f"attention   {about.attention}")
        lines.append(f"geometry    {about.source} ({about.evidence})")
        lines.append(f"total       {_billions(count.total)}{_against(self.total_error)}")
        if count.active != count.total:
            lines.append(f"active      {_billions(count.active)}")
            lines.append(f"multiplied  {_billions(count.active_compute)} a token")
            if self.active_error is not None:
                lines[-2] += _against(self.active_error)
        parts = ("embedding", "attention", "dense_ffn", "experts", "shared", "router", "state")
        for name in (*parts, "norm"):
            value = getattr(count, name)
            if value:
                label = name.replace("_", " ")
                lines.append(f"  {label:<10}{_billions(value):>16}{value / count.total:8.1%}")
        return [*lines, *(f"note        {note}" for note in about.notes)]

    def _work_lines(self) -> list[str]:
        lines = ["FLOP a token      decode     prefill    training  cache read (16 bit)"]
        for row in self.work:
            cells = (row.decode_flops, row.prefill_flops, row.training_flops)
            flops = "".join(f"{show(value, 'FLOP'):>12}" for value in cells)
            lines.append(f"{row.context:>11,.0f} {flops}{show(row.decode_read_bytes, 'B'):>12}")
        return lines

    def _memory_lines(self) -> list[str]:
        heads = "".join(f"{f'{row.context:,.0f} tokens':>18}" for row in self.work)
        lines = [f"bits     weights   cache a token{heads}"]
        for row in self.memory:
            sizes = "".join(f"{show(size, 'B'):>18}" for size in row.kv_bytes)
            weights = show(row.weight_bytes, "B")
            lines.append(
                f"{row.bits:>4g}{weights:>12}{show(row.kv_bytes_per_token, 'B'):>16}{sizes}"
            )
        lines.append(f"weights as released: {show(self.released_weight_bytes, 'B')}")
        return lines


def describe(architecture: Architecture) -> ModelCard:
    """Gather what a model is and costs.

    Parameters
    ----------
    architecture : Architecture
        From `load` or `read_config`.

    Returns
    -------
    ModelCard
        Parameters [parameter], work [FLOP/token] and memory [B].
    """
    shape = architecture.shape
    count = architecture.parameters()
    longest = shape.max_context or CONTEXTS[-1]
    contexts = tuple(c for c in CONTEXTS if c <= longest) or (longest,)
    lines = tuple(
        WorkRow(
            context=context,
            decode_flops=work.forward_flops_per_token(shape, context),
            prefill_flops=work.forward_flops(shape, context, 0.0).total / context,
            training_flops=work.training_flops_per_token(shape, context, 0.0),
            decode_read_bytes=work.kv_bytes_read(shape, context, 16.0),
        )
        for context in contexts
    )
    memory = tuple(
        MemoryRow(
            bits=bits,
            weight_bytes=work.weight_bytes(shape, bits),
            kv_bytes_per_token=work.kv_bytes_per_token(shape, bits),
            kv_bytes=tuple(work.kv_bytes(shape, context, bits) for context in contexts),
        )
        for bits in BITS
    )
    released = work.weight_bytes(shape, architecture.weight_bits, architecture.expert_bits)
    return ModelCard(
        architecture=architecture,
        parameters=count,
        total_error=_error(count.total, architecture.params_total_published),
        active_error=_error(
            architecture.active_as_published(), architecture.params_active_published
        ),
        work=lines,
        memory=memory,
        released_weight_bytes=released,
    )


def _error(computed: float, published: float | None) -> float | None:
    return computed / published - 1.0 if published else None


def _billions(value: float) -> str:
    if value >= 1e9:
        return f"{value / 1e9:,.2f} billion"
    return f"{value / 1e6:,.2f} million"


def _against(error: float | None) -> str:
    return "" if error is None else f"  ({error:+.2%} against the published count)"
