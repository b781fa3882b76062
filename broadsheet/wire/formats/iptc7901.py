"""IPTC 7901, the agencies' plain text: framed by control characters, one report or several.

Source: IPTC 7901 "The IPTC Recommended Message Format" (5th revision, 1995): SOH, the header
(source and number, priority, category, word count), keyword lines, STX, the text, ETX, the
date and time group, EOT. Mailed and filed copies often come without the control characters.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.iptc import author_of
from broadsheet.wire.formats.parsed import Draft, Parsed, Reading, UnreadableError
from broadsheet.wire.formats.plaintext import html_of, without_dateline
from broadsheet.wire.formats.signals import NOT_FOR_PUBLICATION, coded

_SOH, _STX, _ETX = "\x01", "\x02", "\x03"
_HEADER = re.compile(
    r"[\x16\x01\s]*([a-z]{1,6})\s?-?(\d{1,5})\s+(\d|[a-z])\s+([a-z]{1,3})\s+(\d{1,5})\b[ \t]*"
    r"([^\r\n]*)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?:\x04|\x15|(?:^|\n)[ \t]*NNNN[ \t]*(?=\n|$))")
_DATE_GROUP = re.compile(
    r"\s*(\d\d)(\d\d)(\d\d)\s*([A-Z]{1,5})?\s+([^\W\d]{3,4})\.?\s+(\d{4}|\d\d)\s*", re.IGNORECASE
)
_NOTEBOOK = re.compile(r"#\s+(?:notebook|notizblock)\b", re.IGNORECASE)
_RULE = re.compile(r"[\s*_=-]*")
_TAKE = re.compile(r"\(.{1,30}\)|[^a-zà-ÿ]{2,40}")
_BYLINE = re.compile(r"(?:by|von|par|por)\s", re.IGNORECASE)
_URGENCIES = "123456789"


def is_message(text: str) -> bool:
    """Whether the text begins with a header of this format."""
    found = _HEADER.match(text)
    return found is not None and "<" not in found[6][:3]


def read(text: str, reading: Reading) -> Parsed:
    """Read every message in the text. Raises UnreadableError when the text begins with none."""
    messages = _messages(text)
    if not messages:
        raise UnreadableError(
            "This is no IPTC 7901: the first line is not a source, a number, a priority, a"
            " category and a word count. Ask the agency which format it sends."
        )
    entries = finish_all(messages, lambda message: _draft(message, reading), reading)
    return Parsed("iptc7901", entries, tuple(reading.repairs), tuple(reading.problems))


def _messages(text: str) -> list[str]:
    """Divide at the start or the end marks; text without any mark is one message."""
    if _SOH in text:
        parts = [part for part in text.split(_SOH) if part.strip("\x16\0 \t\n")]
    else:
        parts = [part for part in _ENDS.split(text) if part.strip("\x16\0 \t\n")]
    return parts if parts and _HEADER.match(parts[0]) else []


@dataclass(slots=True)
class _Text:
    """The text of a message, line by line, sorted."""

    slugline: str = ""
    take: str = ""
    headline: str = ""
    byline: str = ""
    body: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    dated: datetime | None = None


def _draft(message: str, reading: Reading) -> Draft:
    header = _HEADER.match(message)
    if header is None:
        raise UnreadableError("The message does not begin with a header of IPTC 7901.")
    if _STX in message and _ETX not in message:
        raise UnreadableError(
            f"Message {header[1]}{header[2]} of IPTC 7901 has no end (ETX): it was cut off."
            " Ask the agency to send it again."
        )
    text = _sorted(message[header.end() :], reading)
    text.body, dateline, agency = without_dateline(text.body)
    key = f"{header[1].lower()}{header[2]}:{text.dated:%Y-%m-%d}" if text.dated else ""
    return Draft(
        key=key,
        signal=coded(text.take.strip("()")),
        headline=text.headline,
        body=html_of(text.body),
        authors=[author_of(text.byline)] if text.byline else [],
        dateline=dateline,
        agency=agency,
        slugline=text.slugline,
        ednote=" ".join([text.take, *text.note]),
        categories=[header[4].lower()],
        urgency=int(header[3]) if header[3] in _URGENCIES else None,
        published=text.dated,
        updated=text.dated,
    )


def _sorted(message: str, reading: Reading) -> _Text:
    text = _Text()
    body, _, after = _ENDS.split(message)[0].partition(_ETX)
    keywords, mark, body = body.partition(_STX) if _STX in body else ("", "", body)
    lines = body.split("\n")
    lines, text.dated = _without_date(lines, after, reading)
    if mark:
        text.slugline = "".join(line.strip().rstrip("/") for line in keywords.split("\n"))
    _read_top(lines, text)
    text.body, text.note = _without_note(lines)
    return text


def _without_date(
    lines: list[str], after: str, reading: Reading
) -> tuple[list[str], datetime | None]:
    """The date and time group stands behind ETX, or is the last line of a text without marks."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    for number, line in enumerate([*after.split("\n"), *lines[-1:]]):
        if found := _DATE_GROUP.fullmatch(line):
            day, hour, minute, zone, month, year = found.groups()
            stated = f"{day} {month} {year} {hour}:{minute} {zone or ''}"
            is_last = number > after.count("\n")
            return lines[:-1] if is_last else lines, read_date(stated, reading.zone)
    return lines, None


def _read_top(lines: list[str], text: _Text) -> None:
    """Take slugline, take line, headline and byline off the top.

    The headline ends with "=" where the agency marks that; without a mark it is one line.
    """
    top = [number for number, line in enumerate(lines) if line.strip()][:10]
    ends = [number for number in top if lines[number].rstrip().endswith("=")]
    if not text.slugline and top and lines[top[0]].rstrip().endswith("/"):
        text.slugline = lines[top.pop(0)].strip().rstrip("/")
    end = ends[0] if ends else (top[0] if top else -1)
    head = [lines[number].strip() for number in top if number <= end]
    takes = [line for line in head[:-1] if _TAKE.fullmatch(line)]
    text.take = " ".join(takes)
    rest = " ".join(line for line in head if line not in takes).rstrip(" =")
    start = next((n for n, line in enumerate(head) if n and _BYLINE.match(line)), None)
    if start is not None:
        text.byline = " ".join(head[start:]).rstrip(" =")
        rest = rest.removesuffix(text.byline).strip()
    text.headline = rest
    del lines[: end + 1]


def _without_note(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut off what is for editors only: the notebook, and what is not for publication."""
    for number, line in enumerate(lines):
        if NOT_FOR_PUBLICATION.search(line) or _NOTEBOOK.match(line.strip()):
            body = lines[:number]
            while body and _RULE.fullmatch(body[-1]):
                body.pop()
            return body, [line.strip() for line in lines[number:] if not _RULE.fullmatch(line)]
    return lines, []
