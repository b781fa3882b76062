"""Dates as wires write them: RFC 822, ISO 8601 and all the near misses feeds hold."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from broadsheet.wire.formats.months import month
from broadsheet.wire.formats.zones import zone_named

_OLDEST, _NEWEST = 1990, 2200
_LONGEST = 80
_WORD = r"[^\W\d]+"
_TIME = r"(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\b\.?)?"
_ISO = re.compile(rf"(\d{{4}})-?(\d\d)-?(\d\d)(?:[Tt\s]+{_TIME}\s*(.*))?")
_DAY_FIRST = re.compile(
    rf"(?:{_WORD}\.?,?\s+)?(\d{{1,2}})[\s.-]+({_WORD})[\s.,-]+(\d{{4}}|\d\d)(?:[\s,]+{_TIME}\s*(.*))?"
)
_MONTH_FIRST = re.compile(
    rf"(?:{_WORD}\.?,?\s+)?({_WORD})\.?\s+(\d{{1,2}}),?\s+(\d{{4}})(?:[\s,]+{_TIME}\s*(.*))?"
)
_ASCTIME = re.compile(rf"(?:{_WORD}\s+)?({_WORD})\s+(\d{{1,2}})\s+{_TIME}\s+(.*?)\s*(\d{{4}})")
_EXACT = (
    (_ISO, (1, 2, 3, 4)),
    (_DAY_FIRST, (3, 2, 1, 4)),
    (_MONTH_FIRST, (3, 1, 2, 4)),
    (_ASCTIME, (8, 1, 2, 3)),
)
_OFFSET = re.compile(r"(?:(?:UTC|GMT)\s*)?([+\-−])(\d\d?)(?::?(\d\d))?(?!\d)")
_ZONE = re.compile(r"\(?([A-Za-z]+/[A-Za-z_/+-]+|[A-Za-z]{1,5})\b\)?")

_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?!\d)\s*([AaPp]\.?[Mm]\b\.?)?"
)
_HALF_FIRST = re.compile(r"(오전|오후|上午|下午)\s*(?=\d)")
_EASTERN = re.compile(r"(\d{4})\s*[년年]\s*(\d{1,2})\s*[월月]\s*(\d{1,2})\s*[일日]")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,4})([./-])(\d{1,3})\2(\d{1,4})(?!\d)")
_SPACED = re.compile(r"(?<!\d)(\d{1,2}) (\d{1,2}) (\d{4})(?!\d)")
_NAMED_MONTH = re.compile(rf"(?<!\d)(\d{{1,2}})?(?:st|nd|rd|th|er|\.|-|\s)*\b({_WORD})\b")
_MONTH_ONLY = re.compile(r"()(\d{4})-(\d\d)|(\d{4})")
_NO_DAY = re.compile(rf"{_WORD}\.?,?\s+\d{{4}}")
_FAR = re.compile(r"\s*(\d{4,6})-")
_SECONDS = re.compile(r"(\d{9,10})(?:\d{3})?(?:\.\d+)?")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_Day = tuple[int, int, int]
_Clock = tuple[str | None, ...]


def read_date(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Return the instant *text* states, aware and with the zone as stated, else None.

    A date without a zone, or with a name we do not know, is in *zone*; a name that means
    several zones ("IST") means the one where *zone* is, else the paper's own reading of it.
    None for what cannot be read and for years before 1990 or after 2200, which are mistakes
    or "never".
    """
    return _read(" ".join(text[: 2 * _LONGEST].split())[:_LONGEST], zone) if text else None


def is_never(text: str) -> bool:
    """Whether a date is one that means "never", in a year after 2200."""
    found = _FAR.match(text)
    return found is not None and int(found[1]) > _NEWEST


@lru_cache(maxsize=2048)
def _read(text: str, zone: tzinfo) -> datetime | None:
    for pattern, order in _EXACT:
        if found := pattern.fullmatch(text):
            year, name, day, time = order
            stated = (_year(found[year]), month(found[name]), int(found[day]))
            if moment := _instant(stated, found.groups()[time - 1 : time + 4], zone):
                return moment
    return _loosely(text, zone)


def _loosely(text: str, zone: tzinfo) -> datetime | None:
    """Look for a clock, a day and a zone wherever they stand."""
    if seconds := _SECONDS.fullmatch(text):
        return _bounded(datetime.fromtimestamp(int(seconds[1]), UTC))
    text, half = _western(text)
    clock = _CLOCK.search(text)
    rest, after = text, ""
    if clock:
        rest, after = text[: clock.start()], text[clock.end() :]
        rest = f"{rest.rstrip('T ')} {_without_zone(after)}"
    day = _day(rest, is_american=bool(clock and clock[4]))
    if day is None:
        return None
    time: _Clock = (*clock.groups()[:3], half or clock[4]) if clock else (None,) * 4
    return _instant(day, (*time, after if clock else _OFFSET.sub(" ", _last_word(text))), zone)


