"""Real servers on the loopback interface, for tests of what is fetched."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A running server: where it is and what it was asked."""

    port: int
    scheme: str = "http"
    asked: list[tuple[str, Message]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.place}{path}"


@contextmanager
def serving(
    routes: Mapping[str, Answer], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Server]:
    """A server that answers each path by its function, and 404 otherwise."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append((self.path, self.headers))
            try:
                routes.get(self.path, reply(404))(self)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Listener(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    listener = Listener((host, 0), Handler)
    if tls is not None:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True)
    server = Server(listener.server_address[1], "https" if tls else "http")
    thread = threading.Thread(target=lambda: listener.serve_forever(0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def reply(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer with this body; underscores in the names of headers stand for hyphens."""

    def answer(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(status)
        for name, value in headers.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body)

    return answer


def redirect(to: str, status: int = 302) -> Answer:
    """An answer that points elsewhere."""
    return reply(status, Location=to)


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[Server]:
    """A server that hands each bare connection to `talk`, for what no honest server would say."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=converse, args=(connection,), daemon=True).start()

    def converse(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                talk(connection)
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Server(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
