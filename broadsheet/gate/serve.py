"""The gate's process: `python -m broadsheet.gate --host 127.0.0.1 --port 8000`.

One process whose answers are made by one thread of Python, so that a kill leaves no orphan holding
the port, and a meter in memory decides in one place. It ends when the process that started it ends.
"""

import argparse
import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.server.embed import Server

from broadsheet.gate.app import Gate
from broadsheet.kit.env import Env, is_supervised, read_env, secret_key, supervisor
from broadsheet.kit.say import Refusal

BACKLOG = 1024
PARENT_SECONDS = 0.25
MOST_FIELDS = 64 * 1024
"""Bytes of fields in a request: with more it is answered by 431 (RFC 6585, 5)."""

HTTP1 = HTTP1Settings(max_buffer_size=MOST_FIELDS)
HTTP2 = HTTP2Settings(max_concurrent_streams=128, max_headers_size=MOST_FIELDS)
"""Requests at a time on one connection (RFC 9113, 6.5.2)."""

GRACE_SECONDS = 2.0
"""For answers under way. Then the process ends: a client that never finishes must not hold it."""

START_SECONDS = 0.5
"""For what was read before. Then whoever comes is answered, and metered articles wait for it."""

log = logging.getLogger("broadsheet.gate")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to end. Returns the exit code: 0, or 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="broadsheet.gate", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s gate: %(message)s")
    # Granian's own lines say nothing to a publisher; its errors do.
    logging.getLogger("_granian").setLevel(logging.ERROR)
    try:
        env = read_env()
        check_port(options.host, options.port, among=env.gates)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(env, options.host, options.port))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def check_port(host: str, port: int, *, among: int = 1) -> None:
    """Raise Refusal when somebody listens there already, or nobody may.

    Among several gates another gate may: granian listens with SO_REUSEPORT (socket(7)), and the
    kernel gives each connection to one of them.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if among > 1:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            # Without listening, or it would be given readers of the other gates, and reset them.
            probe.bind((host, port))
        except OSError as error:
            remedy = "Stop what uses it, or name another with --port."
            raise Refusal(f"{host} port {port}: {error.strerror}.", remedy) from None


def _gate(env: Env) -> Gate:
    if not env.home.is_dir():
        raise Refusal(f"There is no paper in {env.home}.", "Make one with `broadsheet init`.")
    run = env.home / "run"
    run.mkdir(exist_ok=True)
    # A Unix socket's path may be 100 bytes long: from here its name alone is enough.
    os.chdir(run)
    return Gate(
        Path(env.home),
        secret_key(env),
        url=env.url,
        starting=is_supervised(),
        trusted=env.proxies,
        meter_url=env.meter_url,
        resolver=env.resolver,
    )


async def _serve(env: Env, host: str, port: int) -> None:
    gate = _gate(env)
    server = Server(
        gate,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.auto,
        http1_settings=HTTP1,
        http2_settings=HTTP2,
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, server)
    kept = (gate.keep_noticing(), gate.keep_packing(), _outlived(server))
    tasks = [asyncio.create_task(one) for one in kept]
    await gate.ready(START_SECONDS)
    # What is there now stays; the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    log.info("answering at http://%s:%d", host, port)
    try:
        await server.serve()
    finally:
        for task in tasks:
            task.cancel()
        await gate.close()


async def _outlived(server: Server) -> None:
    parent = supervisor()
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_SECONDS)
    _stop(server)


def _stop(server: Server) -> None:
    """Take no more requests and end within GRACE_SECONDS. What was counted is in the journal."""
    ending = threading.Timer(GRACE_SECONDS, os._exit, (0,))
    ending.daemon = True
    ending.start()
    asyncio.get_running_loop().call_soon(server.stop)
