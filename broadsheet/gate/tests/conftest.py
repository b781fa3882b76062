"""A small paper with a real gate process in front of it, and a small newsroom behind it."""

import gzip
import http.client
import itertools
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest

from broadsheet.gate import passes
from broadsheet.gate.codings import zstd
from broadsheet.gate.pressed import (
    WALL_MARK,
    Page,
    PressRun,
    compressed,
    etag_of,
    event,
    open_store,
    store_path,
)
from tests.waiting import wait_until

if TYPE_CHECKING:
    # They start the papers of this file.
    from broadsheet.gate.tests.tallies import Server, Shared

SECRET = b"a key for tests only"
CANARY = "the harbour master kept the second ledger"
ANSWER_SECONDS = 30.0
MARK = "/taken-up"
UNPACK = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
}


@dataclass(frozen=True)
class Reply:
    """What came back: status, fields in order, body as sent."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name]

    def get(self, name: str) -> str:
        return ", ".join(self.all(name))


def unpacked(reply: Reply) -> bytes:
    """The body before its content coding."""
    coding = reply.get("content-encoding")
    return UNPACK[coding](reply.body) if coding and reply.body else reply.body


def page(path: str, html: str, variant: str = "full", **more: object) -> Page:
    """A page for the store, from its text."""
    return Page(path, variant, compressed(html), etag_of(html), **more)  # type: ignore[arg-type]


def article(path: str, number: int, access: str = "metered", **more: object) -> list[Page]:
    """The three variants of an article; only the full ones hold the canary."""
    facts = {"access": access, "article": number, **more}
    return [
        page(path, f"<p>Opening {number}.</p><p>{CANARY}</p><aside>ad</aside>", "full", **facts),
        page(path, f"<p>Opening {number}.</p><p>{CANARY}</p>", "full_no_ads", **facts),
        page(path, f"<p>Opening {number}.</p>{WALL_MARK}", "teaser", **facts),
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Paper:
    """A paper's home and its gate. `url` is the origin given to the gate, "" for the store's;
    `proxies` are the networks that it trusts, `resolver` is its DNS server, `settings` are more of
    its settings."""

    home: Path
    url: str = ""
    proxies: str = ""
    resolver: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = field(default_factory=dict)
    marks: Iterator[int] = field(default_factory=itertools.count)

    def press(self, *pages: Page, **facts: str) -> None:
        """Press pages in one event; facts are set with them."""

        def write(run: PressRun) -> None:
            for one in pages:
                run.put(one)
            for name, value in facts.items():
                run.set_fact(name, value)

        self.press_event(write)

    def press_event(self, write: Callable[[PressRun], None]) -> None:
        store = open_store(store_path(self.home))
        with event(store) as run:
            write(run)
        store.close()

    def start(self) -> None:
        """Start the gate and wait until it listens."""
        self.process = self.spawn()
        wait_until(self.listens, what="the gate listens")

    def listens(self) -> bool:
        """Whether somebody listens on the paper's port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def taken_up(self, *, asks: int = 1) -> None:
        """Wait until all that was pressed is in force. With several gates on the port `asks` is
        how often to ask, so that none is left out."""
        # A page that a gate holds shows its new words when the gate takes over what is new, all
        # at once; one that it does not hold would be read by itself, before the rest.
        self._press_mark()
        for _ in range(asks):
            self.ask(MARK)
        mark = self._press_mark()
        wait_until(lambda: all(self._shown_mark() == mark for _ in range(asks)), what="the press")

    def _press_mark(self) -> bytes:
        text = f"{next(self.marks)}"
        self.press(page(MARK, text, "plain"))
        return text.encode()

    def _shown_mark(self) -> bytes:
        return self.ask(MARK, accept_encoding="identity").body

    def worked(self) -> float:
        """Seconds that the gate has kept the processor busy since it was started (proc(5))."""
        assert self.process is not None
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start a gate process, one of perhaps several on the paper's port."""
        self.port = self.port or free_port()
        environ = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
        environ |= {"BROADSHEET_HOME": str(self.home), "BROADSHEET_SECRET_KEY": SECRET.decode()}
        if self.url:
            environ["BROADSHEET_URL"] = self.url
        environ["BROADSHEET_TRUSTED_PROXIES"] = self.proxies
        environ["BROADSHEET_RESOLVER"] = self.resolver
        command = [sys.executable, "-m", "broadsheet.gate", "--port", str(self.port)]
        return subprocess.Popen(command, env=environ | self.settings)

    def kill(self) -> None:
        """kill -9."""
        self.stop(signal.SIGKILL)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=ANSWER_SECONDS)
            self.process = None

    def ask(self, path: str, method: str = "GET", **fields: str) -> Reply:
        """One request; `fields` with "_" for "-", e.g. `cookie="reader=…"`."""
        return self._exchange(path, method, None, fields)

    def post(self, path: str, body: bytes) -> Reply:
        """One request with a body."""
        return self._exchange(path, "POST", body, {})

    def _exchange(
        self, path: str, method: str, body: bytes | None, fields: dict[str, str]
    ) -> Reply:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        # Closed whatever happens: a gate that is killed leaves its answer unfinished.
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        with closing(asked) as connection:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheaders(), answer.read())

    def raw(self, request: bytes) -> bytes:
        """Bytes as they are, and everything that comes back until the gate closes."""
        with socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS) as connection:
            connection.sendall(request)
            received = b""
            while piece := connection.recv(65536):
                received += piece
            return received

    def reader_cookie(self) -> str:
        """A Cookie field with a new anonymous reader id of this paper."""
        signed = passes.sign_reader_id(passes.new_reader_id(), passes.reader_key(SECRET))
        return f"reader={signed}"

    def pass_cookie(
        self, number: int = 7, *entitlements: str, age: float = 0, until: float = 0
    ) -> str:
        """A Cookie field with a pass issued `age` seconds ago."""
        issued = passes.Pass(number, frozenset(entitlements), time.time() - age, until)
        return f"pass={passes.sign_pass(issued, passes.pass_key(SECRET))}"


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Paper]:
    """A paper with its facts and walls pressed; the gate is not started yet."""
    made = new_paper(tmp_path)
    yield made
    made.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def shared_paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    """One paper for all tests of a file that leave it as they found it."""
    made = new_paper(tmp_path_factory.mktemp("paper"))
    yield made
    made.stop(signal.SIGKILL)


