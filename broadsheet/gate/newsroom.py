"""The newsroom behind the gate: HTTP/1.1 over a Unix socket, bytes passed through as they are.

The kernel takes about 100 bytes for the path of a Unix socket. So the gate's working folder is
`home/run` and the socket's name is relative; the newsroom binds it in the same way.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpcore

SOCKET = "newsroom.sock"
"""The socket's name in `home/run`, the working folder of gate and newsroom."""

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 120.0
START_SECONDS = 15.0
"""How long after the start of the gate a request waits for the newsroom to be there."""
MOST_CONNECTIONS = 64
IDLE_SECONDS = 5.0

BROKEN = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError)

RawFields = list[tuple[bytes, bytes]]
Body = AsyncIterator[bytes] | None


class NewsroomSilent(Exception):
    """The newsroom does not answer."""


class Newsroom:
    """Requests to the newsroom. `socket` is relative to the working folder, or short."""

    def __init__(self, socket: str = SOCKET, *, starting: bool = False) -> None:
        self._socket = socket
        self._patient_until = time.monotonic() + START_SECONDS if starting else 0.0
        self._pool = httpcore.AsyncConnectionPool(
            uds=socket,
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=16,
            keepalive_expiry=IDLE_SECONDS,
        )

    async def arrived(self) -> None:
        """Wait for a newsroom that is starting together with the gate, for a few seconds.

        Only until it was there once: one that dies later is answered for at once.
        """
        while time.monotonic() < self._patient_until:
            try:
                _, writer = await asyncio.open_unix_connection(self._socket)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            self._patient_until = 0.0

    @asynccontextmanager
    async def answering(
        self, method: str, target: bytes, fields: RawFields, body: Body = None
    ) -> AsyncIterator[httpcore.Response]:
        """The newsroom's answer, its body still to be read. Raises NewsroomSilent.

        A request without a body is sent once more when a kept connection turns out to be closed
        (RFC 9110, 9.2.2: only what is safe may be repeated).
        """
        request = self._request(method, target, fields, body)
        try:
            response = await self._pool.handle_async_request(request)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as error:
            if method not in ("GET", "HEAD") or body is not None:
                raise NewsroomSilent(str(error)) from error
            response = await self._again(self._request(method, target, fields, None))
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise NewsroomSilent(str(error)) from error
        try:
            yield response
        finally:
            await response.aclose()

    async def _again(self, request: httpcore.Request) -> httpcore.Response:
        try:
            return await self._pool.handle_async_request(request)
        except BROKEN as error:
            raise NewsroomSilent(str(error)) from error

    def _request(
        self, method: str, target: bytes, fields: RawFields, body: Body
    ) -> httpcore.Request:
        return httpcore.Request(
            method.encode(),
            httpcore.URL(scheme=b"http", host=b"newsroom", port=None, target=target),
            headers=fields,
            content=body,
            extensions={
                "timeout": {
                    "connect": CONNECT_SECONDS,
                    "pool": CONNECT_SECONDS,
                    "read": ANSWER_SECONDS,
                    "write": ANSWER_SECONDS,
                }
            },
        )

    async def ask(self, path: str, fields: RawFields, *, seconds: float) -> httpcore.Response:
        """GET a short answer within so many seconds, read whole. Raises NewsroomSilent."""
        try:
            async with asyncio.timeout(seconds):
                async with self.answering("GET", path.encode(), fields) as response:
                    await response.aread()
                    return response
        except (TimeoutError, *BROKEN) as error:
            raise NewsroomSilent(str(error)) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def raw_target(path: str, query: str) -> bytes:
    """The request target for a decoded path (RFC 3986, 3.3) and a raw query."""
    target = quote(path, safe="/!$&'()*+,;=:@~-._")
    return f"{target}?{query}".encode() if query else target.encode()
