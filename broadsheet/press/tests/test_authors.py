"""An author's page, feeds and name for machines: there as long as a report of theirs is."""

import json
import re

import pytest
from django.core.cache import cache
from lxml import etree

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Author, Section
from broadsheet.gate.media import standing_of
from broadsheet.gate.pressed import open_store
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press import lists
from broadsheet.press.frame import make_frame
from broadsheet.press.tests.test_query_counts import queries
from broadsheet.press.tests.test_structured import told
from tests.cast import ada
from tests.picture_cast import own_picture
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
TOVE = "/author/tove-brandt/"
FEEDS = [TOVE + name for name in ("feed.atom", "feed.json", "feed.rss")]


@pytest.fixture
def tove(paper):
    return Author.objects.create(name="Tove Brandt", biography="Writes on tides & <docks>.")


def ours(number=1, authors="tove-brandt", **facts):
    article = Article(
        headline=f"Own report {number}", body="<p>Words.</p>", authors=authors,
        section=Section.objects.first(), **facts,
    )  # fmt: skip
    article.save()
    article.save_revision().publish()
    press.catch_up()
    return Article.objects.get(pk=article.pk)


def standing():
    return sorted({path for path, _ in surfaces() if path.startswith("/author/")})


def test_an_author_has_a_page_with_biography_reports_and_feeds(tove):
    article = ours()
    assert standing() == sorted([TOVE, *FEEDS])
    page = surfaces()[TOVE, "plain"]
    assert "<h1>Tove Brandt</h1>" in page
    assert "<p>Writes on tides &amp; &lt;docks&gt;.</p>" in page
    assert f'href="{article.path}"' in page
    assert all("Own report 1" in surfaces()[feed, "plain"] for feed in FEEDS)


def test_an_author_without_a_report_has_no_page(tove):
    ours(authors="")
    press.press_everything()
    assert standing() == []
    assert "/author/" not in surfaces()["/sitemap-pages.xml", "plain"]


def test_the_byline_leads_to_each_author_in_order(tove):
    Author.objects.create(name="Maren Oduya")
    article = ours(authors="maren-oduya\ntove-brandt")
    page = surfaces()[article.path, "full"]
    links = re.findall(r'<a href="([^"]+)" rel="author">([^<]+)</a>', page)
    assert links == [("/author/maren-oduya/", "Maren Oduya"), (TOVE, "Tove Brandt")]
    assert "Maren Oduya and Tove Brandt" in surfaces()["/world/", "plain"]


def test_machines_are_told_of_persons_with_pages(tove):
    article = ours()
    address = "http://localhost:8000" + TOVE
    assert told(article)["author"] == [{"@type": "Person", "name": "Tove Brandt", "url": address}]
    (text,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', surfaces()[TOVE, "plain"], re.DOTALL
    )
    person = json.loads(text)["mainEntity"]
    assert (person["@type"], person["name"], person["url"]) == ("Person", "Tove Brandt", address)
    assert person["description"] == "Writes on tides & <docks>."
    assert "<docks>" not in text


def test_feeds_name_each_author_with_a_page(tove):
    ours()
    pages, address = surfaces(), "http://localhost:8000" + TOVE
    entry = etree.fromstring(pages["/feed.atom", "plain"].encode()).find(f"{ATOM}entry")
    assert [a.findtext(f"{ATOM}uri") for a in entry.findall(f"{ATOM}author")] == [address]
    (item,) = json.loads(pages["/feed.json", "plain"])["items"]
    assert item["authors"] == [{"name": "Tove Brandt", "url": address}]
    assert "creator>Tove Brandt</" in pages["/feed.rss", "plain"]


def test_the_sitemap_lists_authors_that_have_a_page(tove):
    ours()
    assert TOVE in surfaces()["/sitemap-pages.xml", "plain"]


def test_the_last_report_takes_the_authors_page_along(tove):
    article = ours()
    desk.withdraw(article, "Wrong.", by=ada())
    press.catch_up()
    assert standing() == []
    assert where("Tove Brandt") == set()


def test_a_report_signed_by_another_leaves_the_page(tove):
    Author.objects.create(name="Maren Oduya")
    ours(1)
    article = ours(2)
    article.authors = "maren-oduya"
    article.save_revision().publish()
    press.catch_up()
    assert article.path not in surfaces()[TOVE, "plain"]
    assert article.path in surfaces()["/author/maren-oduya/", "plain"]


def test_a_new_biography_presses_the_page_and_no_report(tove):
    article = ours()
    before = surfaces()[article.path, "full"]
    tove.biography = "Keeps the tide tables."
    tove.save()
    press.catch_up()
    assert "Keeps the tide tables." in surfaces()[TOVE, "plain"]
    assert surfaces()[article.path, "full"] == before


def test_a_new_name_stands_everywhere_at_the_old_address(tove):
    article = ours()
    tove.name = "Tove Lind"
    tove.save()
    press.catch_up()
    assert where("Tove Brandt") == set()
    assert "<h1>Tove Lind</h1>" in surfaces()[TOVE, "plain"]
    assert ">Tove Lind</a>" in surfaces()[article.path, "full"]


def file_of(page):
    (path,) = re.findall(r'<figure><img src="/media/([^"]+)"', page)
    return path


def test_a_portrait_is_shown_as_long_as_its_rights_last(tove, settings):
    tove.picture = own_picture()
    tove.save()
    ours()
    page = surfaces()[TOVE, "plain"]
    assert tove.picture.credit in page
    path = file_of(page)
    store = open_store(settings.HOME / "pressed.sqlite3")
    assert standing_of(store, path, clock.now().timestamp()) == "open"
    tove.picture.expires = clock.now()
    tove.picture.save()
    press.catch_up()
    assert standing_of(store, path, clock.now().timestamp() + 1) == "ended"
    assert "<figure>" not in surfaces()[TOVE, "plain"]
    store.close()


def test_an_authors_page_costs_as_many_queries_for_many_reports(tove):
    cache.clear()
    for number in range(3):
        ours(number)
    frame = make_frame()
    few = queries(lambda: list(lists.author_pages(tove, frame)))
    for number in range(3, 9):
        ours(number)
    assert queries(lambda: list(lists.author_pages(tove, frame))) == few
    assert few <= 8
