from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from broadsheet.wire.formats import parse
from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.tests.formats.feeds import rss

_INDIA = timezone(timedelta(hours=5, minutes=30), "IST")


@pytest.mark.parametrize(
    ("text", "instant", "name"),
    [
        ("Tue, 17 Oct 2023 08:12:00 IST", "2023-10-17T08:12:00+05:30", "IST"),
        ("Tue, 17 Oct 2023 08:12 BST", "2023-10-17T08:12:00+01:00", "BST"),
        ("17 Oct 2023 08:12:00 AEST", "2023-10-17T08:12:00+10:00", "AEST"),
        ("17 Oct 23 08:12:00 EST", "2023-10-17T08:12:00-05:00", "EST"),
        ("03 Apr 02 1500 GMT", "2002-04-03T15:00:00+00:00", "GMT"),
        ("Tue, 17 Oct 2023 08:12:00 +0530", "2023-10-17T08:12:00+05:30", "UTC+05:30"),
        ("Tue, 17 Oct 2023 08:12:00 +0200 (CEST)", "2023-10-17T08:12:00+02:00", "CEST"),
        ("2023-10-17T08:12:00.250Z", "2023-10-17T08:12:00+00:00", "UTC"),
        ("2023-10-17T08:12:00+05:30", "2023-10-17T08:12:00+05:30", "UTC+05:30"),
        ("20231017T081200-0300", "2023-10-17T08:12:00-03:00", "UTC-03:00"),
        ("2023-10-17", "2023-10-17T00:00:00+00:00", "UTC"),
        ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24T19:42:40-03:00", "UTC-03:00"),
        ("October 17, 2023 8:12 PM EST", "2023-10-17T20:12:00-05:00", "EST"),
        ("Tue Oct 17 08:12:00 2023", "2023-10-17T08:12:00+00:00", "UTC"),
        ("2023-10-17T24:00:00Z", "2023-10-18T00:00:00+00:00", "UTC"),
    ],
)
def test_the_instant_and_its_zone_are_kept(text: str, instant: str, name: str) -> None:
    found = read_date(text)
    assert found is not None
    assert (found.isoformat(), found.tzname()) == (instant, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "0001-01-01T00:00:00Z",
        "1970-01-01",
        "Tue, 32 Oct 2023 08:12:00 IST",
        "9999-12-31T23:59:59-01:00",
        "2023-13-01",
        "17 Foo 2023",
        "2023-10-17T08:12:00+99:00",
    ],
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert read_date(text) is None


def test_a_date_without_a_zone_is_in_the_zone_of_the_source() -> None:
    found = read_date("Tue, 17 Oct 2023 08:12:00", ZoneInfo("Asia/Kolkata"))
    assert found == datetime(2023, 10, 17, 8, 12, tzinfo=_INDIA)


def test_the_zone_reaches_the_entry() -> None:
    data = rss("<item><title>x</title><pubDate>17 Oct 2023 08:12:00</pubDate></item>")
    entry = parse(data, zone=_INDIA).entries[0]
    assert entry.published is not None
    assert entry.published.tzname() == "IST"


def test_a_date_ahead_of_the_clock_is_flagged_and_kept() -> None:
    ahead = datetime.now(UTC) + timedelta(hours=2)
    data = rss(f"<item><title>x</title><pubDate>{ahead.isoformat()}</pubDate></item>")
    entry = parse(data).entries[0]
    assert "clamped-date" in entry.flags
    assert entry.published is not None
    assert entry.published > datetime.now(UTC)
