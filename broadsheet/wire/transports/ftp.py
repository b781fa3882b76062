"""Files dropped on an FTP server, in the clear (RFC 959) or under TLS (RFC 4217).

The address is judged where it is connected to; data connections go to that same machine, whatever
the server says of itself.
"""

from __future__ import annotations

import ftplib
import re
import socket
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from urllib.parse import urlsplit

from broadsheet.kit.connect import Deadline, ending, open_socket, trust
from broadsheet.kit.fetch_errors import FetchError, NotReached
from broadsheet.wire.transports.base import Collected, Credential, FeedState
from broadsheet.wire.transports.drop import (
    MOST_FILES,
    TOTAL_SECONDS,
    FileRefused,
    RemoteFile,
    ServerLost,
    folder_of,
    gathered,
)

SECONDS = 10.0
"""For connecting, and for each single read."""
IMPLICIT_TLS = 990
MOST_HEARD = 4 * 2**20
"""Bytes of a server's answers in one look; files and listings are not counted."""
_FACTS = re.compile(r"((?:[^;= ]+=[^;]*;)+) (.+)")
_NOT_KNOWN = ("500", "501", "502", "504")


class _Client(ftplib.FTP_TLS):
    """Python's client on a connection that was judged; one class for both kinds of FTP."""

    sock: socket.socket

    def __init__(self, connection: socket.socket, host: str, deadline: Deadline) -> None:
        # File names are bytes: latin-1 keeps each of them as it is.
        super().__init__(context=trust(), timeout=SECONDS, encoding="latin-1")
        self.deadline = deadline
        self.heard = 0
        self.host = host
        self.sock = connection
        self.af = connection.family

    def getline(self) -> str:
        """One line of the server; one that never stops talking is left."""
        line = super().getline()
        self.deadline.left()
        self.heard += len(line)
        if self.heard > MOST_HEARD:
            raise EOFError("it talks without end")
        return line

    def greet(self) -> None:
        """Read the server's first words."""
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """A data connection; under TLS in the session of the first one, as servers insist."""
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        if isinstance(self.sock, ssl.SSLSocket):
            connection = self.context.wrap_socket(
                connection, server_hostname=self.host, session=self.sock.session
            )
        return connection, size


class _Folder:
    """A folder on an FTP server."""

    def __init__(self, client: _Client) -> None:
        self._client = client

    def files(self) -> list[RemoteFile]:
        """See `drop.Remote`: by MLSD (RFC 3659, 7), else by NLST, SIZE and MDTM."""
        with _in_words(self._client):
            try:
                lines = self._lines("MLSD")
            except ftplib.error_perm as refusal:
                if str(refusal)[:3] not in _NOT_KNOWN:
                    raise
                return list(self._one_by_one())
            return [file for line in lines if (file := _listed(line)) is not None]

    def _lines(self, command: str) -> list[str]:
        lines: list[str] = []

        def take(line: str) -> None:
            self._client.deadline.left()
            if len(lines) >= MOST_FILES:
                raise ServerLost(
                    f"There are over {MOST_FILES} files; ask the agency to clear them."
                )
            lines.append(line)

        self._client.retrlines(command, take)
        return lines

    def _one_by_one(self) -> Iterator[RemoteFile]:
        self._client.voidcmd("TYPE I")
        names = self._lines("NLST")
        self._client.voidcmd("TYPE I")
        for name in names:
            try:
                size = self._client.size(name)
                modified = self._client.sendcmd(f"MDTM {name}")[4:].strip()
            except ftplib.error_perm:
                continue
            if size is not None:
                yield RemoteFile(_shown(name.rpartition("/")[2]), size, modified)

    def read(self, file: RemoteFile, most: int) -> bytes:
        """See `drop.Remote`."""
        pieces: list[bytes] = []
        size = 0

        def take(piece: bytes) -> None:
            nonlocal size
            self._client.deadline.left()
            size += len(piece)
            if size > most:
                raise ServerLost(f"{file.name} is larger than its server says; ask the agency.")
            pieces.append(piece)

        with _in_words(self._client):
            try:
                self._client.retrbinary(f"RETR {_sent(file.name)}", take)
            except ftplib.error_perm as refusal:
                raise FileRefused(f"{file.name} cannot be read ({refusal}).") from None
        return b"".join(pieces)


