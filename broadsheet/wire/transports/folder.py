"""Feeds dropped into a folder, one document per file: by hand, by rsync, by an FTP server."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from broadsheet.wire.transports.base import (
    LARGEST_ARRIVAL,
    Arrival,
    Collected,
    Credential,
    FeedState,
)
from broadsheet.wire.transports.settled import QUIET_SECONDS, is_quiet, is_whole, was_renamed

LARGEST_PICTURE = 20 * 2**20
# What one collect holds in memory; what is beyond it is taken by the next one, at once.
LARGEST_COLLECT = 128 * 2**20

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg"})
UNFINISHED = (".tmp", ".part", ".swp", "~")
CONTENT_TYPES = {
    ".xml": "application/xml",
    ".rss": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".json": "application/json",
    ".eml": "message/rfc822",
}


class PictureRefused(Exception):
    """The picture an item names cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    path: Path
    times: os.stat_result

    @property
    def digest(self) -> str:
        sign = f"{self.name}\0{self.times.st_size}\0{self.times.st_mtime_ns}"
        return hashlib.blake2b(sign.encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class _Haul:
    """What one collect gathers on its way through the folder."""

    arrivals: list[Arrival] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    size: int = 0
    again_at: datetime | None = None


def collect(
    location: str,
    state: FeedState,
    *,
    allow_hosts: Collection[str],
    now: datetime,
    credential: Credential | None = None,
) -> Collected:
    """The new, complete files directly in the folder, oldest first; then by name.

    A file is new when its (name, size, time) was not seen; a file too large is reported once and
    passed over. Pictures are no arrivals: items refer to them, see `open_picture`. When something
    is still being written, `again_at` says when to look again.
    """
    state = state.at(location)
    try:
        files = sorted(_files(folder_of(location)), key=lambda f: (f.times.st_mtime_ns, f.name))
    except OSError as fault:
        return Collected((), state, problem=_folder_problem(location, fault))
    haul = _Haul()
    for file in files:
        if file.digest not in state.seen:
            _take(file, haul, state, now)
    present = {file.digest for file in files}
    kept = replace(state, seen=(state.seen & present) | haul.done, pending=frozenset(haul.pending))
    return Collected(
        tuple(haul.arrivals),
        kept,
        unchanged=not (haul.arrivals or haul.problems),
        problem=" ".join(haul.problems),
        again_at=haul.again_at,
        size=haul.size,
    )


def folder_of(location: str) -> Path:
    """The folder of a path or a file: URL."""
    if location.startswith("file:"):
        return Path(unquote(urlsplit(location).path))
    return Path(location)


def open_picture(location_folder: Path, relative: str) -> bytes:
    """The picture that an item names relatively to its folder, up to 20 MiB.

    The name may be percent-encoded as in a URL. Raises PictureRefused for what lies outside the
    folder (links are followed first), is no picture by its name, is too large or is not there.
    """
    folder = location_folder.resolve()
    for name in dict.fromkeys((relative, unquote(relative))):
        path = _inside(folder, name)
        if os.path.isfile(path):
            return _read_picture(path, relative)
    raise PictureRefused(f"The picture {relative!r} is not in the folder; ask for it to be sent.")


def _inside(folder: Path, name: str) -> Path:
    try:
        path = (folder / name).resolve()
    except (OSError, ValueError, RuntimeError):
        raise PictureRefused(f"{name!r} is not the name of a file; check the item.") from None
    if not path.is_relative_to(folder) or path.suffix.lower() not in PICTURES:
        raise PictureRefused(f"{name!r} is not a picture inside the feed's folder; check the item.")
    return path


def _read_picture(path: Path, relative: str) -> bytes:
    try:
        data, _ = _read(path, LARGEST_PICTURE)
    except OSError as fault:
        raise PictureRefused(
            f"The picture {relative!r} cannot be read ({fault.strerror}); check its permissions."
        ) from None
    if len(data) > LARGEST_PICTURE:
        raise PictureRefused(f"The picture {relative!r} is over 20 MiB; ask for a smaller one.")
    return data


def _files(folder: Path) -> Iterator[_File]:
    inside = folder.resolve()
    with os.scandir(folder) as entries:
        for entry in entries:
            file = _file(folder / entry.name, inside) if is_wanted(entry.name) else None
            if file is not None:
                yield file


def _file(path: Path, inside: Path) -> _File | None:
    """The regular file at `path`; None for anything else, and for what vanished meanwhile."""
    try:
        target = path.resolve()
        times = target.stat()
    except (OSError, RuntimeError):
        return None
    if not stat.S_ISREG(times.st_mode) or not target.is_relative_to(inside):
        return None
    return _File(os.fsencode(path.name).decode("utf-8", "replace"), target, times)


def is_wanted(name: str) -> bool:
    """Whether a file may be a document: not hidden, no picture, not under a temporary name."""
    lower = name.lower()
    is_hidden = lower.startswith(".")
    is_picture = os.path.splitext(lower)[1] in PICTURES
    return not is_hidden and not is_picture and not lower.endswith(UNFINISHED)


def _take(file: _File, haul: _Haul, state: FeedState, now: datetime) -> None:
    if file.times.st_size > LARGEST_ARRIVAL:
        haul.done.add(file.digest)
        haul.problems.append(f"{file.name} is over 15 MiB and was passed over; split it.")
    elif haul.size + file.times.st_size > LARGEST_COLLECT:
        haul.again_at = now
    else:
        _take_contents(file, haul, state, now)


def _take_contents(file: _File, haul: _Haul, state: FeedState, now: datetime) -> None:
    try:
        data, times = _read(file.path, LARGEST_ARRIVAL)
    except OSError as fault:
        haul.problems.append(
            f"{file.name} cannot be read ({fault.strerror}); check its permissions."
        )
        return
    changed = (times.st_size, times.st_mtime_ns) != (file.times.st_size, file.times.st_mtime_ns)
    if changed or not _is_complete(file, data, state, now):
        haul.pending.add(file.digest)
        haul.again_at = haul.again_at or now + timedelta(seconds=QUIET_SECONDS)
        return
    haul.done.add(file.digest)
    haul.size += len(data)
    content_type = CONTENT_TYPES.get(file.path.suffix.lower())
    haul.arrivals.append(Arrival(file.name, data, content_type, None, now))


def _is_complete(file: _File, data: bytes, state: FeedState, now: datetime) -> bool:
    return (
        is_quiet(file.times, now)
        or file.digest in state.pending
        or was_renamed(file.times)
        or is_whole(data)
    )


def _read(path: Path, cap: int) -> tuple[bytes, os.stat_result]:
    """Up to `cap` + 1 bytes, and the file's times after reading.

    The path is resolved already, so a link in its place is a swap; a pipe would block for ever.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        data = file.read(cap + 1)
        return data, os.fstat(descriptor)


def _folder_problem(location: str, fault: OSError) -> str:
    if isinstance(fault, FileNotFoundError):
        return f"The folder {location} does not exist; create it or mount its disk."
    if isinstance(fault, NotADirectoryError):
        return f"{location} is not a folder; give the folder that the files are dropped into."
    return f"The folder {location} cannot be read ({fault.strerror}); check its permissions."
