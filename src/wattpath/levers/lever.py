"""A lever: one software change, read from the catalogue, with its evidence.

A lever acts on the terms that a roofline sees, through the fields of the settings tuples
(`wattpath.levers.settings`): it *sets* a field or *scales* it, and never multiplies a
throughput or an energy. What it does to quality is a rise of the loss in nats per token,
beside which published benchmark changes are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from wattpath import catalog
from wattpath.catalog import EVIDENCE, Entry, Quantity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

Stage = Literal["serving", "training", "operation"]

#: The stages whose settings a lever can change.
STAGES: tuple[Stage, ...] = ("serving", "training", "operation")

#: Source key of values that define a lever instead of measuring it.
DEFINITION = "lever-definition"


@dataclass(frozen=True, slots=True)
class OneOff:
    """What adopting a lever costs once.

    Parameters
    ----------
    token_fraction : Quantity
        Training tokens as a share of the parent's [-]; the sibling's size sets their FLOP.
    chip_s : Quantity
        Accelerator time beside those tokens [s].
    person_months : Quantity
        Work of people [person-month].
    """

    token_fraction: Quantity
    chip_s: Quantity
    person_months: Quantity


@dataclass(frozen=True, slots=True)
class Lever:
    """One software change.

    Parameters
    ----------
    key, name, title : str
        Catalogue key, full name and one sentence.
    stage : str
        ``serving``, ``training`` or ``operation``: the settings it changes.
    group : str
        The player it belongs to when savings are attributed.
    sets, scales : dict of str to Quantity
        Field of the stage's settings -> the value it takes, or the factor on it.
    requires : tuple of str
        Preconditions as ``chip:feature`` or ``model:feature``.
    conflicts : tuple of str
        Keys that exclude it, beyond levers that set the same field.
    base : bool
        Whether it is the state without levers (see `wattpath.levers.plain_serving`).
    good_practice : bool
        Whether current good practice includes it.
    loss_nats : Quantity
        Rise of the loss [nat per token].
    one_off : OneOff
        Cost of adoption.
    adopt_s : float
        Time from decision to use [s].
    uncomputed : str
        Why no plan computes its effect; empty where one does (see `computed`).
    teacher : bool
        Whether the parent teaches in the one-off training, so that its passes count too.
    interactions, backfires : str
        How it meets other levers; where it does nothing or harm.
    unmodelled : str
        What of that no plan shows; empty where plans show all of it.
    benchmarks : tuple of str
        Published changes of benchmark scores.
    """

    key: str
    name: str
    title: str
    stage: Stage
    group: str
    sets: dict[str, Quantity] = field(hash=False)
    scales: dict[str, Quantity] = field(hash=False)
    requires: tuple[str, ...]
    conflicts: tuple[str, ...]
    base: bool
    good_practice: bool
    loss_nats: Quantity = field(hash=False)
    one_off: OneOff = field(hash=False)
    adopt_s: float
    uncomputed: str
    teacher: bool
    interactions: str
    backfires: str
    unmodelled: str
    benchmarks: tuple[str, ...]

    @property
    def effects(self) -> dict[str, Quantity]:
        """Every number that acts on the roofline: ``set_x`` and ``scale_x`` -> value."""
        named = {f"set_{name}": quantity for name, quantity in self.sets.items()}
        return named | {f"scale_{name}": quantity for name, quantity in self.scales.items()}

    @property
    def evidence(self) -> str:
        """The weakest grade among effects and loss, definitions left out."""
        numbers = (*self.effects.values(), self.loss_nats)
        grades = [q.evidence for q in numbers if q.source != DEFINITION]
        return max(grades, key=EVIDENCE.index, default="derived")

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of all sources behind its effects and its loss, definitions left out."""
        keys = {q.source for q in (*self.effects.values(), self.loss_nats)}
        return tuple(sorted(keys - {DEFINITION}))

    def explain(self) -> str:
        """The lever in a few lines: effects with ranges and sources, loss, where it fails."""
        lines = [f"{self.name}: {self.title}"]
        for name, quantity in {**self.effects, "loss_nats": self.loss_nats}.items():
            source = catalog.sources()[quantity.source].title
            lines.append(f"  {name} = {quantity}  [{quantity.evidence}; {source}]")
        lines += [f"  published: {text}" for text in self.benchmarks]
        lines.append(f"  backfires: {self.backfires}")
        if self.unmodelled:
            lines.append(f"  not shown by plans: {self.unmodelled}")
        return "\n".join(lines)


