"""What machines are told of an article is what readers are told."""

import json
import re

import pytest

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Rule, Section
from broadsheet.press import actions as press
from tests.cast import ada, ninjs, send
from tests.picture_cast import own_picture
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db


def told(article, variant="full"):
    page = surfaces()[article.path, variant]
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(text)


def published(feed, **facts):
    send(feed, ninjs(**facts))
    press.catch_up()
    return Article.objects.get()


@pytest.mark.parametrize("access", ["open", "registered", "metered", "premium"])
def test_only_open_reports_are_free(feed, access):
    Rule.objects.update(access=access)
    article = published(feed)
    for variant in ("full", "full_no_ads", *(("teaser",) if access != "open" else ())):
        data = told(article, variant)
        assert data["isAccessibleForFree"] is (access == "open")
        part = {
            "@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"
        }  # fmt: skip
        assert data.get("hasPart") == (None if access == "open" else part)


def test_the_agency_is_the_author_and_the_paper_the_publisher(feed):
    data = told(published(feed, headline="Fog"))
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == "Fog"
    assert data["author"] == {"@type": "Organization", "name": "Quill"}
    assert data["publisher"]["name"] == "The Lantern"
    assert data["isBasedOn"] == "urn:quill:1"
    assert data["mainEntityOfPage"].startswith("http://localhost:8000/2")


def test_an_own_report_is_its_writers(paper):
    editor = ada()
    article = Article(
        headline="Ours", body="<p>Words.</p>", byline="Ada", section=Section.objects.first()
    )
    article.save()
    article.save_revision(user=editor).publish(user=editor)
    press.catch_up()
    data = told(article := Article.objects.get())
    assert data["author"] == {"@type": "Person", "name": "Ada"}
    assert not {"isBasedOn", "sourceOrganization"} & data.keys()
    assert "syndicated" not in surfaces()[article.path, "full"]


def test_a_correction_is_told(feed):
    article = published(feed)
    desk.correct(article, "It was six, not five.", by=ada())
    press.catch_up()
    (note,) = told(article)["correction"]
    assert note["@type"] == "CorrectionComment"
    assert note["text"] == "It was six, not five."


def test_no_text_breaks_out_of_its_script(feed):
    article = published(feed, standfirst='Fog \u2028 \\ &amp; "x" --> ]]> of the whole day')
    article.headline = "Fog </script><script>alert(1)</script>"
    article.save_revision().publish()
    press.catch_up()
    assert "<script>alert" not in surfaces()[article.path, "full"]
    assert told(article)["headline"] == article.headline


def test_an_image_says_whose_it_is_and_where_a_licence_is_sold(feed):
    send(feed, ninjs(headline="Fog"))
    article, by = Article.objects.get(), ada()
    article.picture = own_picture(
        byline="Ann Sand", copyright_notice="(c) 2026 Ann", licence_page="https://ann.example/buy",
        digital_source="digitalCapture",
    )  # fmt: skip
    article.save_revision(user=by).publish(user=by)
    press.catch_up()
    (image,) = told(Article.objects.get())["image"]
    assert image["url"].startswith("http://localhost:8000/media/images/")
    assert image["url"].endswith(".jpg")
    del image["url"], image["contentUrl"], image["width"], image["height"]
    assert image == {
        "@type": "ImageObject",
        "caption": "Quay at dawn",
        "creditText": "Photo: Quay",
        "creator": {"@type": "Person", "name": "Ann Sand"},
        "copyrightNotice": "(c) 2026 Ann",
        "acquireLicensePage": "https://ann.example/buy",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    }
