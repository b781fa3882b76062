"""A paper as it runs: `broadsheet serve` as a process of its own, and what it started."""

import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.migrated import migrated_file
from tests.waiting import wait_until

COMMAND = (sys.executable, "-m", "broadsheet.config.cli")
ROLES = ("gate", "newsroom", "worker")
FAKEPAY = "broadsheet.ledger.providers.fakepay.server"


def environment(home: Path) -> dict[str, str]:
    """This process's environment with nothing of Broadsheet's but the home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BROADSHEET_", "DJANGO_"))}
    return kept | {"BROADSHEET_HOME": str(home)}


def broadsheet(
    home: Path, *words: str, within: float = 300, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the paper to its end; `more` are further environment settings."""
    return subprocess.run(
        [*COMMAND, *words],
        env=environment(home) | more,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )


def free_port() -> int:
    """A port of the loopback that nobody listens on, nor on the next one, where Fakepay goes.

    Each worker of a run has ports of its own, none of them those that the kernel gives away.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    while True:
        port = 10_000 + 2_000 * (worker % 10) + 2 * secrets.randbelow(1_000)
        try:
            for number in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port


@dataclass(frozen=True, slots=True)
class Process:
    """A process as /proc shows it. `born` tells it from a later one with the same number."""

    pid: int
    parent: int
    born: str
    words: tuple[str, ...]

    @property
    def lives(self) -> bool:
        """Whether it still runs; one that has ended and is not yet collected does not."""
        found = _read_process(self.pid)
        return found is not None and found.born == self.born


def _read_process(pid: int) -> Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    if fields[0] == "Z":
        return None
    return Process(pid, int(fields[1]), fields[19], tuple(words))


def descendants(pid: int) -> list[Process]:
    """Everything that a process started, and what those started."""
    numbers = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    every = [process for n in numbers if (process := _read_process(n)) is not None]
    found, parents = [], {pid}
    while more := [p for p in every if p.parent in parents and p not in found]:
        found += more
        parents |= {p.pid for p in more}
    return found


@dataclass(slots=True)
class House:
    """A served paper."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    database: str = ""

    @property
    def url(self) -> str:
        """The paper's origin, no slash at its end."""
        return f"http://localhost:{self.port}"

    def children(self) -> dict[str, Process]:
        """Gate, newsroom and worker by name."""
        every = [p for p in descendants(self.process.pid) if p.parent == self.process.pid]
        marks = {role: role for role in ROLES} | {"fakepay": FAKEPAY}
        return {role: p for p in every for role, mark in marks.items() if mark in p.words}

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the paper's database answers, whichever it is. Placeholders are "%s"."""
        if self.database:
            import psycopg

            with psycopg.connect(self.database) as connection:
                return connection.execute(sql, values).fetchall()  # type: ignore[arg-type]
        file = f"file:{self.home}/paper.sqlite3?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as database:
            return database.execute(sql.replace("%s", "?"), values).fetchall()

    def get(self, path: str, **more: object) -> httpx.Response:
        """An anonymous request, no redirect followed."""
        return httpx.get(self.url + path, timeout=60, **more)  # type: ignore[arg-type]

    def is_up(self) -> bool:
        """Whether all three processes answer and nothing waits for the press."""
        try:
            health = self.get("/healthz").json()
        except (httpx.HTTPError, ValueError):
            return False
        return health["status"] == "ok" and health["press_lag"] == 0

    def said(self) -> str:
        """What the processes printed so far."""
        return self.log.read_text()

    def addresses(self, access: str, *, wire: bool = False) -> list[str]:
        """Paths of the live articles of an access class, newest first.

        Of the staff's own unless reports are asked for: the demo's agencies go on sending and
        withdrawing while a test reads, so that a list of reports is another one a moment later.
        """
        rows = self.rows(
            "SELECT path FROM desk_article WHERE access=%s AND live AND withdrawn_at IS NULL"
            f" AND item_id IS {'NOT NULL' if wire else 'NULL'} ORDER BY first_published_at DESC",
            access,
        )
        return [path for (path,) in rows]

    def stop(self) -> list[Process]:
        """Ask the paper to end as Ctrl-C does; returns what did not end with it."""
        started = descendants(self.process.pid)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        return [process for process in started if process.lives]


@contextmanager
def served(home: Path, *, command: str = "serve", **more: str) -> Iterator[House]:
    """Serve a paper on a free port until the block ends; nothing may outlive it.

    `more` are further environment settings.
    """
    port, log = free_port(), home.parent / f"{home.name}.{command}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, command, "--port", str(port)],
            env=environment(home) | {"PYTHONUNBUFFERED": "1"} | more,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    house = House(home, port, process, log, more.get("BROADSHEET_DATABASE_URL", ""))
    try:
        wait_until(house.is_up, within=180, what="the paper is up")
        yield house
    except BaseException:
        print(house.said())
        raise
    finally:
        left = house.stop()
        for stray in left:
            os.kill(stray.pid, signal.SIGKILL)
    assert not left, left


def migrated(home: Path) -> Path:
    """The home, with a database that `migrate` finds nothing to do in."""
    home.mkdir(parents=True)
    shutil.copy(migrated_file(), home / "paper.sqlite3")
    return home


def copied_files(home: Path, target: Path) -> None:
    """All files of a home but what leads to the processes of the first paper."""
    shutil.copytree(home, target, ignore=shutil.ignore_patterns("*.sock", "agencies.json"))


def copied(home: Path, target: Path) -> Path:
    """A paper of its own with the same content; its agencies' feeds stay with the first one."""
    copied_files(home, target)
    with sqlite3.connect(target / "paper.sqlite3") as database:
        database.execute("UPDATE wire_feed SET active=0")
    database.close()
    return target
