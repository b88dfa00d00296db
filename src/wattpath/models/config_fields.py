"""Reading the fields of a ``config.json`` one by one, each with its own clear refusal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from wattpath.errors import InputError

#: Numbers that no geometry of a language model reaches; larger ones are mistakes.
LARGEST = 1e12
MOST_LAYERS = 10_000.0


class Fields:
    """The keys of one configuration, read with checks.

    Parameters
    ----------
    path : str
        File the configuration comes from, for error messages.
    raw : Mapping
        The parsed JSON object.
    defaults : Mapping
        Values that the format defines for keys a file may leave out.
    """

    def __init__(
        self, path: str, raw: Mapping[str, Any], defaults: Mapping[str, Any] | None = None
    ) -> None:
        self.path = path
        self.raw = raw
        self.defaults = defaults or {}

    def get(self, key: str) -> Any:
        """The value, the format's default, or None (JSON ``null`` counts as absent)."""
        value = self.raw.get(key)
        return self.defaults.get(key) if value is None else value

    def has(self, *keys: str) -> bool:
        """Whether any of the keys has a value."""
        return any(self.get(key) is not None for key in keys)

    def number(
        self,
        *keys: str,
        default: float | None = None,
        least: float = 1.0,
        most: float = LARGEST,
    ) -> float:
        """The first of the keys that has a value, as a whole number within limits.

        Raises
        ------
        InputError
            If none has one and there is no default, or the value is no such number.
        """
        for key in keys:
            value = self.get(key)
            if value is not None:
                return self._checked(key, value, least, most)
        if default is not None:
            return default
        raise InputError(
            f"{self.path}: {keys[0]}",
            f"be given for model_type {str(self.raw.get('model_type', ''))!r}",
            None,
            f"Any of these keys will do: {', '.join(keys)}." if len(keys) > 1 else "",
        )

    def _checked(self, key: str, value: Any, least: float, most: float = LARGEST) -> float:
        listed = isinstance(value, list) and bool(value)
        one = value[0] if listed and all(item == value[0] for item in value) else value
        good = isinstance(one, (int, float)) and not isinstance(one, bool)
        if not good or not math.isfinite(one) or not least <= one <= most or one % 1:
            raise InputError(
                f"{self.path}: {key}",
                f"be a whole number from {least:g} to {most:g}",
                value,
                "Layers that differ in this width are not supported." if listed else "",
            )
        return float(one)

    def flag(self, *keys: str, default: bool = False) -> bool:
        """The first of the keys that has a value, as yes or no."""
        for key in keys:
            value = self.get(key)
            if value is None:
                continue
            if not isinstance(value, bool):
                raise InputError(f"{self.path}: {key}", "be true or false", value)
            return value
        return default

    def words(self, key: str) -> list[str]:
        """A list of words, empty where the key is absent."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InputError(f"{self.path}: {key}", "be a list of words", value)
        return value

    def numbers(self, key: str) -> list[float]:
        """A list of numbers, empty where the key is absent."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise InputError(f"{self.path}: {key}", "be a list of numbers", value)
        return [self._checked(key, item, -1.0) for item in value]

    def part(self, key: str) -> Fields:
        """A nested object; an absent one reads as empty."""
        value = self.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise InputError(f"{self.path}: {key}", "be a JSON object", value)
        return Fields(f"{self.path}: {key}", {"model_type": self.raw.get("model_type"), **value})

    def refuse(self, key: str, constraint: str, hint: str = "") -> InputError:
        """An error about one key, to be raised by the caller."""
        return InputError(f"{self.path}: {key}", constraint, self.get(key), hint)