def _from_entry(entry: Entry) -> Lever:
    """Turn a validated catalogue entry into a lever."""
    return Lever(
        key=entry.key,
        name=entry.name,
        title=entry.text("title"),
        stage=cast("Stage", entry.text("stage")),
        group=entry.text("group"),
        sets=_effects(entry, "set_"),
        scales=_effects(entry, "scale_"),
        requires=entry.texts("requires"),
        conflicts=entry.texts("conflicts"),
        base=entry.flag("base"),
        good_practice=entry.flag("good_practice"),
        loss_nats=entry.quantity("loss_nats"),
        one_off=OneOff(
            token_fraction=entry.quantity("token_fraction"),
            chip_s=entry.quantity("gpu_hours"),
            person_months=entry.quantity("person_months"),
        ),
        adopt_s=entry.si("adopt"),
        uncomputed=entry.text("uncomputed"),
        teacher=entry.flag("teacher"),
        interactions=entry.text("interactions"),
        backfires=entry.text("backfires"),
        unmodelled=entry.text("unmodelled"),
        benchmarks=entry.texts("benchmarks"),
    )


def _effects(entry: Entry, prefix: str) -> dict[str, Quantity]:
    return {
        attribute.removeprefix(prefix): quantity
        for attribute, quantity in entry.quantities.items()
        if attribute.startswith(prefix)
    }


@catalog.remembered
def _by_key(key: str) -> Lever:
    return _from_entry(catalog.load("lever", key))


def load(name: str, path: str = "lever") -> Lever:
    """The lever with this key, name or alias.

    Parameters
    ----------
    name : str
        Such as ``"fp8-weights"``.
    path : str, optional
        Where the name was given, for the error message.

    Raises
    ------
    UnknownNameError
        With the nearest names as the hint.
    """
    return _by_key(catalog.load("lever", name, path).key)


def all_levers(stage: Stage | None = None, *, base: bool = False) -> tuple[Lever, ...]:
    """Every lever of the catalogue in the order of keys.

    Parameters
    ----------
    stage : str, optional
        Only the levers of this stage.
    base : bool, optional
        Include the entries that describe the state without levers.
    """
    found = (_by_key(key) for key in catalog.names("lever"))
    return tuple(x for x in found if stage in (None, x.stage) and (base or not x.base))


def computed(lever: Lever) -> str | None:
    """Why no plan can choose a lever, in one sentence, or None if plans compute its effect.

    A lever may stand in the catalogue with its evidence before anything reads the settings
    that it changes; choosing it would then change nothing without a word.

    Parameters
    ----------
    lever : Lever
        The lever in question.
    """
    if not lever.uncomputed:
        return None
    return f"{lever.name} is described but not computed by a plan: {lever.uncomputed}."


def applicable(
    lever: Lever, chip_features: Collection[str], model_features: Collection[str]
) -> str | None:
    """Why a lever cannot be used with this chip and model, or None if it can.

    Parameters
    ----------
    lever : Lever
        The lever in question.
    chip_features, model_features : collection of str
        See `wattpath.levers.chip_features` and `wattpath.levers.model_features`.
    """
    missing = [want for want in lever.requires if not _has(want, chip_features, model_features)]
    if not missing:
        return None
    wants = " and ".join(f"a {side} with {what}" for side, what in map(_split, missing))
    return f"{lever.name} needs {wants}."


def _split(requirement: str) -> tuple[str, str]:
    side, _, what = requirement.partition(":")
    return side, what


def _has(requirement: str, chip: Collection[str], model: Collection[str]) -> bool:
    side, what = _split(requirement)
    return what in (chip if side == "chip" else model)


def compatible(levers: Sequence[Lever]) -> str | None:
    """Why these levers cannot stand together, or None if they can.

    Two levers exclude each other if one names the other, if both set the same field of the
    same stage (the state without levers gives way), or if they are the same lever twice.
    """
    return next(_clashes(levers), None)


def _clashes(levers: Sequence[Lever]) -> Iterator[str]:
    for index, first in enumerate(levers):
        for second in levers[index + 1 :]:
            if first.key == second.key:
                yield f"{first.name} is there twice."
            elif second.key in first.conflicts or first.key in second.conflicts:
                yield f"{first.name} and {second.name} exclude each other."
            elif first.stage == second.stage and not (first.base or second.base):
                shared = sorted(set(first.sets) & set(second.sets))
                if shared:
                    yield f"{first.name} and {second.name} both set {', '.join(shared)}."
