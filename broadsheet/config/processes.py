"""`broadsheet serve`: one command supervises gate, newsroom and worker."""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from broadsheet.gate.serve import check_port
from broadsheet.kit.backoff import backoff
from broadsheet.kit.env import SUPERVISOR, read_env, supervisor
from broadsheet.kit.say import Refusal

GRACE = 10.0
"""Seconds a process gets to end by itself."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds between restarts of a process that keeps dying."""

NICENESS = 10
"""Of newsroom and worker (nice(1)): an answer does not wait behind them, and where the gate needs
all of a core they get a tenth of it."""


@dataclass(slots=True)
class Child:
    """A supervised process and how it fares."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    restart_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a group of its own, so that its own children end with it."""
        told = os.environ | {SUPERVISOR: str(os.getpid())}
        self.process = subprocess.Popen(self.command, start_new_session=True, env=told)
        self.started = time.monotonic()

    def check(self) -> None:
        """Restart it when it died, slower each time."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self._kill_group()
            quick = now - self.started < 60
            self.failures = self.failures + 1 if quick else 1
            pause = backoff(self.failures, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            print(f"broadsheet: {self.name} ended; starting it again in {pause:.1f} s.",
                  file=sys.stderr)  # fmt: skip
            self.process, self.restart_at = None, now + pause
        if self.process is None and now >= self.restart_at:
            self.start()

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until the deadline, then kill what is left of its group."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        self._kill_group()

    def _kill_group(self) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def give_way() -> None:
    """Let readers go first where there are few cores. Called when started: starting is urgent.

    A paper that was started with that niceness, or a greater one, has given way already.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    # Between sessions, which processes of ours are, Linux shares by theirs (sched(7), autogroup).
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS))


def end_with_parent() -> None:
    """End this process and its own when the one that started it is gone, even by kill -9."""
    parent = supervisor()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        if os.getpgrp() == os.getpid():  # Started by Child: granian's worker is in the group.
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def serve(options: argparse.Namespace, welcome: Callable[[str], str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Gates start first: the paper is up before the newsroom.

    Raises Refusal when the port is taken or the paper is being served already.
    """
    check_port(options.host, options.port)
    claim = _claim(read_env().home)
    words = [sys.executable, "-m", "broadsheet.config.cli"]
    gates = _gates([*words, "gate", "--host", options.host, "--port", str(options.port)])
    others = [Child("newsroom", [*words, "newsroom"]), Child("worker", [*words, "worker"])]
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    if (read_env().home / "pressed.sqlite3").exists():
        for gate in gates:
            gate.start()
    try:
        address = _prepare(options.port)
        others = [*_gateway(options.port, address), *others]
        print(welcome(address) if welcome else _welcome(address), flush=True)
        while not stopping.is_set():
            for child in (*gates, *others):
                child.check()
            stopping.wait(0.2)
    finally:
        children = [*gates, *others]
        for child in children:
            child.stop()
        deadline = time.monotonic() + GRACE
        for child in children:
            child.end(deadline)
        claim.close()
    return 0


def _gates(command: list[str]) -> list[Child]:
    """One gate, or as many as are wanted, all on the same port."""
    number = read_env().gates
    names = ["gate"] if number == 1 else [f"gate {n}" for n in range(1, number + 1)]
    return [Child(name, command) for name in names]


def _gateway(port: int, address: str) -> list[Child]:
    """The demo brings its payment gateway along, unless another one is set."""
    from broadsheet.config.payments import demo_gateway
    from broadsheet.desk.models import Paper

    env = read_env()
    wanted = Paper.load().demo and not env.payments_url
    return [Child("fakepay", demo_gateway(env, port, address))] if wanted else []


def _claim(home: Path) -> TextIO:
    """One `serve` a paper: a second one would take the newsroom's socket from the first.

    The lock ends with this process, however it ends. Raises Refusal.
    """
    (home / "run").mkdir(exist_ok=True)
    file = (home / "run" / "serve.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Refusal(
            f"The paper in {home} is being served already.", "Stop the other 'broadsheet' first."
        ) from None
    return file


def _welcome(address: str) -> str:
    return f"The paper is at {address}/ and the desk at {address}/desk/. Ctrl-C stops it."


def _prepare(port: int) -> str:
    """Migrate what is new, collect static files of a new version, store the origin."""
    import django

    django.setup()
    from broadsheet.config import upgrade
    from broadsheet.press import actions

    env = read_env()
    address = env.url or f"http://localhost:{port}"
    os.environ.setdefault("BROADSHEET_URL", address)
    upgrade.bring_up_to_date()
    actions.set_origin(address)
    actions.catch_up()
    return address


def newsroom(options: argparse.Namespace) -> int:
    """Django on the Unix socket `run/newsroom.sock`, bound by a relative path: long homes fit."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    end_with_parent()
    home: Path = read_env().home
    (home / "run").mkdir(exist_ok=True)
    os.chdir(home / "run")
    Path("newsroom.sock").unlink(missing_ok=True)
    server = Granian(
        "broadsheet.config.wsgi:application",
        uds=Path("newsroom.sock"),
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        backlog=256,
        log_level=LogLevels.warning,
    )
    # granian makes the path absolute, and the kernel refuses addresses over 108 bytes.
    server.bind_uds = Path("newsroom.sock")
    server.serve()
    return 0
