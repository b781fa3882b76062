"""From when until when an item of a web feed may be shown: Dublin Core, PRISM and plain fields.

Sources: DCMI Metadata Terms (available, valid), with the DCMI Period encoding ("start=…; end=…")
and ISO 8601 intervals ("…/…"); PRISM Basic (embargoDate, expirationDate, killDate).
"""

import re
from datetime import datetime, tzinfo
from typing import Any

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.parsed import Reading
from broadsheet.wire.formats.tree import Fields

_FROM = ("dcterms:available", "prism:embargoDate", "embargoDate", "embargoed", "embargo")
_UNTIL = ("prism:expirationDate", "prism:killDate", "expirationDate")
_VALID = ("dcterms:valid",)
_PART = re.compile(r"\b(start|end)\s*=\s*([^;]*)", re.IGNORECASE)
_INTERVAL = re.compile(r"([^/\s]{4,}|\.\.)?\s*/\s*([^/\s]{4,}|\.\.)?")


def bounds_of(found: Fields, reading: Reading) -> dict[str, Any]:
    """Return a draft's embargo and expiry, as read and as sent; the strictest of several.

    What is stated and cannot be read stays unread, whatever else is stated beside it. An embargo
    without a moment is stated, too: it has no end.
    """
    first = [_period(text) or (text, "") for text in _texts(found, _FROM)]
    last = [_period(text) or ("", text) for text in _texts(found, _VALID)]
    starts = [start for start, end in first if start or not end]
    starts += [start for start, _ in last if start]
    ends = [end for _, end in (*first, *last) if end] + list(filter(None, _texts(found, _UNTIL)))
    return {
        "embargo": max(_read(starts, reading.zone), default=None),
        "embargo_as_sent": "; ".join(starts) if starts else None,
        "expires": min(_read(ends, reading.zone), default=None),
        "expires_as_sent": "; ".join(ends),
    }


def _texts(found: Fields, names: tuple[str, ...]) -> list[str]:
    return ["".join(element.itertext()).strip() for element in found.named(*names)]


def _period(text: str) -> tuple[str, str] | None:
    """Start and end of a period, "" for an open one; None for a text that states none."""
    if parts := {name.lower(): value.strip() for name, value in _PART.findall(text)}:
        return parts.get("start", ""), parts.get("end", "")
    if interval := _INTERVAL.fullmatch(text):
        start, end = ("" if part in (None, "..") else part for part in interval.groups())
        return start, end
    return None


def _read(stated: list[str], zone: tzinfo) -> list[datetime]:
    """The moments, or none of them when one cannot be read."""
    moments = [moment for text in stated if (moment := read_date(text, zone))]
    return moments if len(moments) == len(stated) else []
