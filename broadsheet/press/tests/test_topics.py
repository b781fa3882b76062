"""Pages, feeds and other surfaces of topics: there as long as a visible report carries one."""

import json
import re

import pytest
from django.core.cache import cache
from django.utils.translation import override

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Paper, Section, Topic
from broadsheet.press import actions as press
from broadsheet.press import lists
from broadsheet.press.frame import make_frame
from broadsheet.press.listening import render_preview
from broadsheet.press.reports import tags_of
from broadsheet.press.tests.test_query_counts import queries
from broadsheet.press.tests.test_structured import told
from tests.cast import ada, body, ninjs, send
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db

BANK, BUSINESS, WEATHER = "medtop:20000350", "medtop:04000000", "medtop:17000000"
PAGES = [
    "/topic/central-bank/", "/topic/economy-business-and-finance/", "/topic/economy/",
]  # fmt: skip
FEEDS = ["feed.atom", "feed.json", "feed.rss"]


def sent(feed, number=1, **facts):
    facts = {"headline": f"Report {number}", "topics": [BANK], **facts}
    send(feed, ninjs(f"urn:{number}", **facts))
    press.catch_up()
    return Article.objects.get(item__key=f"urn:{number}")


def standing():
    """Addresses of topics at which something stands."""
    return sorted({path for path, _ in surfaces() if path.startswith("/topic/")})


def everything(*pages):
    return sorted([*pages, *(page + feed for page in pages for feed in FEEDS)])


def test_a_report_stands_on_the_page_of_its_topic_and_of_what_that_belongs_to(feed):
    article = sent(feed)
    assert standing() == everything(*PAGES)
    for page in PAGES:
        for variant in ("plain", "plain_no_ads"):
            assert f'href="{article.path}"' in surfaces()[page, variant]
        for name in FEEDS:
            assert "Report 1" in surfaces()[page + name, "plain"]


def test_a_page_is_named_as_the_iptc_names_its_topic_in_the_papers_language(feed):
    Paper.objects.update(language="de")
    sent(feed)
    assert "<h1>Zentralbank</h1>" in surfaces()["/topic/zentralbank/", "plain"]


def test_a_report_links_to_its_own_topics_only(feed):
    Topic.objects.create(title="Skerrin")
    article = sent(feed, topics=[BANK, "paper:skerrin", "quill:Harbours"])
    page = surfaces()[article.path, "full"]
    links = re.findall(r'<a href="(/topic/[^"]+)">([^<]+)</a>', page)
    assert links == [("/topic/central-bank/", "Central bank"), ("/topic/skerrin/", "Skerrin")]
    assert set(dict(links)) <= set(standing())


def test_machines_are_told_names_and_the_iptcs_addresses(feed):
    data = told(sent(feed, topics=[BANK, "medtop:99999999"]))
    base = "http://cv.iptc.org/newscodes/mediatopic/"
    assert data["about"] == [
        {"@type": "Thing", "name": "central bank", "sameAs": base + "20000350"},
        {"@type": "Thing", "sameAs": base + "99999999"},
    ]
    assert data["keywords"] == ["central bank"]


def test_feeds_name_topics_as_categories(feed):
    sent(feed)
    pages = surfaces()
    assert "<category>central bank</category>" in pages["/feed.rss", "plain"]
    assert 'term="central bank"' in pages["/feed.atom", "plain"]
    assert "central bank" in json.loads(pages["/feed.json", "plain"])["items"][0]["tags"]


def test_the_feed_of_a_topic_knows_its_own_address(feed):
    sent(feed)
    told_of = json.loads(surfaces()["/topic/economy/feed.json", "plain"])
    assert told_of["title"] == "The Lantern: economy"
    assert told_of["home_page_url"].endswith("/topic/economy/")
    assert told_of["feed_url"].endswith("/topic/economy/feed.json")


def test_the_sitemap_lists_the_topics_that_have_a_page(feed):
    article = sent(feed)
    listed = re.findall(
        r"<loc>[^<]*(/topic/[^<]*)</loc>", surfaces()["/sitemap-pages.xml", "plain"]
    )
    assert sorted(listed) == PAGES
    desk.withdraw(article, "Wrong.", by=ada())
    press.catch_up()
    assert "/topic/" not in surfaces()["/sitemap-pages.xml", "plain"]


