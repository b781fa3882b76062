"""A mailbox as a feed (IMAP4rev1, RFC 3501, over TLS): what came since the last look.

The mailbox is only read: nothing is marked, moved or deleted. Mail counts by its UID, so that
somebody who opens it in a mail program does not hide it from the paper.
"""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from broadsheet.kit.connect import Deadline, ending, open_socket, trust
from broadsheet.kit.fetch_errors import FetchError, NotReached
from broadsheet.kit.mail import documents, sender_of
from broadsheet.wire.transports.base import (
    LARGEST_ARRIVAL,
    Arrival,
    Collected,
    Credential,
    FeedState,
)

PORT = 993
SECONDS = 10.0
TOTAL_SECONDS = 60.0
MOST_MAILS = 50
"""Mails of one look; more are taken by the next one, at once."""
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


class _Client(imaplib.IMAP4):
    """Python's client on a connection that was judged, under TLS from the start (RFC 8314)."""

    def __init__(self, connection: socket.socket, host: str, deadline: Deadline) -> None:
        self._connection = connection
        self.deadline = deadline
        self.sock: socket.socket = connection
        super().__init__(host)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return trust().wrap_socket(self._connection, server_hostname=self.host)

    def read(self, size: int) -> bytes:
        """A literal; a server that announces more than a mail may hold is not believed."""
        self.deadline.left()
        if size > LARGEST_ARRIVAL + 65536:
            raise imaplib.IMAP4.abort(f"it announced {size} bytes")
        return bytes(super().read(size))


@dataclass(slots=True)
class _Haul:
    arrivals: list[Arrival] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ignored: int = 0
    last: int = 0
    more: bool = False


def collect(
    location: str,
    state: FeedState,
    *,
    allow_hosts: Collection[str],
    now: datetime,
    credential: Credential | None = None,
) -> Collected:
    """What came into the folder since the last look, of the senders in `state.senders` only: the
    feeds and agency documents attached to a mail, else the mail itself.
    """
    state = state.at(location)
    deadline = Deadline(TOTAL_SECONDS)
    try:
        with _signed_in(location, allow_hosts, credential, deadline) as client:
            return _gathered(client, location, state, now)
    except FetchError as problem:
        return Collected((), state, problem=str(problem))


def _gathered(client: _Client, location: str, state: FeedState, now: datetime) -> Collected:
    validity = _opened(client, location)
    known, _, last = state.read_to.partition(":")
    haul = _Haul(last=int(last) if known == validity and last.isdigit() else 0)
    uids = _since(client, haul.last)
    haul.more = len(uids) > MOST_MAILS
    try:
        for uid in uids[:MOST_MAILS]:
            _take(client, uid, haul, state, now)
            haul.last = uid
    except (imaplib.IMAP4.error, OSError, FetchError) as problem:
        haul.problems.append(f"The connection to {client.host} broke off ({problem}).")
    return Collected(
        tuple(haul.arrivals),
        replace(state, read_to=f"{validity}:{haul.last}"),
        unchanged=not (haul.arrivals or haul.problems),
        problem=" ".join(haul.problems),
        again_at=now if haul.more and not haul.problems else None,
        ignored=haul.ignored,
    )


def _opened(client: _Client, location: str) -> str:
    """Open the folder for reading; its UIDVALIDITY, under which its UIDs hold (RFC 3501, 2.3.1)."""
    folder = unquote(urlsplit(location).path.strip("/")) or "INBOX"
    status, answer = client.select(_quoted(folder), readonly=True)
    if status != "OK":
        said = (answer[0] or b"").decode("utf-8", "replace") if answer else ""
        raise NotReached(
            f"{client.host} does not open the folder {folder!r} ({said}); check it in the address."
        )
    _, told = client.response("UIDVALIDITY")
    return (told[0] or b"0").decode("ascii", "replace") if told else "0"


def _quoted(folder: str) -> str:
    """A folder's name as IMAP writes it: modified UTF-7 (RFC 3501, 5.1.3), in quotes."""

    def shifted(found: re.Match[str]) -> str:
        coded = base64.b64encode(found[0].encode("utf-16-be")).decode("ascii")
        return f"&{coded.rstrip('=').replace('/', ',')}-"

    name = _NOT_ASCII.sub(shifted, folder.replace("&", "&-"))
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _since(client: _Client, last: int) -> list[int]:
    """The UIDs after `last`: "n:*" gives the newest one too, however old (RFC 3501, 6.4.8)."""
    status, answer = client.uid("SEARCH", f"UID {last + 1}:*")
    found = b" ".join(part for part in answer if part).split() if status == "OK" else []
    return sorted({int(uid) for uid in found if uid.isdigit() and int(uid) > last})


def _take(client: _Client, uid: int, haul: _Haul, state: FeedState, now: datetime) -> None:
    wanted = "(RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM)])"
    size, head = _fetched(client, uid, wanted)
    sender = sender_of(head)
    if not _is_allowed(sender, state.senders):
        haul.ignored += 1
        return
    if size > LARGEST_ARRIVAL:
        haul.problems.append(f"A mail of {sender} is over 15 MiB and was passed over.")
        return
    _, data = _fetched(client, uid, "(RFC822.SIZE BODY.PEEK[])")
    for name, part, content_type in documents(data):
        haul.arrivals.append(Arrival(name, part, content_type, None, now))


def _fetched(client: _Client, uid: int, wanted: str) -> tuple[int, bytes]:
    """The size and the text of a mail; a mail that was deleted meanwhile is empty."""
    _, answer = client.uid("FETCH", str(uid), wanted)
    size, text = 0, b""
    for part in answer:
        line = part[0] if isinstance(part, tuple) else part
        found = _SIZE.search(line or b"")
        size = int(found[1]) if found else size
        text = part[1] if isinstance(part, tuple) else text
    return size, text


def _is_allowed(sender: str, senders: frozenset[str]) -> bool:
    return sender in senders or f"@{sender.rpartition('@')[2]}" in senders


@contextmanager
def _signed_in(
    location: str, allow_hosts: Collection[str], credential: Credential | None, deadline: Deadline
) -> Iterator[_Client]:
    parts = urlsplit(location)
    host, port = parts.hostname or "", parts.port or PORT
    if credential is None:
        raise NotReached(f"{host} lets nobody in without a name; set user and secret of this feed.")
    current = [open_socket(host, port, allow_hosts=allow_hosts, deadline=deadline, timeout=SECONDS)]
    with ending(deadline, lambda: current[-1]), _in_words(host, deadline):
        try:
            client = _Client(current[0], host, deadline)
            current.append(client.sock)
            _log_in(client, credential)
            yield client
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()
        finally:
            for connection in current:
                connection.close()


def _log_in(client: _Client, credential: Credential) -> None:
    def plain(_: bytes) -> bytes:
        return b"\0".join((b"", credential.name.encode(), credential.secret.encode()))

    try:
        if "AUTH=PLAIN" in client.capabilities:
            client.authenticate("PLAIN", plain)
        else:
            client.login(credential.name, credential.secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise NotReached(
            f"{client.host} does not let the paper in; check the user and the secret of this feed."
        ) from None


@contextmanager
def _in_words(host: str, deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise NotReached(
            f"The TLS certificate of {host} is not valid; ask the agency to renew it."
        ) from None
    except TimeoutError:
        deadline.left()
        raise NotReached(f"{host} did not answer in time; it is tried again later.") from None
    except (imaplib.IMAP4.error, OSError, ValueError) as problem:
        deadline.left()
        raise NotReached(f"The connection to {host} broke off ({problem}).") from None
