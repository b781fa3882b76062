"""How long a feed asks to be left alone: in its answer's headers, and in the document itself.

Hints, not orders: nothing here makes a feed wait for longer than `LONGEST_HINT`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_HINT = 6 * 3600.0
"""Seconds. News cannot wait for a cache that was set up for something else."""

_HEAD = 16_384
_FIRST_ITEM = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>")
_PERIOD = re.compile(rb"<sy:updatePeriod>\s*(\w+)\s*</sy:updatePeriod>")
_FREQUENCY = re.compile(rb"<sy:updateFrequency>\s*(\d{1,4})\s*</sy:updateFrequency>")
_SKIP_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>")
_PERIODS = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0,
            "yearly": 31_536_000.0}  # fmt: skip


def stated_pause(document: bytes) -> float:
    """Seconds between two fetches that an RSS feed states in its head; 0 when it states none.

    <ttl> counts minutes (RSS 2.0, ttlSubelementOfChannel); sy:updatePeriod is divided by
    sy:updateFrequency (RSS 1.0, mod_syndication).
    """
    head = _head(document)
    ttl, period = _TTL.search(head), _PERIOD.search(head)
    seconds = 60.0 * int(ttl[1]) if ttl else 0.0
    if period:
        times = _FREQUENCY.search(head)
        length = _PERIODS.get(period[1].decode("ascii", "replace").lower(), 0.0)
        seconds = max(seconds, length / max(1, int(times[1]) if times else 1))
    return min(seconds, LONGEST_HINT)


def stated_rest(document: bytes) -> frozenset[int]:
    """Hours of the day (GMT) in which nothing is published: <skipHours> of RSS 2.0; 24 means 0."""
    found = _SKIP_HOURS.search(_head(document))
    hours = {int(hour) % 24 for hour in _HOUR.findall(found[1])} if found else set()
    return frozenset(hours) if len(hours) < 24 else frozenset()


def _head(document: bytes) -> bytes:
    """What stands before the first item. Found by eye, not parsed: the document may be damaged."""
    start = document[:_HEAD]
    first = _FIRST_ITEM.search(start)
    return start[: first.start()] if first else start


def fresh_for(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds for which the answer stays fresh (RFC 9111, 4.2.1): max-age, else Expires; or 0."""
    asked = headers.get("cache-control", "").lower()
    directives = dict(_directive(part) for part in asked.split(","))
    if {"no-cache", "no-store"} & directives.keys():
        return 0.0
    age = _number(headers.get("age", ""))
    if "max-age" in directives:
        return _within(_number(directives["max-age"]) - age)
    expires, sent = _moment(headers.get("expires", "")), _moment(headers.get("date", ""))
    return _within((expires - (sent or now)).total_seconds() - age) if expires else 0.0


def until(pause: float, rest: Collection[int], now: datetime) -> float:
    """`pause`, lengthened to the end of the hours of rest it would end in."""
    at = now + timedelta(seconds=pause)
    while at.astimezone(UTC).hour in rest and at - now < timedelta(seconds=LONGEST_HINT):
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _within((at - now).total_seconds())


def _directive(part: str) -> tuple[str, str]:
    name, _, value = part.strip().partition("=")
    return name, value.strip('" ')


def _number(text: str) -> float:
    text = text.strip()
    return float(text[:9]) if text.isascii() and text.isdigit() else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _within(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_HINT)
