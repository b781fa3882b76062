"""The vocabulary that all formats of the IPTC share: states, signals, topics, datelines.

Codes are NewsCodes (cv.iptc.org/newscodes), written as QCodes: "medtop:04000000". What the topics
among them are called and which belongs to which is in `wire/media_topics.py`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from broadsheet.wire.formats.parsed import Signal, Status

WIDEST = 2560
"""Pixels; of several renditions the largest that is not wider is taken."""

SIGNAL_OF: dict[Status, Signal] = {"usable": "", "withheld": "hold", "canceled": "withdrawal"}
"""What a state other than usable says of the item."""

_STATUS: dict[str, Status] = {
    "": "usable",
    "usable": "usable",
    "withheld": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
}
_SIGNALS: tuple[tuple[str, Signal], ...] = (
    ("test", "test"),
    ("advisory", "advisory"),
    ("correct", "correction"),
    ("rectif", "correction"),
    ("clarif", "clarification"),
)
_VOCABULARY = re.compile(
    r"https?://(?:cv|www)\.iptc\.org/(?:std/)?newscodes/([a-z0-9-]+)/?", re.IGNORECASE
)
_ALIASES = {
    "mediatopic": "medtop",
    "subjectcode": "subj",
    "pubstatusg2": "stat",
    "ninature": "ninat",
    "signal": "sig",
    "itemrelation": "irel",
    "cpnature": "cpnat",
}
_SUBJECT_CODE = re.compile(r"(?:IPTC:)?(\d{8})")
_AGENCY_MARK = re.compile(r"\s*\((?:[^()]{1,40})\)\s*[.:]?$")
_LONGEST = 300
_DASH = re.compile(r"[\s\-–—=:]+$")
_DAY = re.compile(
    r",?\s*\b(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}\.?\s+[^\W\d]{3,9}\.?(?:,?\s+\d{4})?"
    r"|[^\W\d]{3,9}\.?\s+\d{1,2}(?:,?\s+\d{4})?)(?!\w)[^()]*$"
)
_BY = re.compile(r"(?:by|von|par|por|di)\s+(?=\w)", re.IGNORECASE)
_Rendition = TypeVar("_Rendition")


def status_of(stated: str) -> tuple[Status, list[str]]:
    """Read a pubStatus in any spelling ("stat:usable", "Usable"); an unknown one withholds.

    Returned with it are flags for the desk. A missing status means usable (NewsML-G2, 7.6).
    """
    word = last_part(stated)
    if word in _STATUS:
        return _STATUS[word], []
    return "withheld", ["unknown-status"]


def signal_of(stated: Iterable[str]) -> Signal:
    """Read signals such as "sig:correction", "nmsig:test", "Advisory"; "" when none counts."""
    found = [last_part(code) for code in stated]
    return next(
        (signal for start, signal in _SIGNALS if any(word.startswith(start) for word in found)), ""
    )


def last_part(code: str) -> str:
    """Return the code itself, without alias or address: "usable" of "stat:Usable"."""
    return code.strip().lower().rpartition(":")[2].rstrip("/").rpartition("/")[2]


def topic_of(code: str, scheme: str = "") -> str:
    """Return a subject's code as a QCode, as stated where its vocabulary is not the IPTC's.

    *scheme* is the address or the alias of the vocabulary where it stands apart.
    """
    code, scheme = code.strip(), scheme.strip()
    if code.lower().startswith(("http://", "https://")):
        head, _, tail = code.rstrip("/").rpartition("/")
        return f"{alias}:{tail}" if (alias := alias_of(head)) else ""
    if ":" in code or not code:
        return code
    if alias := alias_of(scheme):
        return f"{alias}:{code}"
    if found := _SUBJECT_CODE.fullmatch(code):
        return f"subj:{found[1]}"
    return f"{scheme}:{code}" if re.fullmatch(r"[\w.-]+", scheme) else ""


def alias_of(uri: str) -> str:
    """Return the usual alias of an IPTC vocabulary: "medtop" of ".../newscodes/mediatopic/"."""
    found = _VOCABULARY.fullmatch(uri.strip())
    return _ALIASES.get(found[1].lower(), found[1].lower()) if found else ""


def place_of(dateline: str) -> str:
    """Return the place of a dateline, without date, agency and dash: "London" of
    "London, Oct 11 (dpa) -". A dateline is a place and no date (docs/words.md).
    """
    text = _DASH.sub("", " ".join(dateline[:_LONGEST].split()))
    text = _DASH.sub("", _AGENCY_MARK.sub("", text))
    text = _DASH.sub("", _AGENCY_MARK.sub("", _DAY.sub("", text))).rstrip(" ,.")
    return text if re.match(r"[^\W\d]", text) else ""


def author_of(byline: str) -> str:
    """Return the name in a byline, without the "By" in front of it."""
    byline = " ".join(byline[:_LONGEST].split()).strip(" ,;=")
    found = _BY.match(byline)
    return byline[found.end() :] if found else byline


def best_rendition(
    renditions: Sequence[_Rendition], width: Callable[[_Rendition], int | None]
) -> _Rendition | None:
    """Return the largest that is not wider than 2560 pixels, else the smallest, None of none."""
    fitting = [rendition for rendition in renditions if (width(rendition) or 0) <= WIDEST]
    if fitting:
        return max(fitting, key=lambda rendition: width(rendition) or 0)
    return min(renditions, key=lambda rendition: width(rendition) or 0, default=None)
