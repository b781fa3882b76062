"""Rendering that hears every unknown name, also those that an `if` swallows."""

from collections.abc import Iterator

import pytest

from broadsheet.look import strict


@pytest.fixture
def asked_in_vain(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The unknown names that templates asked for; Django's `if` hides errors of comparisons."""
    heard: list[str] = []

    class Heard(strict.UnknownName):
        def __init__(self, message: str) -> None:
            heard.append(message)
            super().__init__(message)

    monkeypatch.setattr(strict, "UnknownName", Heard)
    yield heard
    assert heard == []