def collect(
    location: str,
    state: FeedState,
    *,
    allow_hosts: Collection[str],
    now: datetime,
    credential: Credential | None = None,
) -> Collected:
    """The new, complete files of the folder; `credential` is a user and password ("basic")."""
    state = state.at(location)
    deadline = Deadline(TOTAL_SECONDS)
    try:
        with _signed_in(location, allow_hosts, credential, deadline) as client:
            return gathered(_Folder(client), state, now)
    except (FetchError, ServerLost) as problem:
        return Collected((), state, problem=str(problem))


@contextmanager
def _signed_in(
    location: str, allow_hosts: Collection[str], credential: Credential | None, deadline: Deadline
) -> Iterator[_Client]:
    parts = urlsplit(location)
    host, port = parts.hostname or "", parts.port or 21
    connection = open_socket(
        host, port, allow_hosts=allow_hosts, deadline=deadline, timeout=SECONDS
    )
    client = _Client(connection, host, deadline)
    try:
        with ending(deadline, lambda: client.sock):
            with _in_words(client):
                _greet(client, parts.scheme, port)
                _sign_in(client, credential)
                if folder := folder_of(location):
                    client.cwd(_sent(folder))
            yield client
            with suppress(*ftplib.all_errors):
                client.quit()
    finally:
        client.close()


def _greet(client: _Client, scheme: str, port: int) -> None:
    """Under TLS before a name or password is sent, and for the data too."""
    if scheme == "ftps" and port == IMPLICIT_TLS:
        client.sock = client.context.wrap_socket(client.sock, server_hostname=client.host)
    client.greet()
    if scheme == "ftps" and port != IMPLICIT_TLS:
        client.auth()


def _sign_in(client: _Client, credential: Credential | None) -> None:
    user, password = (credential.name, credential.secret) if credential else ("", "")
    try:
        ftplib.FTP.login(client, _sent(user), _sent(password))  # noqa: S321
    except ftplib.error_perm as refusal:
        raise NotReached(
            f"{client.host} does not let the paper in ({refusal}); check the user and the secret of"
            " this feed."
        ) from None
    if isinstance(client.sock, ssl.SSLSocket):
        client.prot_p()


@contextmanager
def _in_words(client: _Client) -> Iterator[None]:
    host = client.host
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise NotReached(
            f"The TLS certificate of {host} is not valid; ask the agency to renew it."
        ) from None
    except ftplib.error_perm as refusal:
        raise ServerLost(f"{host} refuses: {refusal}. Check the folder of this feed.") from None
    except TimeoutError:
        client.deadline.left()
        raise ServerLost(f"{host} did not answer in time; it is tried again later.") from None
    except FetchError as problem:
        raise ServerLost(str(problem)) from None
    except (ftplib.Error, OSError, EOFError, ValueError) as problem:
        client.deadline.left()
        raise ServerLost(f"The connection to {host} broke off ({problem}).") from None


def _listed(line: str) -> RemoteFile | None:
    """One line of MLSD: facts with their values, a space, the name."""
    found = _FACTS.fullmatch(line)
    if found is None:
        return None
    facts = dict(fact.lower().split("=", 1) for fact in found[1].split(";") if fact)
    size = facts.get("size", "")
    if facts.get("type", "file") != "file" or not (size.isascii() and size.isdigit()):
        return None
    name = _shown(found[2])
    return None if "/" in name else RemoteFile(name, int(size[:15]), facts.get("modify", ""))


def _shown(name: str) -> str:
    """A name as text; bytes that are no UTF-8 are kept so that they can be sent back."""
    return name.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _sent(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("latin-1")