def new_paper(home: Path, url: str = "") -> Paper:
    """A paper with its facts and walls pressed."""
    home.mkdir(exist_ok=True)
    made = Paper(home, url)

    def write(run: PressRun) -> None:
        for reason in ("limit_anonymous", "limit_registered", "register", "premium"):
            run.put_fragment(reason, f'<div class="paywall">wall {reason}</div>')
        run.set_fact("proxied", '["desk", "accounts", "search"]')
        run.put(page("/", "<h1>Front</h1>", "plain"))

    made.press_event(write)
    return made


class Asked(BaseHTTPRequestHandler):
    """One request to the newsroom of the tests; `server.answer` decides."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.server.answer(self)  # type: ignore[attr-defined]

    do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = _answer

    def log_message(self, *_: object) -> None:
        return

    def address_string(self) -> str:
        return "newsroom"

    def say(self, status: int, body: bytes = b"", *fields: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)


class Newsroom(socketserver.ThreadingUnixStreamServer):
    """An HTTP server on the paper's socket."""

    daemon_threads = True
    answer: Callable[[Asked], None]


@pytest.fixture
def newsroom(paper: Paper) -> Iterator[Newsroom]:
    """A newsroom that answers whatever the test sets as `newsroom.answer`."""
    with open_newsroom(paper.home) as server:
        yield server


@pytest.fixture(scope="module")
def shared_newsroom(shared_paper: Paper) -> Iterator[Newsroom]:
    """The newsroom of the shared paper, whose gate is running."""
    with open_newsroom(shared_paper.home) as server:
        shared_paper.start()
        yield server


@contextmanager
def open_newsroom(home: Path) -> Iterator[Newsroom]:
    """A newsroom in a home, bound by its name alone, so that the folder's path may be long."""
    (home / "run").mkdir()
    before = os.getcwd()
    os.chdir(home / "run")
    server = Newsroom("newsroom.sock", Asked)
    os.chdir(before)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Server"]:
    """A Valkey or Redis of the module's own."""
    from broadsheet.gate.tests.tallies import running

    with running(tmp_path_factory.mktemp("tally")) as made:
        yield made


@pytest.fixture
def shared(server: "Server") -> Iterator["Shared"]:
    """Meters on that server, which holds nothing yet."""
    from broadsheet.gate.tests.tallies import Shared

    with server.client() as client:
        client.flushall()
    made = Shared(server)
    yield made
    made.end()
