"""Files on disk, named by what is in them: raw feeds, pictures, whatever must never change."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{62}(\.[a-z0-9]{1,12})?")
_FRESH = 3600.0
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,12})?")


class BadKey(ValueError):
    """The text is not a key that `Blobs.put` gave out, or the suffix could not be in one."""


class BlobDamaged(Exception):
    """What is on the disk is not what was put there; restore the file from a backup."""


class Blobs:
    """A folder of immutable files. A key looks like "ab/cdef….xml": SHA-256 and a suffix."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes, suffix: str = "") -> str:
        """Keep `data` and return its key; when this returns, a power cut no longer loses it.

        Putting the same bytes again changes nothing. Raises BadKey for a suffix that is not a
        dot and up to 12 lower-case letters or digits, and OSError when the disk refuses.
        """
        if not _SUFFIX.fullmatch(suffix):
            raise BadKey(f"{suffix!r} cannot end a key; use a suffix such as '.xml'.")
        digest = hashlib.sha256(data).hexdigest()
        key = f"{digest[:2]}/{digest[2:]}{suffix}"
        path = self.path(key)
        if _holds(path, len(data)):
            os.utime(path)
        else:
            _write_durably(path, data)
        return key

    def is_fresh(self, key: str) -> bool:
        """Whether these bytes were put here, or put again, within the last hour. Raises BadKey."""
        try:
            return time.time() - self.path(key).stat().st_mtime < _FRESH
        except FileNotFoundError:
            return False

    def get(self, key: str) -> bytes:
        """The bytes of `key`. Raises BadKey, FileNotFoundError or BlobDamaged."""
        data = self.path(key).read_bytes()
        if hashlib.sha256(data).hexdigest() != key.replace("/", "")[:64]:
            raise BlobDamaged(f"{key} is damaged on the disk; restore it from a backup.")
        return data

    def path(self, key: str) -> Path:
        """Where the file of `key` is or would be. Raises BadKey; never leaves the root."""
        if not _KEY.fullmatch(key):
            raise BadKey(f"{key!r} is not the key of a stored file.")
        return self.root / key

    def delete(self, key: str) -> None:
        """Remove the file of `key` for good; one that is not there is no error. Raises BadKey."""
        path = self.path(key)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            _sync_folder(path.parent)


def _holds(path: Path, size: int) -> bool:
    """A file of another size was hurt by the disk, since renaming is all or nothing."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write_durably(path: Path, data: bytes) -> None:
    is_new_folder = not path.parent.is_dir()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)
    if is_new_folder:
        _sync_folder(path.parent.parent)


def _sync_folder(folder: Path) -> None:
    """A renamed file survives a power cut only once its folder is on the disk too (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
