"""How the event loop of the simulator is compiled.

An event takes a hundred nanoseconds, so that two habits of the compiler would double it and
more: passing a state of many arrays to each function by value, and counting references to
each array on the way in and out. Functions of the loop are therefore put into their callers,
and count nothing: the caller in Python holds every array, and none is made on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

#: Functions of the loop, and those that it calls now and then.
INNER: dict[str, Any] = {"cache": True, "forceinline": True, "_nrt": False}
OUTER: dict[str, Any] = {"cache": True, "_nrt": False}

Function = TypeVar("Function", bound=Callable[..., Any])


def inner(function: Function) -> Function:
    """Compile a function of the event loop; it must not make arrays."""
    return cast("Function", njit(**INNER)(function))


def outer(function: Function) -> Function:
    """Compile a function that the event loop calls now and then, on the same terms."""
    return cast("Function", njit(**OUTER)(function))
