"""Feeds, sitemaps and robots.txt are well-formed and say only what readers may have."""

import json
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest
import time_machine
from lxml import etree

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Paper
from broadsheet.press import actions as press
from tests.cast import ada, ninjs, send
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
ODD = "Tides & fog < ice: “50 °C”, caf\u00e9 \U0001f30a"


@pytest.fixture
def pressed(feed):
    send(feed, ninjs("urn:1", headline="First", standfirst="The first summary of the day."))
    escaped = ODD.replace("&", "&amp;").replace("<", "&lt;")
    send(feed, ninjs("urn:2", headline=escaped))
    press.press_everything()
    return surfaces()


def xml(pages, path):
    return etree.fromstring(pages[path, "plain"].encode())


def test_rss_has_every_report_newest_first_with_absolute_links(pressed):
    channel = xml(pressed, "/feed.rss").find("channel")
    titles = [item.findtext("title") for item in channel.iter("item")]
    assert titles == [ODD, "First"]
    for item in channel.iter("item"):
        assert item.findtext("link").startswith("http://localhost:8000/")
        assert item.findtext("guid").startswith("tag:")
        assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo
    assert channel.findtext("link") == "http://localhost:8000/"


def test_atom_has_what_rfc_4287_asks_for(pressed):
    feed = xml(pressed, "/feed.atom")
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}")
        datetime.fromisoformat(element.findtext(f"{ATOM}updated"))
    entries = list(feed.iter(f"{ATOM}entry"))
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2
    assert entries[0].findtext(f"{ATOM}author/{ATOM}name") == "Quill"


def test_json_feed_is_version_1_1(pressed):
    feed = json.loads(pressed["/feed.json", "plain"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://localhost:8000/feed.json"
    assert [item["title"] for item in feed["items"]] == [ODD, "First"]
    assert all(item["id"] and item["content_html"] for item in feed["items"])


def test_a_section_has_feeds_of_its_own(pressed):
    for name in ("rss", "atom", "json"):
        assert "First" in pressed[f"/world/feed.{name}", "plain"]
        assert "First" not in pressed[f"/markets/feed.{name}", "plain"]


def test_the_sitemap_leads_to_every_page(pressed):
    maps = [loc.text for loc in xml(pressed, "/sitemap.xml").iter(f"{MAP}loc")]
    found = set()
    for address in maps:
        path = address.removeprefix("http://localhost:8000")
        found |= {loc.text for loc in xml(pressed, path).iter(f"{MAP}loc")}
    wanted = {
        "/",
        "/world/",
        "/markets/",
        "/corrections/",
        *Article.objects.values_list("path", flat=True),
    }
    assert found == {f"http://localhost:8000{path}" for path in wanted}


def test_the_news_sitemap_holds_two_days(feed):
    with time_machine.travel("2026-11-20T10:00:00Z"):
        send(feed, ninjs("urn:1", headline="Old"))
    with time_machine.travel("2026-11-22T10:00:01Z"):
        send(feed, ninjs("urn:2", headline="New"))
        press.press_everything()
    urls = xml(surfaces(), "/news-sitemap.xml")
    assert [title.text for title in urls.iter(f"{NEWS}title")] == ["New"]
    assert urls.find(f".//{NEWS}publication/{NEWS}language").text == "en"


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
@pytest.mark.parametrize("moment", ["2026-11-30T20:00:00Z", "2026-12-01T02:00:00Z"])
def test_a_report_of_the_months_edge_is_listed_and_leaves_with_its_withdrawal(feed, zone, moment):
    Paper.objects.update(time_zone=zone)
    with time_machine.travel(moment):
        press.press_everything()
        send(feed, ninjs("urn:1", headline="Edge"))
        press.catch_up()
        article = Article.objects.get()
        listed = {path for path in where(article.path) if path.startswith("/sitemap-")}
        assert len(listed) == 1
        assert f"http://localhost:8000{listed.pop()}" in surfaces()["/sitemap.xml", "plain"]
        desk.withdraw(article, "Wrong island.", by=ada())
        press.catch_up()
    assert where(article.path) == {article.path}


def test_robots_txt_leads_to_the_sitemaps_and_keeps_robots_out_of_the_newsroom(pressed):
    lines = pressed["/robots.txt", "plain"].splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /desk/" in lines
    assert "Sitemap: http://localhost:8000/sitemap.xml" in lines
    assert not any(line in ("Disallow: /", "Disallow:") for line in lines)


def test_a_new_origin_changes_every_link(feed, settings):
    send(feed, ninjs("urn:1", headline="First"))
    press.press_everything()
    settings.ORIGIN = "https://lantern.example"
    press.press_everything()
    assert where("http://localhost:8000") == set()