def _last_word(text: str) -> str:
    return text.rpartition(" ")[2]


def _western(text: str) -> tuple[str, str]:
    """Korean and Chinese dates, and their half of the day, as ours."""
    text = _EASTERN.sub(r"\1-\2-\3 ", text)
    half = _HALF_FIRST.search(text)
    return _HALF_FIRST.sub(" ", text), ("pm" if half[1] in "오후下午" else "am") if half else ""


def _without_zone(after: str) -> str:
    return _OFFSET.sub(" ", after)


def _day(text: str, *, is_american: bool) -> _Day | None:
    found = _NUMBERS.search(text) or _SPACED.search(text)
    if found:
        parts = [found[1], *found.groups()[-2:]]
        return _numeric(parts, text, is_american)
    for named in _NAMED_MONTH.finditer(text):
        if number := month(named[2]) if not named[2].isdigit() else 0:
            return _around(number, named, text)
    bare = _MONTH_ONLY.fullmatch(text.strip())
    return (int(bare[2] or bare[4]), int(bare[3] or 1), 1) if bare else None


def _around(number: int, named: re.Match[str], text: str) -> _Day | None:
    """The day stands before or after the name of the month, the year after both or before."""
    left, right = text[: named.start()], text[named.end() :]
    after = [int(digits) for digits in re.findall(r"\d{4}|\d{1,2}", right)]
    years = [n for n in after if n > 99] + [int(n) for n in re.findall(r"\d{4}", left)]
    small = [n for n in after if n <= 99]
    if not (named[1] or small or _NO_DAY.fullmatch(text.strip())):
        return None
    day = int(named[1]) if named[1] else (small.pop(0) if small else 1)
    if years:
        return years[0], number, day
    return (_year(f"{small[0]:02d}"), number, day) if small else None


def _numeric(parts: list[str], text: str, is_american: bool) -> _Day | None:
    first, second, third = (int(part) for part in parts)
    if len(parts[0]) == 4:
        return first, second, third
    year = _year(parts[2]) if len(parts[2]) in (2, 4) else 0
    if "-" in text and len(parts[2]) == 2 and len(parts[0]) == 2 and "/" not in text:
        return _year(parts[0]), second, third
    orders = [(year, second, first), (year, first, second)]
    orders = orders[::-1] if is_american and "." not in parts else orders
    possible = [order for order in orders if _is_day(order)]
    fitting = [order for order in possible if _weekday(order) == text[:3].lower()]
    return next(iter(fitting or possible), None)


def _is_day(day: _Day) -> bool:
    try:
        return bool(date(*day))
    except ValueError:
        return False


def _weekday(day: _Day) -> str:
    return _WEEKDAYS[date(*day).weekday()]


def _instant(day: _Day, time: _Clock, zone: tzinfo) -> datetime | None:
    hours, minutes, seconds, half, stated = time
    hour = _hour(int(hours or 0), (half or "").lower())
    try:
        moment = datetime(*day, hour % 24 if hour == 24 else hour, int(minutes or 0))
        moment += timedelta(seconds=min(int(seconds or 0), 59), days=hour == 24)
        return _bounded(moment.replace(tzinfo=_zone(stated or "", zone)))
    except (ValueError, OverflowError):
        return None


def _bounded(moment: datetime) -> datetime | None:
    return moment if _OLDEST <= moment.year <= _NEWEST else None


def _zone(stated: str, zone: tzinfo) -> tzinfo:
    """Return the zone a date names; its name stays with it ("IST", not only "+05:30")."""
    stated = stated.strip()
    if not stated:
        return zone
    offset = _OFFSET.search(stated)
    rest = _OFFSET.sub(" ", stated) if offset else stated
    if offset:
        hours = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        hours = hours if offset[1] == "+" else -hours
        named = _ZONE.search(rest)
        if named is None or named[1].upper() == "Z" or "/" in named[1]:
            return UTC if not hours else timezone(hours)
        return timezone(hours, named[1].upper())
    known = (zone_named(named[1], zone) for named in _ZONE.finditer(rest))
    return next((found for found in known if found), zone)


def _hour(hour: int, half: str) -> int:
    if half.startswith("p"):
        return hour if hour == 12 else hour + 12
    return 0 if half and hour == 12 else hour


def _year(digits: str) -> int:
    """Two digits mean 1950 to 2049 (RFC 2822, section 4.3)."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)
