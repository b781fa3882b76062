"""An IMAP server on the loopback interface: pymap, not ours, under TLS from the start."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

USER, PASSWORD = "wire", "tides and ledgers"


@dataclass(frozen=True)
class Mailbox:
    """A running server with one user."""

    port: int
    certificate: Path

    @property
    def listed(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}", f"[::1]:{self.port}")

    def url(self, folder: str = "") -> str:
        return f"imaps://localhost:{self.port}/{folder}"

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4_SSL]:
        """The mailbox as its owner's mail program opens it."""
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        with imaplib.IMAP4_SSL("localhost", self.port, ssl_context=trusting) as program:
            program.login(USER, PASSWORD)
            yield program

    def deliver(self, *mails: EmailMessage | bytes, folder: str = "INBOX") -> None:
        with self.opened() as program:
            for mail in mails:
                data = mail if isinstance(mail, bytes) else mail.as_bytes()
                program.append(folder, "", imaplib.Time2Internaldate(1_790_000_000), data)


@contextmanager
def imap_serving(certificate: Path) -> Iterator[Mailbox]:
    """The server while it runs, in a loop of its own."""
    loop = asyncio.new_event_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def start() -> asyncio.Server:
        backend, config = await DictBackend.init(
            Namespace(
                host="127.0.0.1", port=0, debug=False, cert=None, key=None, tls=False,
                passlib_cfg=None, proxy_protocol=None, demo_data=False, demo_user=USER,
                demo_password=PASSWORD, inherited_sockets=None,
            ),
            hash_context=BuiltinHash(rounds=1),
        )  # fmt: skip
        config.apply_context()
        answer = ProxyProtocolReader(ProxyProtocolNoop()).get_callback(
            IMAPServer(backend.login, config)
        )
        return await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield Mailbox(server.sockets[0].getsockname()[1], certificate)
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
