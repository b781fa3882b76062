"""Files dropped on an SFTP server (SSH File Transfer Protocol, draft-ietf-secsh-filexfer-02).

A server is believed by its host key only: the fingerprint that the publisher accepted for the
feed. Before that nothing is sent but the greeting, no name and no password.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from broadsheet.kit.connect import Deadline, open_socket
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

if TYPE_CHECKING:
    import asyncssh

SECONDS = 10.0
"""For connecting and for signing in."""
REGULAR, UNKNOWN = 1, 5
"""Kinds of files (draft-ietf-secsh-filexfer-13, 7.2)."""
_Result = TypeVar("_Result")


class _Folder:
    """A folder on an SFTP server."""

    def __init__(
        self, runner: asyncio.Runner, sftp: asyncssh.SFTPClient, deadline: Deadline, path: str
    ) -> None:
        self._runner = runner
        self._sftp = sftp
        self._deadline = deadline
        self._path = path

    def files(self) -> list[RemoteFile]:
        """See `drop.Remote`."""
        return self._run(self._files())

    async def _files(self) -> list[RemoteFile]:
        found: list[RemoteFile] = []
        count = 0
        async for entry in self._sftp.scandir(self._path or "."):
            count += 1
            if count > MOST_FILES:
                raise ServerLost(
                    f"There are over {MOST_FILES} files; ask the agency to clear them."
                )
            facts, name = entry.attrs, str(entry.filename)
            if facts.type in (REGULAR, UNKNOWN) and facts.size is not None and "/" not in name:
                found.append(RemoteFile(name, facts.size, str(facts.mtime)))
        return found

    def read(self, file: RemoteFile, most: int) -> bytes:
        """See `drop.Remote`."""
        return self._run(self._read(file, most))

    async def _read(self, file: RemoteFile, most: int) -> bytes:
        import asyncssh

        path = f"{self._path}/{file.name}" if self._path else file.name
        try:
            async with self._sftp.open(path, "rb") as opened:
                data: bytes = await opened.read(most + 1)
        except asyncssh.SFTPConnectionLost:
            raise
        except asyncssh.SFTPError as refusal:
            raise FileRefused(f"{file.name} cannot be read ({refusal.reason}).") from None
        return data

    def _run(self, work: Awaitable[_Result]) -> _Result:
        """Raises ServerLost when the connection does not carry the answer."""
        import asyncssh

        try:
            return self._runner.run(_within(self._deadline, work))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied) as refusal:
            raise ServerLost(
                f"The server refuses: {refusal.reason}. Check the folder of this feed."
            ) from None
        except (asyncssh.Error, OSError, FetchError) as problem:
            raise ServerLost(f"The connection to the server broke off ({problem}).") from None


def collect(
    location: str,
    state: FeedState,
    *,
    allow_hosts: Collection[str],
    now: datetime,
    credential: Credential | None = None,
) -> Collected:
    """The new, complete files of the folder; `credential` is a user with password or key."""
    state = state.at(location)
    deadline = Deadline(TOTAL_SECONDS)
    try:
        with _opened(location, state.host_key, allow_hosts, credential, deadline) as folder:
            return gathered(folder, state, now)
    except (FetchError, ServerLost) as problem:
        return Collected((), state, problem=str(problem))


@contextmanager
def _opened(
    location: str,
    host_key: str,
    allow_hosts: Collection[str],
    credential: Credential | None,
    deadline: Deadline,
) -> Iterator[_Folder]:
    parts = urlsplit(location)
    host, port = parts.hostname or "", parts.port or 22
    if credential is None:
        raise NotReached(f"{host} lets nobody in without a name; set user and secret of this feed.")
    judge, proof = _Judge(host, host_key), _proof(credential)
    with asyncio.Runner() as runner, _in_words(host, deadline, judge):
        connection = open_socket(
            host, port, allow_hosts=allow_hosts, deadline=deadline, timeout=SECONDS
        )
        connection.setblocking(False)
        signing_in = _signed_in(connection, host, credential.name, proof, judge)
        client = runner.run(_within(deadline, signing_in))
        try:
            sftp = runner.run(_within(deadline, client.start_sftp_client()))
            yield _Folder(runner, sftp, deadline, folder_of(location))
        finally:
            client.abort()
            runner.run(client.wait_closed())


async def _signed_in(
    connection: socket.socket, host: str, user: str, proof: dict[str, Any], judge: _Judge
) -> asyncssh.SSHClientConnection:
    """Nothing of this machine's own keys, agents or settings is used."""
    import asyncssh

    class Client(asyncssh.SSHClient):
        def validate_host_public_key(
            self, host: str, addr: str, port: int, key: asyncssh.SSHKey
        ) -> bool:
            return judge.accepts(key.get_fingerprint("sha256"))

    return await asyncssh.connect(
        host,
        sock=connection,
        client_factory=Client,
        known_hosts=([], [], []),
        username=user,
        **proof,
        agent_path=None,
        config=None,
        gss_host=None,
        x509_trusted_certs=None,
        login_timeout=SECONDS,
    )


def _proof(credential: Credential) -> dict[str, Any]:
    """A private key (RFC 4252, section 7) is used as one and never sent; all else is a password.

    Raises NotReached for a key that cannot be read.
    """
    import asyncssh

    if not credential.secret.lstrip().startswith("-----BEGIN "):
        return {"password": credential.secret, "client_keys": None}
    try:
        key = asyncssh.import_private_key(credential.secret)
    except (asyncssh.KeyEncryptionError, asyncssh.KeyImportError):
        raise NotReached(
            "The private key of this feed cannot be read: it is damaged, or has a passphrase."
            " Make one without: ssh-keygen -t ed25519 -N '' -f KEY"
        ) from None
    return {"password": None, "client_keys": [key]}


class _Judge:
    """Compares the host key that is shown with those that the publisher accepted."""

    def __init__(self, host: str, accepted: str) -> None:
        self._host = host
        self._accepted = accepted.split()
        self.shown = ""

    def accepts(self, fingerprint: str) -> bool:
        self.shown = fingerprint
        return fingerprint in self._accepted

    def complaint(self) -> str:
        if not self._accepted:
            return (
                f"{self._host} shows the host key {self.shown}, which is not known yet, so nothing"
                " was sent. Compare it with what the agency told you; when it is the same, accept"
                f" it: broadsheet wire trust FEED {self.shown}"
            )
        return (
            f"{self._host} shows the host key {self.shown}, not the accepted one"
            f" ({', '.join(self._accepted)}), so nothing was sent. Ask the agency whether they"
            " changed it before you accept another."
        )


async def _within(deadline: Deadline, work: Awaitable[_Result]) -> _Result:
    async with asyncio.timeout(deadline.left()):
        return await work


@contextmanager
def _in_words(host: str, deadline: Deadline, judge: _Judge) -> Iterator[None]:
    import asyncssh

    try:
        yield
    except asyncssh.HostKeyNotVerifiable:
        raise NotReached(judge.complaint()) from None
    except asyncssh.PermissionDenied:
        raise NotReached(
            f"{host} does not let the paper in; check the user and the secret of this feed."
        ) from None
    except TimeoutError:
        deadline.left()
        raise NotReached(f"{host} did not answer in time; it is tried again later.") from None
    except asyncssh.SFTPError as refusal:
        raise NotReached(f"{host} refuses: {refusal.reason}. Check the folder.") from None
    except (asyncssh.Error, OSError) as problem:
        raise NotReached(f"The connection to {host} broke off ({problem}).") from None
