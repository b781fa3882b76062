"""/corrections/ tells what was put right and what was taken back, month by month, at any length."""

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Notice
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press import corrections
from broadsheet.press.frame import make_frame
from tests.cast import ada, ninjs, send
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db


def published(feed, key="urn:1", headline="Fog", at="2026-09-10T10:00:00Z"):
    with time_machine.travel(at, tick=False):
        send(feed, ninjs(key, headline=headline, at=datetime.fromisoformat(at)))
        press.catch_up()
    return Article.objects.get(item__key=key)


def corrected(article, text, at):
    with time_machine.travel(at, tick=False):
        desk.correct(article, text, by=ada())
        press.catch_up()


def page(path="/corrections/"):
    return surfaces().get((path, "plain"), "")


def doors(path):
    return dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', page(path)))


def test_every_month_has_a_page_with_the_way_to_the_others(feed):
    article = published(feed)
    for month in (9, 10, 11):
        corrected(article, f"Wrong in {month}.", f"2026-{month:02}-20T10:00:00Z")
    assert all(f"Wrong in {month}." in page() for month in (9, 10, 11))
    assert doors("/corrections/") == {}
    sides = {f"2026-{m:02}": doors(f"/corrections/2026-{m:02}/") for m in (9, 10, 11)}
    assert sides == {
        "2026-09": {"next": "/corrections/2026-10/"},
        "2026-10": {"prev": "/corrections/2026-09/", "next": "/corrections/2026-11/"},
        "2026-11": {"prev": "/corrections/2026-10/"},
    }
    assert "Wrong in 10." in page("/corrections/2026-10/")
    assert "Wrong in 9." not in page("/corrections/2026-10/")
    assert "October 2026" in page("/corrections/2026-10/")


def test_a_notice_belongs_to_the_month_of_the_papers_zone(feed):
    corrected(published(feed), "At night.", "2026-09-30T20:00:00Z")
    assert "At night." in page("/corrections/2026-10/")
    assert page("/corrections/2026-09/") == ""


def test_older_notices_stand_behind_the_newest_and_none_is_lost(feed, monkeypatch):
    monkeypatch.setattr(corrections, "NEWEST", 3)
    article = published(feed)
    for number in range(5):
        corrected(article, f"Wrong {number}.", f"2026-10-{number + 10}T10:00:00Z")
    assert [n for n in range(5) if f"Wrong {n}." in page()] == [2, 3, 4]
    older = doors("/corrections/")["prev"]
    assert older == "/corrections/2026-10/"
    assert all(f"Wrong {number}." in page(older) for number in range(5))


def test_a_withdrawal_is_told_with_its_reason_and_without_the_headline(feed):
    article = published(feed, headline="Slander of somebody")
    published(feed, "urn:2", "Another")
    corrected(article, "It was six.", "2026-10-01T10:00:00Z")
    with time_machine.travel("2026-11-05T10:00:00Z", tick=False):
        desk.withdraw(article, "It was not so.", by=ada())
        press.catch_up()
    for path in ("/corrections/", "/corrections/2026-11/"):
        assert "It was not so." in page(path)
        assert "A report of 10 September 2026 in World is no longer published" in page(path)
    assert where("Slander") == set()
    assert where(article.path) == {article.path}
    assert page("/corrections/2026-10/") == ""
    with time_machine.travel("2026-11-06T10:00:00Z", tick=False):
        desk.reinstate(article, "It was so after all.", by=ada())
        press.catch_up()
    assert where("It was not so.") == set()
    assert "It was six." in page("/corrections/2026-10/")


def test_a_note_that_was_taken_back_is_found_nowhere(feed):
    article = published(feed)
    note = desk.correct(article, "Wrongly put.", by=ada())
    press.catch_up()
    assert {"/corrections/", article.path, "/feed.json"} <= where("Wrongly put.")
    desk.take_back(note, by=ada())
    press.catch_up()
    assert where("Wrongly put.") == set()


def test_pressing_everything_keeps_the_months_and_lets_empty_ones_go(feed):
    article = published(feed)
    corrected(article, "In October.", "2026-10-05T10:00:00Z")
    corrected(article, "In November.", "2026-11-05T10:00:00Z")
    Notice.objects.filter(text="In October.").update(taken_back_at=clock.now())
    press.press_everything()
    assert page("/corrections/2026-10/") == ""
    assert "In November." in page("/corrections/2026-11/")


def test_the_pages_cost_the_same_with_many_notices(feed):
    article = published(feed)

    def asked():
        frame = make_frame()
        with CaptureQueriesContext(connection) as captured:
            months = corrections.known_months(frame)
            list(corrections.corrections_pages(frame, months, {date(2026, 10, 1)}))
        return len(captured)

    start = clock.now().replace(year=2026, month=10, day=2)
    counts = []
    for size in (2, 40):
        Notice.objects.bulk_create(
            Notice(article=article, kind="correction", text="Wrong.", at=start + timedelta(hours=n))
            for n in range(size)
        )
        counts.append(asked())
    assert counts[0] == counts[1] <= 6
