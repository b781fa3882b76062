"""Gather many changes before the press runs once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_gathering: ContextVar[bool] = ContextVar("gathering", default=False)


def gathering() -> bool:
    """Whether changes are being gathered in this context."""
    return _gathering.get()


@contextmanager
def gathered() -> Iterator[None]:
    """Inside, announcing does not call the press; whoever gathers catches up afterwards."""
    token = _gathering.set(True)
    try:
        yield
    finally:
        _gathering.reset(token)
