"""Where the microseconds of a metered read go.

Run `python -m bench.steps`. Each step is timed in a gate's own process, with the request of a real
connection, as the best of five series; then the whole of it, and the processor time of a request
under wrk (64 connections): of the gate, and of the same server answering without looking.
"""

import argparse
import asyncio
import itertools
import json
import os
import shutil
import sys
import tempfile
import timeit
import urllib.request
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server as Granian

from bench.gate import CONNECTIONS, SECRET, loads, make_paper, write_cookies
from bench.load import free_port, measure, missing, serving
from broadsheet.gate import passes
from broadsheet.gate.answers import SECRET as PRIVATE
from broadsheet.gate.app import Gate
from broadsheet.gate.codings import codings_of
from broadsheet.gate.fields import accept_encoding, cookie_field, is_ahead
from broadsheet.gate.rules import FULL, PLAINLY, Report

SERIES, TURNS = 5, 10_000
SIZE = 2_100
"""Bytes of the answer without looking: those of a compressed article of the measure."""


class Nowhere:
    """Where answers go that nobody waits for."""

    def response_bytes(self, *_: object) -> None:
        return


def microseconds(step: Callable[[], object]) -> float:
    return min(timeit.repeat(step, number=TURNS, repeat=SERIES)) / TURNS * 1e6


def steps(gate: Gate, scope: Any) -> dict[str, float]:
    """Microseconds of each step of a new metered read, and of the whole."""
    headers, nowhere = scope.headers, Nowhere()
    cookies = cookie_field(headers)
    visitor = gate._visitors.recognise(cookies)
    address = gate._memory.find(scope.path)
    assert address is not None
    key = (FULL, codings_of("gzip"), PRIVATE)
    gate._memory.answer(address, key)
    page = address.pages["full"]
    numbers = itertools.count(1)

    def at_once(work: Coroutine[Any, Any, object]) -> None:
        try:
            work.send(None)
        except StopIteration:
            return

    def ask(article: int) -> None:
        report = Report(article, "metered")
        at_once(
            gate._door.meter.ask(
                report,
                visitor.reader,
                number=0,
                anonymous=f"{article:022}",
                now=gate._clock(),
                asking=PLAINLY,
            )
        )

    def answer() -> None:
        at_once(gate.__rsgi__(scope, nowhere))  # type: ignore[arg-type]

    timed: dict[str, Callable[[], object]] = {
        "host, method, path": lambda: (headers.get("host"), scope.method, scope.path),
        "the address in memory": lambda: gate._memory.find(scope.path),
        "the Cookie field": lambda: cookie_field(headers),
        "who it is, remembered": lambda: gate._visitors.recognise(cookies),
        "prefetch?": lambda: is_ahead(headers),
        "the meter: read before": lambda: ask(0),
        "the meter: a new read, recorded": lambda: ask(next(numbers)),
        "the coding": lambda: codings_of(accept_encoding(headers)),
        "the answer in memory": lambda: gate._memory.answer(address, key),
        "all of it, read before": answer,
        "(who it is, the first time)": lambda: gate._visitors._verified(cookies),
        "(the address from the store)": lambda: gate._memory._load(scope.path),
        "(the answer, made)": lambda: gate._memory._composed(address, key, page),
    }
    return {name: microseconds(step) for name, step in timed.items()}


class Timed:
    """Answers each request with what its steps cost."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        told = json.dumps(steps(self._gate, scope)).encode()
        proto.response_bytes(200, [("content-type", "application/json")], told)


class Unseeing:
    """Answers everything with the same bytes and the fields of a metered article."""

    fields: ClassVar[list[tuple[str, str]]] = [
        ("content-type", "text/html; charset=utf-8"), ("vary", "accept-encoding, cookie"),
        ("x-content-type-options", "nosniff"), ("cache-control", PRIVATE),
        ("content-encoding", "gzip"), ("referrer-policy", "strict-origin-when-cross-origin"),
        ("content-security-policy", "default-src 'self'; frame-ancestors 'none'"),
    ]  # fmt: skip
    body = os.urandom(SIZE)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        proto.response_bytes(200, self.fields, self.body)


async def serve(app: object, port: int, work: Callable[[], None] | None = None) -> None:
    """Serve until ended, or until `work` is done on a thread."""
    server = Granian(
        app, address="127.0.0.1", port=port, interface=Interfaces.RSGI, http=HTTPModes.auto,
        websockets=False, backlog=1024, log_enabled=False,
    )  # fmt: skip
    task = asyncio.ensure_future(server.serve())
    if work is not None:
        await asyncio.sleep(0.3)
        await asyncio.to_thread(work)
        server.stop()  # type: ignore[no-untyped-call]
    await task


def print_steps(home: Path) -> None:
    """Ask a gate of this process what its steps cost, and print it."""
    port = free_port()
    reader = passes.sign_reader_id(passes.new_reader_id(), passes.reader_key(SECRET))
    fields = {"Host": "localhost", "Accept-Encoding": "gzip", "Cookie": f"reader={reader}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metered/1", headers=fields)

    def ask() -> None:
        with urllib.request.urlopen(request) as answer:
            for name, cost in json.loads(answer.read()).items():
                print(f"{name:34}{cost:6.2f} us")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(Timed(Gate(home, SECRET)), port, ask))


def print_costs(home: Path) -> None:
    """Processor time of a request, of the whole gate and of a server that only answers."""
    write_cookies(home)
    bare, port, other = loads(home)[3], free_port(), free_port()
    environ = {"BROADSHEET_HOME": str(home), "BROADSHEET_SECRET_KEY": SECRET.decode()}
    gate = [sys.executable, "-m", "broadsheet.gate", "--port", str(port)]
    with ExitStack() as stack:
        servers = {
            "the server alone": stack.enter_context(
                serving([sys.executable, "-m", "bench.steps", "--unseeing", str(other)], other)
            ),
            "the gate": stack.enter_context(serving(gate, port, **environ)),
        }
        rows = {"the server alone": (bare,), "the gate": tuple(loads(home))}
        for name, server in servers.items():
            for load in rows[name]:
                cost = min(measure(server, load, 2, CONNECTIONS).cost for _ in range(3))
                label = f"{name}: {load.name}" if name == "the gate" else name
                print(f"{label:34}{cost:6.1f} us of processor time a request")


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="bench.steps", description=__doc__)
    parser.add_argument("--unseeing", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.unseeing:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(Unseeing(), options.unseeing))
        return 0
    with tempfile.TemporaryDirectory(prefix="broadsheet-steps-") as folder:
        home = Path(folder)
        make_paper(home)
        print_steps(home)
        if not missing():
            shutil.rmtree(home / "journal", ignore_errors=True)
            print_costs(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
