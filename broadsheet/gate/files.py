"""Files as they are: `/static/…` from `home/static`, pictures `/media/…` from `home/media`."""

import os
import re
from collections import OrderedDict
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from broadsheet.gate.codings import AS_IT_IS, Coding, packed, quickest, smallest, tag_of
from broadsheet.gate.rsgi import Exchange, Fields, Scope

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
    "ico": "image/x-icon",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
"""Everything else is sent as bytes to be saved: an uploaded page must not run at our origin."""

TEXTS = frozenset({"css", "js", "mjs", "json", "map", "webmanifest", "svg", "txt", "xml"})
MOST_TEXT = 1024 * 1024
LONG_TEXT = 64 * 1024
"""Bytes above which a text is packed quickly rather than small: others wait meanwhile."""
MOST_KEPT = 16 * 1024 * 1024
HASHED = re.compile(r"\.[0-9a-f]{12}\.")
ORIGINALS = "original_images"
"""The folder of pictures as they came in: never shown, they may hold what was cropped away."""


class File(NamedTuple):
    """A file ready to be sent: with `body`, or from the disk when `body` is None."""

    headers: Fields
    etag: str
    size: int
    path: str
    body: bytes | None


class Files:
    """Answers for files under the home; texts are compressed once and kept, up to 16 MB."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._texts: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0

    def find(self, path: str, codings: frozenset[Coding] = AS_IT_IS) -> File | None:
        """The file at a decoded path "/static/…" or "/media/…"; None when there is none to show."""
        _, root, *parts = path.split("/")
        if not all(parts) or any(p[0] == "." or "\\" in p or "\0" in p for p in parts):
            return None
        folder = os.path.realpath(self._home / root)
        # Links are followed first, so that none leads out of the folder or to an original.
        name = os.path.realpath(os.path.join(folder, *parts))
        if not name.startswith(folder + os.sep):
            return None
        first = name[len(folder) + 1 :].split(os.sep)[0]
        if root == "media" and first.lower() == ORIGINALS:
            return None
        try:
            status = os.stat(name)
        except OSError:
            return None
        return self._file(root, name, status, codings) if S_ISREG(status.st_mode) else None

    def _file(
        self, root: str, name: str, status: os.stat_result, codings: frozenset[Coding]
    ) -> File | None:
        suffix = name.rpartition(".")[2].lower()
        is_text = suffix in TEXTS and status.st_size <= MOST_TEXT
        coding: Coding = ""
        if is_text:
            coding = smallest(codings) if status.st_size <= LONG_TEXT else quickest(codings)
        etag = tag_of(f'"{status.st_mtime_ns:x}-{status.st_size:x}"', coding)
        body = self._text(name, etag, coding) if is_text else None
        if is_text and body is None:
            return None
        size = status.st_size if body is None else len(body)
        return File(_headers(root, name, suffix, etag, is_text, coding), etag, size, name, body)

    def _text(self, name: str, etag: str, coding: Coding) -> bytes | None:
        key = (name, etag)
        body = self._texts.get(key)
        if body is None:
            try:
                data = Path(name).read_bytes()
            except OSError:
                return None
            body = self._texts[key] = packed(data, coding)
            self._bytes += len(body)
            while self._bytes > MOST_KEPT:
                self._bytes -= len(self._texts.popitem(last=False)[1])
        else:
            self._texts.move_to_end(key)
        return body


def _headers(root: str, name: str, suffix: str, etag: str, is_text: bool, coding: Coding) -> Fields:
    hashed = root == "static" and HASHED.search(os.path.basename(name))
    headers = [
        ("content-type", TYPES.get(suffix, "application/octet-stream")),
        ("cache-control", "public, max-age=31536000, immutable" if hashed else "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("etag", etag),
    ]
    if is_text:
        headers.append(("vary", "accept-encoding"))
    if coding:
        headers.append(("content-encoding", coding))
    if suffix == "svg":
        headers.append(("content-security-policy", "sandbox"))
    if suffix not in TYPES:
        headers.append(("content-disposition", "attachment"))
    return headers


def send_file(scope: Scope, proto: Exchange, file: File) -> None:
    """Answer with a file, or say that the client's copy is still good."""
    if scope.headers.get("if-none-match") == file.etag:
        return proto.response_empty(304, file.headers)
    if file.body is not None:
        return proto.response_bytes(200, file.headers, file.body)
    fields: Fields = [*file.headers, ("content-length", str(file.size))]
    proto.response_file(200, fields, file.path)
