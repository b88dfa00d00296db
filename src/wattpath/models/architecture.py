"""A named model: its geometry, what its maker publishes about it, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from wattpath.models.parameters import ParameterCount, parameter_count
from wattpath.models.shape import Shape


@dataclass(frozen=True, slots=True)
class Architecture:
    """One model.

    Parameters
    ----------
    name : str
        Full name.
    shape : Shape
        Geometry for the kernels.
    source : str
        Catalogue source keys of the geometry, or the file it was read from.
    evidence : str
        Weakest grade among the geometry's numbers.
    key : str
        Catalogue key; empty for a file.
    developer, attention : str
        Maker, and the attention's name in words.
    params_total_published, params_active_published : float or None
        What the maker publishes.
    active_convention : str
        What the published active count includes: ``all`` (both embedding tables),
        ``compute`` (without the input table) or ``body`` (without both).
    weight_bits, expert_bits : float
        Bits of a stored matrix element as released, for all matrices and for routed experts.
    training_tokens : float or None
        Tokens of pre-training [token].
    traits : tuple of str
        What levers need and the geometry does not show: ``mtp`` (a released multi-token
        head), ``reasoning`` (answers after written thought).
    notes : tuple of str
        What a reader should know, such as modules that the geometry leaves out.
    """

    name: str
    shape: Shape
    source: str
    evidence: str
    key: str = ""
    developer: str = ""
    attention: str = ""
    params_total_published: float | None = None
    params_active_published: float | None = None
    active_convention: str = "all"
    weight_bits: float = 16.0
    expert_bits: float = 16.0
    training_tokens: float | None = None
    traits: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def parameters(self) -> ParameterCount:
        """Parameters by part, computed from the geometry."""
        return parameter_count(self.shape)

    def active_as_published(self) -> float:
        """The computed active parameters, counted as the maker counts them."""
        count = self.parameters()
        table = self.shape.vocab * self.shape.hidden
        if self.active_convention == "body":
            return count.active - count.embedding
        if self.active_convention == "compute" and self.shape.embeddings > 1.0:
            return count.active - table
        return count.active
