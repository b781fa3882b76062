"""Case 55: who wrote and who reworked a report is told by one function, on every surface alike."""

import json
import re
from html import unescape

import pytest
from django.db import transaction
from django.test import Client
from lxml import etree

from broadsheet.desk import actions as desk
from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.publication import log_edits
from broadsheet.desk.models import Article, Rule, Section
from broadsheet.desk.reads import disclosure_of
from broadsheet.licensing.actions import give_token
from broadsheet.licensing.models import Licensee
from broadsheet.press import actions as press
from broadsheet.wire.models import Source
from tests.cast import ada, ninjs, send
from tests.picture_cast import photo
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db
NAR = "{http://iptc.org/std/nar/2006-10-01/}"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
TOLD = re.compile(r'<p class="disclosure">(?:<em>)?(.*?)(?:</em>)?</p>', re.DOTALL)


def in_html(text):
    (told,) = TOLD.findall(text) or [""]
    return unescape(told)


def of_page(page):
    """What the page shows, and what its structured data says."""
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return {in_html(page), json.loads(data).get("backstory", "")}


def of_feeds(pages, front):
    entry = etree.fromstring(pages[f"{front}feed.atom", "plain"].encode()).find(f"{ATOM}entry")
    item = etree.fromstring(pages[f"{front}feed.rss", "plain"].encode()).find(".//item")
    (found,) = json.loads(pages[f"{front}feed.json", "plain"])["items"]
    return {
        in_html(entry.findtext(f"{ATOM}content")),
        in_html(item.findtext(CONTENT)),
        in_html(found["content_html"]),
        found["_broadsheet"].get("disclosure", ""),
    }


def of_licences(token):
    def ask(name):
        fields = {"Authorization": f"Bearer {token}"}
        return Client().get(f"/licensed/{name}/", headers=fields)

    (item,) = ask("ninjs").json()["items"]
    roles = {part["role"]: part["value"] for part in item["descriptions"]}
    message = etree.fromstring(ask("newsml-g2").content)
    told = {part.get("role"): part.text for part in message.iter(f"{NAR}description")}
    return {roles.get("disclosure", ""), told.get("paper:disclosure", "")}


def everywhere(article, token):
    """Every sentence that any surface tells of the report."""
    pages = surfaces()
    found = of_feeds(pages, "/") | of_feeds(pages, "/world/") | of_licences(token)
    for variant in ("full", "full_no_ads", "teaser"):
        found |= of_page(pages[article.path, variant])
    return found


def untouched(article):
    pass


def headline(article):
    article.headline = "Ours & <theirs>"


def standfirst_and_picture(article):
    article.standfirst, article.picture = "Our own summary.", photo("harbour")


def rewritten(article):
    article.body = "<p>Our own words.</p>" * 9


def signed(article):
    article.byline = "Maren Oduya"


@pytest.mark.parametrize("rework", [untouched, headline, standfirst_and_picture, rewritten, signed])
def test_case_55_every_surface_tells_the_same_of_who_wrote_it(feed, rework):
    Rule.objects.update(access="metered")
    Source.objects.update(may_be_licensed_on=True)
    token = give_token(Licensee.objects.create(name="The Evening Post"))
    send(feed, ninjs(standfirst="The agency's summary."))
    article = Article.objects.get()
    rework(article)
    if rework is not untouched:
        article.save_revision(user=ada()).publish(user=ada())
    press.catch_up()
    article = Article.objects.get()
    expected = disclosure_of(article, "The Lantern")
    assert expected
    assert everywhere(article, token) == {expected}


def test_case_55_a_release_changes_every_surface_back(feed):
    Source.objects.update(may_be_licensed_on=True)
    token = give_token(Licensee.objects.create(name="The Evening Post"))
    send(feed, ninjs(standfirst="The agency's summary."))
    article, editor = Article.objects.get(), ada()
    before = disclosure_of(article, "The Lantern")
    headline(article)
    article.save_revision(user=editor).publish(user=editor)
    press.catch_up()
    assert before not in everywhere(article, token)
    desk.release(Article.objects.get(), "headline", by=editor)
    press.catch_up()
    assert everywhere(article, token) == {before}


def test_case_55_our_own_report_discloses_nothing_anywhere(paper):
    token = give_token(Licensee.objects.create(name="The Evening Post"))
    article = Article(
        headline="Ours", standfirst="In short.", body="<p>Words of ours.</p>" * 9,
        section=Section.objects.get(slug="world"),
    )  # fmt: skip
    article.save()
    article.save_revision(user=ada()).publish(user=ada())
    press.catch_up()
    assert everywhere(Article.objects.get(), token) == {""}


def by_the_api(article):
    """A program publishes; nobody is signed in."""
    article.headline = "Changed by a program"
    article.save_revision(user=None).publish(user=None)


def by_an_import(article):
    """An import writes the row, past every form and draft."""
    with transaction.atomic():
        article.write(headline="Changed by a program")
        log_edits(article, None)
        refresh(article)


@pytest.mark.parametrize("change", [by_the_api, by_an_import])
def test_case_55_a_field_that_a_program_changed_counts_as_staff(feed, change):
    send(feed, ninjs())
    change(Article.objects.get())
    press.catch_up()
    article = Article.objects.get()
    assert article.owned == {"headline"}
    told = disclosure_of(article, "The Lantern")
    assert told.startswith("Only the headline of this report has been reworked by The Lantern")
    pages = surfaces()
    assert in_html(pages[article.path, "full"]) == told
    assert of_feeds(pages, "/") == {told}
    edit = article.edits.get()
    assert (edit.field, edit.by, edit.after) == ("headline", None, "Changed by a program")
