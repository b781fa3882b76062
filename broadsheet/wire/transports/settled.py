"""Whether a file in a watched folder is complete, or its sender is still writing.

A folder has no sign for "finished", so each of these counts as one:

* It has not been written to for two seconds, or had the same size and time at the last collect.
* It was renamed into the folder, which is how a careful sender delivers. Writing sets a file's
  mtime and ctime to the same instant; renaming (also chmod, link, or a copy that sets the
  original's time at its end) moves only ctime. So when the two differ, writing is not the last
  thing that happened.
* It ends where its kind of document ends. File times move in ticks of up to 10 ms, so a file
  written and renamed within one tick carries equal times and looks like one just begun; its
  content tells them apart, since half an XML file lacks the closing tag of its root.

A sender that pauses for longer than two seconds in the middle of a file is taken half. Nothing is
lost by it: the rest changes size and time, and the file is taken again as a whole.
"""

from __future__ import annotations

import json
import os
import re
from datetime import datetime

QUIET_SECONDS = 2.0
# The smallest step between two ticks of the coarsest kernels is 1 ms (CONFIG_HZ=1000).
_ONE_TICK_NS = 1_000_000

_PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^<>]*>\s*)*", re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z_][^\s/>]*)")
_LAST_TAG = re.compile(rb"</([^\s>]+)\s*>\s*(?:<!--(?:(?!-->).)*-->\s*)*\Z", re.DOTALL)
_MARKS_OF_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")


def is_quiet(times: os.stat_result, now: datetime) -> bool:
    """Whether the last write is more than `QUIET_SECONDS` ago."""
    return now.timestamp() - times.st_mtime > QUIET_SECONDS


def was_renamed(times: os.stat_result) -> bool:
    """Whether something other than writing happened last; see the top of this file."""
    return abs(times.st_ctime_ns - times.st_mtime_ns) >= _ONE_TICK_NS


def is_whole(data: bytes) -> bool:
    """Whether the document ends as its kind does.

    Text that is neither XML nor JSON has no end to look for and counts as whole only when it is
    a wire text closed by its end-of-text sign (IPTC 7901: ETX, perhaps followed by EOT).
    """
    text = _narrow(data).strip(b"\0 \t\r\n")
    if text.startswith(b"<"):
        return _closes_its_root(text)
    if text.startswith((b"{", b"[")):
        return _is_json(text)
    return text.endswith((b"\x03", b"\x04"))


def _narrow(data: bytes) -> bytes:
    if data.startswith(_MARKS_OF_WIDE_TEXT):
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _closes_its_root(text: bytes) -> bool:
    prolog = _PROLOG.match(text)
    root = _ROOT.match(text, prolog.end() if prolog else 0)
    last = _LAST_TAG.search(text, max(0, len(text) - 4096))
    return bool(root and last and root[1] == last[1])


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
