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
def test_case_13_the_instant_and_its_zone_are_kept(text: str, instant: str, name: str) -> None:
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
def test_case_13_what_is_no_date_gives_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("name", "home", "hours"),
    [
        ("IST", "UTC", 5.5),
        ("IST", "Asia/Jerusalem", 2),
        ("IST", "Europe/Dublin", 1),
        ("BST", "Europe/London", 1),
        ("BST", "Asia/Dhaka", 6),
        ("CST", "America/New_York", -6),
        ("CST", "Asia/Shanghai", 8),
        ("AST", "America/Halifax", -4),
        ("AST", "Asia/Riyadh", 3),
        ("EST", "Australia/Sydney", 10),
        ("PST", "Asia/Manila", 8),
        ("NPT", "UTC", 5.75),
        ("WIB", "UTC", 7),
        ("MSK", "UTC", 3),
        ("PKT", "UTC", 5),
        ("SGT", "UTC", 8),
        ("HKT", "UTC", 8),
        ("JST", "UTC", 9),
        ("CEST", "UTC", 2),
    ],
)
def test_case_13_a_name_of_several_zones_is_settled_by_the_source(
    name: str, home: str, hours: float
) -> None:
    found = read_date(f"Tue, 17 Oct 2023 08:12:00 {name}", ZoneInfo(home))
    assert found is not None
    assert (found.utcoffset(), found.tzname()) == (timedelta(hours=hours), name)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Tue, 17 Oct 2023 08:12:00 America/Los_Angeles", "2023-10-17T08:12:00-07:00"),
        ("Tue, 17 Oct 2023 08:12:00 GMT-07:00", "2023-10-17T08:12:00-07:00"),
        ("2023-10-17T08:12:00-05:00Z", "2023-10-17T08:12:00-05:00"),
        ("Tue Oct 17 08:12:00 +0200 2023", "2023-10-17T08:12:00+02:00"),
        ("Tue Oct 17 2023 08:12:00 GMT+0200 (Central European Time)", "2023-10-17T08:12:00+02:00"),
        ("Oct. 17, 2023, 8:12 p.m.", "2023-10-17T20:12:00+00:00"),
        ("Tue, October 17, 2023 at 08:12 PM EDT", "2023-10-17T20:12:00-04:00"),
        ("Tuesday, October 17, 2023 - 8:12pm", "2023-10-17T20:12:00+00:00"),
        ("Tue, 17th Oct 2023 08:12:00 GMT", "2023-10-17T08:12:00+00:00"),
        ("17 October, 2023", "2023-10-17T00:00:00+00:00"),
        ("Tue, 10/17/2023 - 08:12", "2023-10-17T08:12:00+00:00"),
        ("17/10/2023", "2023-10-17T00:00:00+00:00"),
        ("Wed, 11/10/2023", "2023-10-11T00:00:00+00:00"),
        ("11/10/2023 8:12 pm", "2023-11-10T20:12:00+00:00"),
        ("17.10.23", "2023-10-17T00:00:00+00:00"),
        ("1697530320", "2023-10-17T08:12:00+00:00"),
        ("Di, 17 Okt 2023 08:12:00 +0200", "2023-10-17T08:12:00+02:00"),
        ("mar., 17 oct. 2023 08:12:00 +0200", "2023-10-17T08:12:00+02:00"),
        ("mer, 9 août 2023 08:12:00 +0200", "2023-08-09T08:12:00+02:00"),
        ("do, 17 maart 2022 08:12:00 +0100", "2022-03-17T08:12:00+01:00"),
        ("вт, 17 октября 2023 08:12:00 +0300", "2023-10-17T08:12:00+03:00"),
        ("Τρί, 17 Οκτ 2023 08:12:00 EEST", "2023-10-17T08:12:00+03:00"),
        ("wt, 17 paź 2023 08:12:00 +0200", "2023-10-17T08:12:00+02:00"),
        ("2023-október-17T8:12+02:00", "2023-10-17T08:12:00+02:00"),
        ("2023년 10월 17일 오후 8:12:00", "2023-10-17T20:12:00+00:00"),
    ],
)
def test_case_13_a_date_is_read_in_every_dress(text: str, instant: str) -> None:
    found = read_date(text)
    assert found is not None
    assert found.isoformat() == instant


def test_case_13_a_date_without_a_zone_is_in_the_zone_of_the_source() -> None:
    found = read_date("Tue, 17 Oct 2023 08:12:00", ZoneInfo("Asia/Kolkata"))
    assert found == datetime(2023, 10, 17, 8, 12, tzinfo=_INDIA)


def test_case_13_the_zone_reaches_the_entry() -> None:
    data = rss("<item><title>x</title><pubDate>17 Oct 2023 08:12:00</pubDate></item>")
    entry = parse(data, zone=_INDIA).entries[0]
    assert entry.published is not None
    assert entry.published.tzname() == "IST"


def test_case_13_a_date_ahead_of_the_clock_is_flagged_and_kept() -> None:
    ahead = datetime.now(UTC) + timedelta(hours=2)
    data = rss(f"<item><title>x</title><pubDate>{ahead.isoformat()}</pubDate></item>")
    entry = parse(data).entries[0]
    assert "clamped-date" in entry.flags
    assert entry.published is not None
    assert entry.published > datetime.now(UTC)
    assert entry.date_as_sent == ahead.isoformat()


def test_case_13_a_date_nobody_can_read_is_kept_as_sent() -> None:
    data = rss("<item><title>x</title><pubDate>the day before Lent</pubDate></item>")
    entry = parse(data).entries[0]
    assert (entry.published, entry.date_as_sent) == (None, "the day before Lent")
