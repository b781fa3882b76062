"""The way to the tally: one connection to a Valkey or Redis, and what to do when it is silent.

What is asked while an exchange is under way goes out together with the next one: under load one
round trip carries the questions of many readers.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from broadsheet.gate.tally_scripts import GREET, SCRIPTS, Script

SILENT_SECONDS = 0.5
"""An answer that takes longer is none: the reader is not kept waiting for the meter."""

GLANCE = 0.01

RETRY_SECONDS = 1.0
"""After a failure nothing is asked for so long; then the next request tries."""

IDLE_SECONDS = 1.0
"""A connection that was idle for longer is looked at before it is used."""

MOST_AT_ONCE = 100
"""Questions in one exchange, so that reading the answers stops nothing else for long."""

log = logging.getLogger("broadsheet.gate")

Words = tuple[str | bytes | int, ...]


class TallySilent(Exception):
    """The tally does not answer, or not well."""


class Tally:
    """A connection, made when first needed and again after an outage.

    `url` is redis://, rediss://, valkey:// or valkeys://; all keys begin with `prefix`; what
    takes longer than `patience` seconds has failed.
    """

    def __init__(self, url: str, prefix: str, *, patience: float = SILENT_SECONDS) -> None:
        self.prefix = prefix
        self._patience = patience
        self.fault = ""
        self._pool: Any = ConnectionPool.from_url(
            plain_url(url),
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
        )
        self._connection: AbstractConnection | None = None
        self._waiting: list[tuple[Words, asyncio.Future[Any]]] = []
        self._sending: asyncio.Task[None] | None = None
        self._silent_until = 0.0
        self._used = 0.0

    async def call(self, script: Script, keys: Sequence[str], *words: str | bytes | int) -> Any:
        """What a script answers for keys (without their prefix). Raises TallySilent."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._silent_until:
            raise TallySilent(self.fault)
        answer: asyncio.Future[Any] = loop.create_future()
        command = ("EVALSHA", script.sha, len(keys), *(self.prefix + key for key in keys), *words)
        self._waiting.append((command, answer))
        if self._sending is None:
            self._sending = loop.create_task(self._send())
        return await answer

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)

    async def _send(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._try(batch)
        finally:
            self._sending = None

    async def _try(self, batch: list[tuple[Words, asyncio.Future[Any]]]) -> None:
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout(None)
        # An answer that came while this process was busy elsewhere is read before it is missed.
        late = loop.call_later(self._patience, lambda: limit.reschedule(loop.time() + GLANCE))
        try:
            async with limit:
                await self._exchange(batch)
        except TimeoutError:
            await self._fail(batch, "no answer in time")
            return
        except Exception as error:
            # Whatever it was (an option in the address that the client does not know, say):
            # readers wait for an answer, and none must wait for ever.
            await self._fail(batch, str(error) or type(error).__name__)
            return
        finally:
            late.cancel()
        if self.fault:
            log.warning("The tally of reads answers again.")
            self.fault = ""

    async def _exchange(self, batch: list[tuple[Words, asyncio.Future[Any]]]) -> None:
        connection = await self._connected()
        await _send(connection, [command for command, _ in batch])
        for _, answer in batch:
            found = await connection.read_response()
            if not answer.done():
                answer.set_result(found)
        self._used = asyncio.get_running_loop().time()

    async def _connected(self) -> AbstractConnection:
        if self._connection is None:
            self._connection = self._pool.make_connection()
        connection = self._connection
        idle = asyncio.get_running_loop().time() - self._used
        if connection.is_connected and idle > IDLE_SECONDS and await _is_over(connection):
            await connection.disconnect(nowait=True)
        if not connection.is_connected:
            await connection.connect()
            await _send(connection, [("SCRIPT", "LOAD", script.text) for script in SCRIPTS])
            for _ in SCRIPTS:
                await connection.read_response()
            await _send(connection, [("EVALSHA", GREET.sha, 1, f"{self.prefix}mark")])
            await connection.read_response()
        return connection

    async def _fail(self, batch: list[tuple[Words, asyncio.Future[Any]]], reason: str) -> None:
        if not self.fault:
            log.error("The tally of reads does not answer; nothing is counted: %s", reason)
        self.fault = reason
        self._silent_until = asyncio.get_running_loop().time() + RETRY_SECONDS
        batch, self._waiting = batch + self._waiting, []
        for _, answer in batch:
            if not answer.done():
                answer.set_exception(TallySilent(reason))
        if self._connection is not None:
            # What it would still answer belongs to questions that nobody waits for any more.
            await self._connection.disconnect(nowait=True)


def plain_url(url: str) -> str:
    """As the client knows it: a Valkey is spoken to like a Redis."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.replace('valkeys', 'rediss').replace('valkey', 'redis')}{separator}{rest}"


async def _send(connection: AbstractConnection, commands: Sequence[Words]) -> None:
    packed = connection.pack_commands(commands)
    await connection.send_packed_command(packed, check_health=False)


async def _is_over(connection: AbstractConnection) -> bool:
    try:
        return bool(await connection.can_read())
    except (OSError, RedisError):
        return True
