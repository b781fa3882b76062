"""FTP, FTPS and SFTP servers on the loopback interface: pyftpdlib and asyncssh, not ours."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

USER, PASSWORD = "wire", "tides and ledgers"


@dataclass(frozen=True)
class Place:
    """Where a server listens, and the host key it shows."""

    scheme: str
    port: int
    host: str = "127.0.0.1"
    fingerprint: str = ""

    @property
    def listed(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}", f"[::1]:{self.port}")

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.host}:{self.port}{path}"


@contextmanager
def ftp_serving(
    folder: Path, *, certificate: Path | None = None, old: bool = False
) -> Iterator[Place]:
    """An FTP server for the folder; with a certificate under TLS only; an old one knows no MLSD."""
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm="elr")
    base = TLS_FTPHandler if certificate else FTPHandler

    class Handler(base):  # type: ignore[misc, valid-type]
        use_sendfile = False
        auth_failed_timeout = 0.05

    Handler.authorizer = authorizer
    if old:
        known = {name: facts for name, facts in base.proto_cmds.items() if name != "MLSD"}
        Handler.proto_cmds = known
    if certificate:
        Handler.certfile = str(certificate)
        Handler.tls_control_required = Handler.tls_data_required = True
    server = FTPServer(("127.0.0.1", 0), Handler)
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            server.serve_forever(timeout=0.02, blocking=False)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        host = "localhost" if certificate else "127.0.0.1"
        yield Place("ftps" if certificate else "ftp", server.address[1], host)
    finally:
        stopping.set()
        thread.join()
        server.close_all()


@contextmanager
def sftp_serving(folder: Path, admitted: str = "") -> Iterator[Place]:
    """An SFTP server for the folder, with a host key of its own.

    It takes the password, or with *admitted*, a public key, that key alone.
    """
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return not admitted

        def public_key_auth_supported(self) -> bool:
            return bool(admitted)

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return username == USER and key == asyncssh.import_public_key(admitted)

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    def files(channel: asyncssh.SSHServerChannel) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(folder).encode())

    listen = asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=files
    )
    server = loop.run_until_complete(listen)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield Place("sftp", server.get_port(), fingerprint=key.get_fingerprint("sha256"))
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _closed(server: asyncssh.SSHAcceptor) -> None:
    server.close()
    await server.wait_closed()
