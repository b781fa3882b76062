"""Dates as wires write them: RFC 822, ISO 8601 and near misses, with zone names of our own."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_OLDEST, _NEWEST = 1990, 2200
_HOURS: dict[str, float] = {
    "UT": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "SAST": 2, "CAT": 2, "EAT": 3, "WAT": 1, "MSK": 3, "TRT": 3, "IRST": 3.5,
    "GST": 4, "PKT": 5, "UZT": 5, "IST": 5.5, "SLST": 5.5, "NPT": 5.75, "BDT": 6, "MMT": 6.5,
    "ICT": 7, "WIB": 7, "WITA": 8, "WIT": 9, "SGT": 8, "HKT": 8, "MYT": 8, "PHT": 8, "AWST": 8,
    "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3,
    "ART": -3, "CLT": -4, "COT": -5, "PET": -5, "VET": -4,
}  # fmt: skip
"""Offsets in hours. Where a name is used twice the paper's reading is the Indian or British
one: IST is India, BST is British Summer Time; CST and the like are North American (RFC 822)."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan gen ene", "feb fev fév", "mar mär mrt", "apr abr avr", "may mai maj mag mei",
            "jun juin giu", "jul juil lug", "aug ago août aou", "sep set", "oct okt out ott",
            "nov", "dec dez dic déc des",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_TIME = r"(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\b\.?)?"
_ISO = re.compile(rf"(\d{{4}})-?(\d\d)-?(\d\d)(?:[Tt\s]+{_TIME}\s*(.*))?")
_DAY_FIRST = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(\d{{1,2}})[\s.-]+([^\W\d]+)[\s.,-]+(\d{{4}}|\d\d)(?:[\s,]+{_TIME}\s*(.*))?"
)
_MONTH_FIRST = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?([^\W\d]+)\.?\s+(\d{{1,2}}),?\s+(\d{{4}})(?:[\s,]+{_TIME}\s*(.*))?"
)
_ASCTIME = re.compile(rf"(?:[^\W\d]+\s+)?([^\W\d]+)\s+(\d{{1,2}})\s+{_TIME}\s+(.*?)\s*(\d{{4}})")
_OFFSET = re.compile(r"(?:(?:UTC|GMT)\s*)?([+\-−])(\d\d?)(?::?(\d\d))?(?!\d)")
_NAME = re.compile(r"\(?([A-Za-z]{1,5})\)?")


def read_date(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Return the instant *text* states, aware and with the zone as stated, else None.

    A date without a zone, or with a name we do not know, is in *zone*. None for what cannot
    be read and for years before 1990 or after 2200, which are mistakes or "never".
    """
    text = " ".join(text.split())[:80]
    for pattern, order in (
        (_ISO, (1, 2, 3, 4)),
        (_DAY_FIRST, (3, 2, 1, 4)),
        (_MONTH_FIRST, (3, 1, 2, 4)),
        (_ASCTIME, (8, 1, 2, 3)),
    ):
        if found := pattern.fullmatch(text):
            year, month, day, time = order
            date = (_year(found[year]), _month(found[month]), int(found[day]))
            return _instant(date, found.groups()[time - 1 : time + 4], zone)
    return None


def _instant(
    date: tuple[int, int, int], time: tuple[str | None, ...], zone: tzinfo
) -> datetime | None:
    hours, minutes, seconds, half, stated = time
    hour = _hour(int(hours or 0), (half or "").lower())
    try:
        moment = datetime(*date, hour % 24 if hour == 24 else hour, int(minutes or 0))
        moment += timedelta(seconds=min(int(seconds or 0), 59), days=hour == 24)
        found = moment.replace(tzinfo=_zone(stated or "", zone))
        return found if _OLDEST <= found.year <= _NEWEST else None
    except (ValueError, OverflowError):
        return None


def _zone(stated: str, zone: tzinfo) -> tzinfo:
    """Return the zone a date names; its name stays with it ("IST", not only "+05:30")."""
    stated = stated.strip()
    offset = _OFFSET.search(stated)
    rest = _OFFSET.sub(" ", stated) if offset else stated
    named = _NAME.search(rest)
    name = named[1].upper() if named else ""
    if offset:
        hours = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        hours = hours if offset[1] == "+" else -hours
        if not name:
            return UTC if not hours else timezone(hours)
        return timezone(hours, name)
    if name in ("Z", "UTC"):
        return UTC
    return timezone(timedelta(hours=_HOURS[name]), name) if name in _HOURS else zone


def _hour(hour: int, half: str) -> int:
    if half.startswith("p"):
        return hour if hour == 12 else hour + 12
    return 0 if half and hour == 12 else hour


def _year(digits: str) -> int:
    """Two digits mean 1950 to 2049 (RFC 2822, section 4.3)."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    low = text.lower()
    return _MONTHS.get(low[:4]) or _MONTHS.get(low[:3]) or 0
