"""Zone names as wires write them. A name that means several zones is settled by the source's."""

from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_HOURS: dict[str, float] = {
    "UT": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "MET": 1, "CEST": 2,
    "MESZ": 2, "MEST": 2, "EET": 2, "EEST": 3, "IDT": 3, "SAST": 2, "CAT": 2, "EAT": 3, "WAT": 1,
    "MSK": 3, "MSD": 4, "TRT": 3, "IRST": 3.5, "SAMT": 4, "AMT": -4, "GET": 4, "AZT": 4, "GST": 4,
    "AFT": 4.5, "PKT": 5, "UZT": 5, "YEKT": 5, "IST": 5.5, "SLST": 5.5, "NPT": 5.75, "BDT": 6,
    "BTT": 6, "ALMT": 6, "OMST": 6, "MMT": 6.5, "ICT": 7, "WIB": 7, "KRAT": 7, "NOVT": 7,
    "WITA": 8, "IRKT": 8, "SGT": 8, "HKT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "ULAT": 8, "WIT": 9,
    "JST": 9, "KST": 9, "YAKT": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "CHST": 10,
    "VLAT": 10, "PGT": 10, "NZST": 12, "NZDT": 13, "FJT": 12, "NST": -3.5, "NDT": -2.5,
    "AT": -4, "AST": -4, "ADT": -3, "ET": -5, "EST": -5, "EDT": -4, "CT": -6, "CST": -6,
    "CDT": -5, "MT": -7, "MST": -7, "MDT": -6, "PT": -8, "PST": -8, "PDT": -7, "AKST": -9,
    "AKDT": -8, "HST": -10, "SST": -11, "BRT": -3, "BRST": -2, "ART": -3, "UYT": -3, "CLT": -4,
    "CLST": -3, "BOT": -4, "PYT": -4, "COT": -5, "ECT": -5, "PET": -5, "VET": -4, "AZOT": -1,
}  # fmt: skip
"""Offsets in hours. Where a name is used twice the paper's reading is the Indian or British
one: IST is India, BST is British Summer Time; CST and the like are North American (RFC 822)."""

_AUSTRALIA = {"EST": 10, "EDT": 11, "CST": 9.5, "CDT": 10.5, "WST": 8}
_CHINA = {"CST": 8}
_ARABIA = {"AST": 3}
_LOCAL: dict[str, Mapping[str, float]] = {
    "Asia/Jerusalem": {"IST": 2},
    "Asia/Tel_Aviv": {"IST": 2},
    "Israel": {"IST": 2},
    "Europe/Dublin": {"IST": 1},
    "Eire": {"IST": 1},
    "Asia/Dhaka": {"BST": 6},
    "Asia/Manila": {"PST": 8},
    "Asia/Karachi": {"PST": 5},
    "Asia/Kuala_Lumpur": {"MST": 8},
    "Asia/Yangon": {"MST": 6.5},
    "Asia/Singapore": {"SST": 8},
    "Asia/Yerevan": {"AMT": 4},
    "America/Havana": {"CST": -5, "CDT": -4},
    "Pacific/Bougainville": {"BST": 11},
    "Pacific/Guam": {"CST": 10},
    "Atlantic/South_Georgia": {"GST": -2},
    **dict.fromkeys(("Asia/Shanghai", "Asia/Taipei", "Asia/Macau", "PRC", "ROC"), _CHINA),
    **dict.fromkeys(
        ("Asia/Riyadh", "Asia/Baghdad", "Asia/Kuwait", "Asia/Qatar", "Asia/Bahrain", "Asia/Aden"),
        _ARABIA,
    ),
}
"""What a name means in the house of a source whose own zone is this one."""


def zone_named(name: str, home: tzinfo) -> tzinfo | None:
    """Return the zone that *name* means for a source at home in *home*, else None.

    *name* is an abbreviation ("IST", which stays its name) or a zone of the IANA database
    ("America/Los_Angeles").
    """
    if "/" in name:
        return _iana(name)
    name = name.upper()
    if name in ("Z", "UTC"):
        return UTC
    hours = _local(str(getattr(home, "key", ""))).get(name, _HOURS.get(name))
    return None if hours is None else _fixed(hours, name)


def _local(key: str) -> Mapping[str, float]:
    return _AUSTRALIA if key.startswith("Australia/") else _LOCAL.get(key, {})


@lru_cache(maxsize=256)
def _fixed(hours: float, name: str) -> timezone:
    return timezone(timedelta(hours=hours), name)


@lru_cache(maxsize=256)
def _iana(name: str) -> tzinfo | None:
    if name.upper().startswith("ETC/"):
        name = "Etc/" + name[4:].upper()
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):
        return None
