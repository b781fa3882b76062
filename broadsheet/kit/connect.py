"""Connections for `kit.fetch`: only to addresses that were judged, and never past the deadline."""

from __future__ import annotations

import functools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import certifi
import httpcore

from broadsheet.kit.addresses import Address, host_and_port, is_listed, resolve, why_refused
from broadsheet.kit.fetch_errors import AddressRefused, NotReached, TooSlow

SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)


@functools.cache
def trust() -> ssl.SSLContext:
    """The authorities of certifi and of the machine; there is no way to switch checking off."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


class Deadline:
    """The moment at which a fetch must be over, whatever the server does."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Seconds that remain, capped by `at_most`. Raises TooSlow when none do."""
        remaining = self._ends - time.monotonic()
        if remaining <= 0:
            raise TooSlow(
                f"The server was still sending after {self.seconds:g} seconds; "
                "try again later, or ask the agency why it is slow."
            )
        return remaining if at_most is None else min(at_most, remaining)


class TimedStream(httpcore.NetworkStream):
    """A stream on which every single read and write is cut to what the deadline leaves.

    A limit per read alone would let a server that sends one byte at a time go on for ever.
    """

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class JudgingBackend(httpcore.NetworkBackend):
    """Resolves a name once, judges all its addresses, and connects to one of those very addresses.

    The name is not looked up a second time, so an answer that changes in between (DNS rebinding)
    has no effect. The name itself stays in the Host header and in the TLS handshake (SNI).
    """

    def __init__(self, allow_hosts: Collection[str], deadline: Deadline) -> None:
        self._allow_hosts = allow_hosts
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises AddressRefused, NotReached or TooSlow, and httpcore's own errors."""
        addresses = self.judged(host, port, timeout)
        *others, last = addresses
        for address in others:
            try:
                return self._connected(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connected(last, port, timeout)

    def _connected(self, address: Address, port: int, timeout: float | None) -> TimedStream:
        left = self._deadline.left(timeout)
        return TimedStream(self._sockets.connect_tcp(str(address), port, left), self._deadline)

    def judged(self, host: str, port: int, timeout: float | None) -> tuple[Address, ...]:
        """All addresses of a name. Raises AddressRefused, NotReached or TooSlow."""
        addresses = self._resolved(host, port, timeout)
        for address in addresses:
            reason = why_refused(address)
            if reason and not is_listed(host, address, port, self._allow_hosts):
                place = host_and_port(host, port)
                raise AddressRefused(
                    f"{place} leads to {address}, {reason}, and only public addresses are "
                    "fetched; if that server is your own, list "
                    f"{place} in BROADSHEET_WIRE_ALLOW_HOSTS."
                )
        return addresses

    def _resolved(self, host: str, port: int, timeout: float | None) -> tuple[Address, ...]:
        try:
            addresses = resolve(host, port, within=self._deadline.left(timeout))
        except TimeoutError:
            raise TooSlow(
                f"The name {host} was not resolved in time; check the name server, then try again."
            ) from None
        except OSError:
            addresses = ()
        if not addresses:
            raise NotReached(f"The name {host} is unknown; check the spelling of the address.")
        return addresses


def open_socket(
    host: str, port: int, *, allow_hosts: Collection[str], deadline: Deadline, timeout: float
) -> socket.socket:
    """A connection for what is not HTTP, to an address that was judged; `timeout` (seconds) holds
    for each read too. Raises AddressRefused, NotReached or TooSlow.
    """
    problem: OSError | None = None
    for address in JudgingBackend(allow_hosts, deadline).judged(host, port, timeout):
        try:
            return socket.create_connection((str(address), port), deadline.left(timeout))
        except OSError as error:
            problem = error
    raise NotReached(
        f"No connection to {host} could be made ({problem}); check the address and its port."
    )


@contextmanager
def ending(deadline: Deadline, current: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Inside, the connection is cut when the deadline is over, also while a read waits for it.

    `current` gives the socket in use at that moment: TLS puts another one in its place.
    """

    def cut() -> None:
        connection = current()
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(deadline.left(), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
