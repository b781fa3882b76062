"""A name server whose answers the test decides."""

from __future__ import annotations

import socket
from typing import Any

import pytest


class Names:
    """Answers look-ups of `host` with one list of addresses after the other, the last for ever.

    All other names are looked up as always. It stands where the system's resolver does, below
    everything that judges addresses.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, host: str, *answers: list[str]) -> None:
        self.asked = 0
        self._host = host
        self._answers = answers
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, port: Any, *args: Any, **named: Any) -> Any:
        if host != self._host:
            return self._real(host, port, *args, **named)
        addresses = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]
