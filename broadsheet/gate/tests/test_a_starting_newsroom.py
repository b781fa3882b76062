"""Gate and newsroom start together; the gate is faster and waits for the other, once."""

import asyncio
import time
from pathlib import Path

import pytest

from broadsheet.gate.newsroom import START_SECONDS, Newsroom, NewsroomSilent


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1024)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
    await writer.drain()
    writer.close()


async def _late(path: str) -> bytes:
    newsroom = Newsroom(path, starting=True)
    waiting = asyncio.create_task(newsroom.arrived())
    await asyncio.sleep(0.3)
    assert not waiting.done()
    server = await asyncio.start_unix_server(_answer, path)
    await asyncio.wait_for(waiting, 60)
    answer = await newsroom.ask("/", [(b"host", b"x")], seconds=60)
    await newsroom.close()
    server.close()
    return bytes(answer.content)


def test_a_request_waits_for_a_newsroom_that_is_starting(tmp_path: Path) -> None:
    assert asyncio.run(_late(str(tmp_path / "n.sock"))) == b"ok"


async def _absent(path: str) -> float:
    newsroom = Newsroom(path)
    started = time.monotonic()
    await newsroom.arrived()
    with pytest.raises(NewsroomSilent):
        await newsroom.ask("/", [(b"host", b"x")], seconds=60)
    await newsroom.close()
    return time.monotonic() - started


def test_a_gate_that_was_not_started_with_it_does_not_wait(tmp_path: Path) -> None:
    assert asyncio.run(_absent(str(tmp_path / "n.sock"))) < START_SECONDS / 2
