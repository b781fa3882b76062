"""A real Valkey or Redis for the tests, and a meter on it asked from plain code."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
import redis

from broadsheet.gate.passes import derived_key
from broadsheet.gate.policy import Policy
from broadsheet.gate.shared_meter import SharedMeter
from broadsheet.gate.tally import Tally
from broadsheet.gate.tests.conftest import SECRET, Paper, Reply, article, free_port, new_paper
from broadsheet.gate.tests.load import Asked, ask_all, press_forty
from tests.waiting import wait_until

T = TypeVar("T")
PREFIX = "broadsheet:test:"
PREMIUM = "/2026/11/21/premium"
KEYS = f"broadsheet:{derived_key(SECRET, 'tally')[:6].hex()}:"
"""What the keys of a paper of the tests begin with."""

PROGRAM = shutil.which("valkey-server") or shutil.which("redis-server") or ""
needs_server = pytest.mark.skipif(
    not PROGRAM, reason="neither valkey-server nor redis-server is installed"
)


@dataclass
class Server:
    """A server of its own, which tests start, stop and freeze."""

    folder: Path
    port: int
    options: tuple[str, ...] = ("--appendonly", "no")
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--dir", str(self.folder), "--logfile", str(self.folder / "server.log")]
        self.process = subprocess.Popen([*command, *self.options])
        wait_until(self.answers, what="the server has started")

    def answers(self) -> bool:
        try:
            with self.client() as client:
                client.ping()
        except redis.ConnectionError:
            return False
        return True

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=30, protocol=2)

    def send(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def stop(self) -> None:
        if self.process is not None:
            self.send(signal.SIGCONT)
            self.process.kill()
            self.process.wait(timeout=30)
            self.process = None


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Server]:
    made = Server(folder, free_port(), options or ("--appendonly", "no"))
    made.start()
    try:
        yield made
    finally:
        made.stop()


class Shared:
    """Shared meters on an event loop of their own, asked one request after another."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._runner = asyncio.Runner()
        self._made: list[SharedMeter] = []

    def meter(
        self,
        folder: Path,
        *,
        clock: Callable[[], float] = time.time,
        policy: Policy | None = None,
        zone: str = "Asia/Kolkata",
        settle: float = 0.0,
        patience: float = 5.0,
        url: str = "",
    ) -> SharedMeter:
        tally = Tally(url or self.server.url, PREFIX, patience=patience)
        policy = policy or Policy()
        meter = SharedMeter(folder, tally, zone=zone, policy=policy, clock=clock, settle=settle)
        self._made.append(meter)
        return meter

    def run(self, work: Awaitable[T]) -> T:
        async def whole() -> T:
            return await work

        return self._runner.run(whole())

    def close(self) -> None:
        for meter in self._made:
            self.run(meter.close())
        self._made.clear()

    def end(self) -> None:
        self.close()
        self._runner.close()


class Gates:
    """Several real gate processes of one paper on one port, with a tally of their own. So many
    `asks` leave none of them out."""

    def __init__(self, paper: Paper, server: Server, number: int = 4) -> None:
        self.paper, self.server = paper, server
        paper.settings |= {"BROADSHEET_METER_URL": server.url, "BROADSHEET_GATES": str(number)}
        self.processes = [paper.spawn() for _ in range(number)]
        self.asks = 16 * number
        self.wait_for(number)

    def wait_for(self, number: int) -> None:
        """Wait until so many gates listen, have their connection and can count."""
        with self.server.client() as client:

            def are_there() -> bool:
                there = listening(self.paper.port) >= number < len(client.client_list())
                return there and all(self.health()["meter"] == "ok" for _ in range(self.asks))

            wait_until(are_there, what="the gates have started")

    def taken_up(self) -> None:
        """Wait until what was pressed is in force in all of them."""
        self.paper.taken_up(asks=self.asks)

    def health(self) -> dict[str, str]:
        checks: dict[str, str] = json.loads(self.paper.ask("/healthz").body)["checks"]
        return checks

    def kill_one(self, which: int) -> None:
        """kill -9 of one gate; another is started in its place."""
        self.processes[which].kill()
        self.processes[which].wait(timeout=30)
        self.processes[which] = self.paper.spawn()

    def asked(self, requests: Sequence[Asked], *, at_once: int = 64) -> list[Reply | None]:
        return ask_all(self.paper, requests, at_once)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(timeout=30)


def listening(port: int) -> int:
    """How many sockets listen on a port of this machine (proc(5), state 0A)."""
    rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "0A" for row in rows)


@contextmanager
def several(folder: Path, proxies: str = "", **facts: str) -> Iterator[Gates]:
    """Four gates of a new paper, behind proxies that they trust if any, and a server for them."""
    for name in ("tally", "home"):
        (folder / name).mkdir()
    paper = new_paper(folder / "home")
    paper.proxies = proxies
    press_forty(paper)
    paper.press(*article(PREMIUM, 99, "premium"), **facts)
    with running(folder / "tally") as server:
        made = Gates(paper, server)
        yield made
        made.end()
