"""Files that an agency puts on a server: which are complete, which were taken already.

A server tells name, size and time of a file and not whether its sender is still writing. A file
is complete when its text ends as its kind does, when it had the same size and time under a
temporary name before, or when it has not changed for half a minute.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import unquote, urlsplit

from broadsheet.wire.transports.base import LARGEST_ARRIVAL, Arrival, Collected, FeedState
from broadsheet.wire.transports.folder import (
    CONTENT_TYPES,
    LARGEST_COLLECT,
    UNFINISHED,
    is_wanted,
)
from broadsheet.wire.transports.settled import QUIET_SECONDS, is_whole

MOST_FILES = 5000
"""Names read of one folder: a server with more is asked to clear it."""
TOTAL_SECONDS = 60.0
"""Longest time for one look, below the lease of a fetch."""
STABLE = timedelta(seconds=30)
_AT_FIRST_SIGHT = 2**20
"""Bytes up to which a file is read before its size was seen twice: most are whole by then."""
_CONTENTS_KEPT = 1000


class FileRefused(Exception):
    """This file cannot be read, others may; the message is a sentence."""


class ServerLost(Exception):
    """The connection is of no more use; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the server lists it; `modified` is its own word for the time."""

    name: str
    size: int
    modified: str

    @property
    def mark(self) -> str:
        """What tells this state of the file from another one, also under a temporary name."""
        ends = (end for end in UNFINISHED if self.name.lower().endswith(end))
        stem = self.name[: -len(next(ends, "")) or None]
        sign = f"{stem}\0{self.size}\0{self.modified}"
        return hashlib.blake2b(sign.encode("utf-8", "replace"), digest_size=16).hexdigest()


class Remote(Protocol):
    """A folder on a server, while connected to it."""

    def files(self) -> Iterable[RemoteFile]:
        """What lies directly in it, at most `MOST_FILES` of them. Raises ServerLost."""
        ...

    def read(self, file: RemoteFile, most: int) -> bytes:
        """Up to `most` + 1 bytes. Raises FileRefused or ServerLost."""
        ...


@dataclass(slots=True)
class _Haul:
    arrivals: list[Arrival] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    size: int = 0
    again_at: datetime | None = None

    def look_again(self, at: datetime) -> None:
        self.again_at = min(self.again_at or at, at)


def folder_of(location: str) -> str:
    """The folder of an address, as in curl: from the folder one lands in after signing in, or from
    the root when the path begins with two slashes.
    """
    path = unquote(urlsplit(location).path)
    return path[1:].rstrip("/") or ("/" if path.startswith("//") else "")


def gathered(remote: Remote, state: FeedState, now: datetime) -> Collected:
    """The new, complete files, oldest first; the state remembers them by name, size and time, and
    by their contents, so that the same file put there again is passed over.
    """
    haul = _Haul()
    present: set[str] = set()
    try:
        files = sorted(remote.files(), key=lambda f: (f.modified, f.name))
        present = {file.mark for file in files}
        for file in files:
            if file.mark not in state.seen:
                _look(remote, file, haul, state, now)
    except ServerLost as problem:
        haul.problems.append(str(problem))
        present |= state.seen
    return Collected(
        tuple(haul.arrivals),
        _remembered(state, haul, present, now),
        unchanged=not (haul.arrivals or haul.problems),
        problem=" ".join(haul.problems),
        again_at=haul.again_at,
    )


def _remembered(state: FeedState, haul: _Haul, present: set[str], now: datetime) -> FeedState:
    contents = {mark for mark in state.seen if "=" in mark}
    contents |= {f"{now.timestamp():.0f}={digest}" for digest in haul.contents}
    newest = sorted(contents, key=lambda mark: int(mark.partition("=")[0]))[-_CONTENTS_KEPT:]
    seen = (state.seen & present) | haul.done | set(newest)
    return replace(state, seen=frozenset(seen), pending=frozenset(haul.pending))


def _look(remote: Remote, file: RemoteFile, haul: _Haul, state: FeedState, now: datetime) -> None:
    since = _pending_since(file, state, now)
    if file.name.lower().endswith(UNFINISHED):
        haul.pending.add(_pending(file, since))
    elif not is_wanted(file.name):
        return
    elif file.size > LARGEST_ARRIVAL:
        haul.done.add(file.mark)
        haul.problems.append(f"{file.name} is over 15 MiB and was passed over; split it.")
    elif haul.size + file.size > LARGEST_COLLECT:
        haul.look_again(now)
    elif since == now and file.size > _AT_FIRST_SIGHT:
        _wait(file, haul, now, now)
    else:
        _read(remote, file, haul, state, since, now)


def _read(
    remote: Remote, file: RemoteFile, haul: _Haul, state: FeedState, since: datetime, now: datetime
) -> None:
    try:
        data = remote.read(file, LARGEST_ARRIVAL)
    except FileRefused as problem:
        haul.problems.append(str(problem))
        return
    was_renamed = any(mark.startswith(f"{file.mark}@tmp") for mark in state.pending)
    is_complete = is_whole(data) or was_renamed or now - since >= STABLE
    if len(data) != file.size or not is_complete:
        _wait(file, haul, since, now)
        return
    haul.done.add(file.mark)
    haul.size += len(data)
    digest = hashlib.blake2b(file.name.encode("utf-8", "replace") + b"\0" + data, digest_size=16)
    known = {mark.partition("=")[2] for mark in state.seen if "=" in mark}
    if digest.hexdigest() not in known:
        haul.contents.add(digest.hexdigest())
        content_type = CONTENT_TYPES.get(os.path.splitext(file.name)[1].lower())
        haul.arrivals.append(Arrival(file.name, data, content_type, None, now))


def _wait(file: RemoteFile, haul: _Haul, since: datetime, now: datetime) -> None:
    haul.pending.add(_pending(file, since))
    soon = timedelta(seconds=QUIET_SECONDS)
    haul.look_again(now + soon if since == now else max(since + STABLE, now + soon))


def _pending(file: RemoteFile, since: datetime) -> str:
    kind = "tmp" if file.name.lower().endswith(UNFINISHED) else "new"
    return f"{file.mark}@{kind}{since.timestamp():.3f}"


def _pending_since(file: RemoteFile, state: FeedState, now: datetime) -> datetime:
    """When this state of the file was first seen, `now` when it is new."""
    starts = (f"{file.mark}@tmp", f"{file.mark}@new")
    known: Iterator[str] = (mark for mark in state.pending if mark.startswith(starts))
    moment = next(known, "").partition("@")[2][3:]
    return datetime.fromtimestamp(float(moment), now.tzinfo) if moment else now
