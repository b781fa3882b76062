"""Feeds give away what everybody may read, say who wrote it, and forget nothing that was wrong."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import feedparser
import jsonschema
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Rule, Section
from broadsheet.press import actions as press
from broadsheet.press import reports
from broadsheet.press.frame import make_frame
from broadsheet.wire import formats
from tests.cast import ada, body, ninjs, send
from tests.picture_cast import photo
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
KINDS = ("rss", "atom", "json")


def publish(feed, number=1, **facts):
    facts = {"headline": f"Report {number}", "standfirst": "A summary of the day."} | facts
    send(feed, ninjs(f"urn:{number}", **facts))
    press.catch_up()
    return Article.objects.get(item__key=f"urn:{number}")


def raw(kind, front="/"):
    return surfaces()[f"{front}feed.{kind}", "plain"].encode()


def read(kind, front="/"):
    return formats.parse(raw(kind, front), url=f"http://localhost:8000{front}feed.{kind}")


def atom(front="/"):
    return etree.fromstring(raw("atom", front))


@pytest.fixture
def told(feed):
    """One report with everything: picture, correction, byline."""
    with time_machine.travel("2026-11-20T10:00:00Z"):
        article = publish(feed)
        article.picture = photo("harbour")
        article.byline = "Ilse Varga"
        article.save_revision(user=ada()).publish(user=ada())
        press.catch_up()
    with time_machine.travel("2026-11-21T09:30:00Z"):
        desk.correct(Article.objects.get(), "It was six boats, not five.", by=ada())
        press.catch_up()
    return Article.objects.get()


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_reader_reads_back_what_was_written(told, kind):
    parsed = read(kind)
    assert not parsed.problems
    assert not parsed.repairs
    (entry,) = parsed.entries
    assert entry.id == f"tag:localhost,2026-11-20:article:{told.pk}"
    assert entry.url == f"http://localhost:8000{told.path}"
    assert entry.title == "Report 1"
    assert entry.authors == ("Ilse Varga",)
    assert entry.published == told.first_published_at.replace(microsecond=0) or (
        entry.published == told.first_published_at
    )
    assert "World" in entry.categories
    assert "It was six boats, not five." in entry.body_html
    assert "paragraph 0" in entry.body_html
    assert entry.pictures[0].url.startswith("http://localhost:8000/media/")


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_the_picture_keeps_its_own_credit(told, kind):
    (picture,) = read(kind).entries[0].pictures
    assert picture.credit == told.picture.credit
    assert (picture.width, picture.height) == (24, 16)


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_feedparser_agrees(told, kind):
    oracle = feedparser.parse(raw(kind))
    assert not oracle.bozo
    (ours,), (theirs,) = read(kind).entries, oracle.entries
    assert (ours.id, ours.url, ours.title) == (theirs.id, theirs.link, theirs.title)
    assert theirs.author == "Ilse Varga"
    assert "It was six boats, not five." in theirs.content[0].value
    assert theirs.media_credit[0]["content"] == told.picture.credit


def test_a_correction_moves_updated_and_nothing_else_does(feed, told):
    at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    for element in (atom(), atom().find(f"{ATOM}entry")):
        assert abs(datetime.fromisoformat(element.findtext(f"{ATOM}updated")) - at) < timedelta(
            minutes=1
        )
    before = raw("atom"), raw("rss"), raw("json")
    with time_machine.travel("2026-11-22T09:30:00Z"):
        article = Article.objects.get()
        article.save_revision(user=ada()).publish(user=ada())
        press.catch_up()
    assert (raw("atom"), raw("rss"), raw("json")) == before
    assert read("atom").entries[0].updated > read("atom").entries[0].published
    assert json.loads(raw("json"))["items"][0]["date_modified"].startswith("2026-11-21T")


@pytest.mark.parametrize("access", ["registered", "metered", "premium"])
def test_no_feed_gives_away_what_is_gated(feed, access):
    Rule.objects.update(access=access)
    article = publish(feed, body=body("open", 3) + body("GATEDWORD", 6))
    assert where("GATEDWORD") == {article.path}
    for kind in KINDS:
        assert "paragraph 0" in read(kind).entries[0].body_html
        assert "Read the full report" in raw(kind).decode()


def test_an_open_report_is_whole_and_its_links_lead_somewhere(paper):
    article = Article(
        headline="Ours", access="open", section=Section.objects.get(slug="world"),
        body='<p>See <a href="/world/">the section</a>.</p>' + "<p>Words of the end.</p>" * 9,
    )  # fmt: skip
    article.save()
    article.save_revision(user=ada()).publish(user=ada())
    press.catch_up()
    for kind in KINDS:
        text = read(kind).entries[0].body_html
        assert text.count("Words of the end.") == 9
        assert 'href="http://localhost:8000/world/"' in text
        assert "syndicated" not in text


def test_ids_outlive_a_new_headline_and_a_new_origin(feed, settings):
    settings.ORIGIN = "https://lantern.example"
    press.press_everything()
    article = publish(feed)
    name = read("atom").entries[0].id
    assert name.startswith("tag:lantern.example,")
    settings.ORIGIN = "https://other.example"
    article.headline = "Another headline"
    article.save_revision(user=ada()).publish(user=ada())
    press.press_everything()
    entry = read("atom").entries[0]
    assert (entry.id, entry.title) == (name, "Another headline")
    assert entry.url.startswith("https://other.example/")


def test_case_40_feeds_a_withdrawn_report_leaves_a_tombstone_and_nothing_else(feed):
    with time_machine.travel("2026-11-20T10:00:00Z"):
        article = publish(feed)
        publish(feed, 2)
        name = next(e.id for e in read("atom").entries if e.title == "Report 1")
        send(feed, ninjs("urn:1", version=2, status="canceled", headline="Report 1", note="Wrong."))
        press.catch_up()
        assert Article.objects.get(pk=article.pk).withdrawn_at
        for front in ("/", "/world/"):
            (stone,) = atom(front).iter(GONE)
            assert stone.get("ref") == name
            assert datetime.fromisoformat(stone.get("when")).date().isoformat() == "2026-11-20"
            for kind in KINDS:
                assert b"Report 1" not in raw(kind, front)
            for kind in ("rss", "json"):
                assert name.encode() not in raw(kind, front)
        assert not list(atom("/markets/").iter(GONE))
        gone = [entry for entry in read("atom").entries if entry.status == "canceled"]
        assert [entry.id for entry in gone] == [name]
    with time_machine.travel("2026-12-19T10:00:00Z"):
        press.press_everything()
        assert not list(atom().iter(GONE))


@pytest.mark.parametrize("hidden", ["held", "embargoed", "expired", "unpublished"])
def test_case_45_what_readers_may_not_see_is_on_no_other_page_and_in_no_feed(feed, hidden):
    article = publish(feed)
    publish(feed, 2)
    now = datetime.now(UTC)
    changes = {
        "held": {"held": True},
        "embargoed": {"wire_embargo_until": now + timedelta(hours=1)},
        "expired": {"wire_expires": now - timedelta(hours=1)},
        "unpublished": {"live": False},
    }[hidden]
    Article.objects.filter(pk=article.pk).update(**changes)
    press.press_everything()
    assert where("Report 1") <= {article.path}
    assert where(article.path) <= {article.path}
    assert "Report 1" not in Client().get("/search", {"q": "report"}).content.decode()
    assert "Report 2" in Client().get("/search", {"q": "report"}).content.decode()


def test_rss_has_each_element_as_often_as_its_specification_says(told):
    channel = etree.fromstring(raw("rss")).find("channel")
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert len(channel.findall(name)) == 1, name
    (item,) = channel.findall("item")
    for name in ("title", "link", "guid", "pubDate", "description"):
        assert len(item.findall(name)) == 1, name
    known = {
        "title", "link", "guid", "pubDate", "description", "category", "modified", "creator",
        "contributor", "rights", "source", "encoded", "content",
    }  # fmt: skip
    assert {etree.QName(child).localname for child in item} <= known
    assert item.find("guid").get("isPermaLink") == "false"
    assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo
    (own,) = channel.findall(f"{ATOM}link")
    assert own.get("href") == "http://localhost:8000/feed.rss"


def test_atom_has_each_element_as_often_as_its_specification_says(told):
    feed = atom()
    (entry,) = feed.findall(f"{ATOM}entry")
    for element in (feed, entry):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert element.findall(f"{ATOM}author/{ATOM}name")
        for link in element.findall(f"{ATOM}link"):
            assert link.get("href").startswith("http")
        alternates = [
            link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"
        ]
        assert len(alternates) == 1
    assert entry.find(f"{ATOM}content").get("type") == "html"
    assert all(category.get("term") for category in entry.findall(f"{ATOM}category"))


def test_the_json_feed_has_the_shape_of_its_version(told):
    author = {"type": "object", "required": ["name"], "properties": {"name": {"minLength": 1}}}
    item = {
        "type": "object",
        "required": ["id", "url", "title", "content_html", "date_published", "authors"],
        "properties": {
            "id": {"type": "string"},
            "url": {"type": "string", "pattern": "^https?://"},
            "image": {"type": "string", "pattern": "^https?://"},
            "date_published": {"type": "string", "format": "date-time"},
            "date_modified": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "items": {"type": "string", "minLength": 1}},
            "authors": {"type": "array", "items": author, "minItems": 1},
            "attachments": {"type": "array", "items": {"required": ["url", "mime_type"]}},
        },
    }
    feed = {
        "type": "object",
        "required": ["version", "title", "items"],
        "properties": {
            "version": {"const": "https://jsonfeed.org/version/1.1"},
            "items": {"type": "array", "items": item, "minItems": 1},
        },
    }
    jsonschema.validate(json.loads(raw("json")), feed)


def test_every_list_names_its_feeds(feed):
    publish(feed)
    pages = surfaces()
    for front in ("/", "/world/"):
        for kind, mime in (("rss", "rss+xml"), ("atom", "atom+xml"), ("json", "feed+json")):
            page = pages[front, "plain"]
            assert f'href="{front}feed.{kind}"' in page
            assert f"application/{mime}" in page


def test_a_feed_costs_the_same_with_many_reports(feed):
    def cost():
        frame = make_frame()
        with CaptureQueriesContext(connection) as captured:
            assert reports.paper_list(frame).reports
        return len(captured)

    for number in range(3):
        publish(feed, number)
    few = cost()
    for number in range(3, 12):
        publish(feed, number)
    assert cost() <= few <= 8


def test_an_empty_feed_stays_the_same_all_day(paper):
    press.press_everything()
    before = [raw(kind) for kind in KINDS]
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        press.press_everything()
    assert [raw(kind) for kind in KINDS] == before
    assert read("atom").format == "atom"