@pytest.mark.parametrize("end", ["withdraw", "hold", "hide", "expire"])
def test_the_last_report_takes_the_pages_of_its_topics_along(feed, end):
    article = sent(feed)
    if end == "withdraw":
        desk.withdraw(article, "Wrong.", by=ada())
    elif end == "hold":
        desk.hold(article, "We look at it.", by=ada())
    elif end == "hide":
        article.unpublish()
    else:
        sent(feed, version=2, status="canceled")
    press.catch_up()
    assert standing() == []
    assert where("Report 1") == set()


def test_a_withdrawal_leaves_the_others_on_the_page(feed):
    first, second = sent(feed, 1), sent(feed, 2)
    desk.withdraw(first, "Wrong.", by=ada())
    press.catch_up()
    assert standing() == everything(*PAGES)
    assert f'href="{second.path}"' in surfaces()["/topic/economy/", "plain"]
    assert {path for path in where(str(first.path)) if path.startswith("/topic/")} == set()


def test_a_report_that_changes_its_topic_leaves_the_old_page(feed):
    article = sent(feed)
    sent(feed, version=2, headline="Storm", topics=[WEATHER])
    assert standing() == everything("/topic/weather/")
    article.refresh_from_db()
    article.topics = BUSINESS
    article.save()
    desk.refresh(article)
    press.catch_up()
    assert standing() == everything(PAGES[1])


def test_pressing_everything_makes_the_same_pages_as_pressing_what_changed(feed):
    sent(feed, 1), sent(feed, 2, topics=[WEATHER])
    by_change = surfaces()
    press.press_everything()
    assert standing() == everything(*PAGES, "/topic/weather/")
    listed = {key: page for key, page in surfaces().items() if key[0].startswith("/topic/")}
    assert listed == {key: page for key, page in by_change.items() if key in listed}


def test_whatever_is_left_of_a_topic_goes_with_a_press_of_everything(feed):
    article = sent(feed)
    Article.objects.update(held=True)
    press.press_everything()
    assert standing() == []
    assert article.path


def test_gated_text_is_in_no_feed_of_a_topic(feed):
    sent(feed, body=body("gatedmark", 12))
    for name in FEEDS:
        assert "paragraph 11" not in surfaces()["/topic/economy/" + name, "plain"]
    assert surfaces()["/topic/economy/feed.rss", "plain"].count("gatedmark") < 5


def test_a_topics_page_costs_as_many_queries_for_many_reports(feed):
    cache.clear()
    for number in range(3):
        sent(feed, number)
    topic = Topic.objects.get(code=BUSINESS)
    frame = make_frame()
    few = queries(lambda: list(lists.topic_pages(topic, frame)))
    for number in range(3, 12):
        sent(feed, number, topics=[BANK, WEATHER])
    assert queries(lambda: list(lists.topic_pages(topic, frame))) == few
    assert few <= 8


def test_a_renamed_topic_of_ours_is_renamed_for_readers(feed):
    topic = Topic.objects.create(title="Skerrin")
    article = sent(feed, topics=["paper:skerrin"])
    topic.title = "Skerrin Islands"
    topic.save()
    press.catch_up()
    assert "<h1>Skerrin Islands</h1>" in surfaces()["/topic/skerrin/", "plain"]
    assert ">Skerrin Islands</a>" in surfaces()[article.path, "full"]


def test_a_name_is_told_once_however_it_is_written(feed):
    article = sent(feed)
    article.basis.fields["categories"] = ["Central Bank", "World", "Tides"]
    with override("en"):
        assert tags_of(article) == ("central bank", "Tides")


def test_a_report_is_previewed_before_it_is_ever_saved(paper):
    section = Section.objects.get(slug="world")
    draft = Article(
        headline="Harbour clocks agree", standfirst="Six faces.", body="<p>They struck nine.</p>",
        section=section, access="open",
    )  # fmt: skip
    assert "Harbour clocks agree" in render_preview(draft)
