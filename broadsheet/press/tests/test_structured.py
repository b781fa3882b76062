"""What machines are told of an article is what readers are told."""

import json
import re
from datetime import datetime

import pytest
import time_machine

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, NoticeKind, Rule, Section, StaticPage
from broadsheet.press import actions as press
from broadsheet.wire.models import Source
from tests.cast import ada, body, ninjs, send
from tests.picture_cast import own_picture, photo
from tests.surfaces import surfaces, where

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


def test_case_52_jsonld_carries_each_correction_and_the_moment_of_the_change(feed):
    with time_machine.travel("2026-11-20T10:00:00Z"):
        article = published(feed)
        assert "correction" not in told(article)
        assert told(article)["dateModified"] == told(article)["datePublished"]
    with time_machine.travel("2026-11-21T09:30:00Z"):
        desk.correct(article, "It was six, not five.", by=ada())
        press.catch_up()
    with time_machine.travel("2026-11-22T09:30:00Z"):
        article = Article.objects.get()
        article.save_revision(user=ada()).publish(user=ada())
        send(feed, ninjs(version=2, note="", urgency=2))
        press.catch_up()
    for variant in ("full", "full_no_ads", "teaser"):
        data = told(article, variant)
        (note,) = data["correction"]
        assert note["@type"] == "CorrectionComment"
        assert note["text"] == "It was six, not five."
        assert datetime.fromisoformat(note["datePublished"]).isoformat().startswith("2026-11-21T15")
        assert data["dateModified"].startswith("2026-11-21T15:00")
        assert data["publisher"]["correctionsPolicy"] == "http://localhost:8000/corrections/"
    page = surfaces()[article.path, "full"]
    assert '<meta property="article:modified_time" content="2026-11-21T15:00' in page


def test_case_52_jsonld_a_change_of_what_readers_do_not_see_is_no_change(feed):
    with time_machine.travel("2026-11-20T10:00:00Z"):
        article = published(feed)
        article.headline = "Ours"
        article.save_revision(user=ada()).publish(user=ada())
        press.catch_up()
        before = told(article)["dateModified"]
    with time_machine.travel("2026-11-20T12:00:00Z"):
        send(feed, ninjs(version=2, headline="The wire's new headline, which nobody sees"))
        press.catch_up()
    assert Article.objects.get().basis.number == 2
    assert told(article)["dateModified"] == before
    with time_machine.travel("2026-11-20T13:00:00Z"):
        send(feed, ninjs(version=3, body=body("quite other")))
        press.catch_up()
    assert told(article)["dateModified"].startswith("2026-11-20T18:30")


def test_the_description_falls_back_to_the_words_everybody_may_read(feed):
    article = published(feed, body=body("open", 3) + body("GATEDWORD", 6))
    text = told(article)["description"]
    assert text.startswith("The open crew of paragraph 0")
    assert "GATEDWORD" not in text
    page = surfaces()[article.path, "teaser"]
    assert f'<meta property="og:description" content="{text}">' in page
    assert f'<meta name="description" content="{text}">' in page


def test_a_picture_is_told_with_its_credit_and_its_size(feed):
    article = published(feed)
    article.picture = photo("harbour")
    article.save_revision(user=ada()).publish(user=ada())
    press.catch_up()
    (image,) = told(article)["image"]
    assert image["creditText"] == "harbour"
    page = surfaces()[article.path, "full"]
    assert f'<meta property="og:image" content="{image["url"]}">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page


def test_the_publisher_has_a_logo_that_is_there(feed):
    article = published(feed)
    logo = told(article)["publisher"]["logo"]["url"]
    svg = surfaces()[logo.removeprefix("http://localhost:8000"), "plain"]
    assert "The Lantern" in svg
    assert "publishingPrinciples" not in told(article)
    StaticPage.objects.create(slug="about", title="About us", body="<p>We check.</p>")
    press.catch_up()
    assert told(article)["publishingPrinciples"] == "http://localhost:8000/about/"


def test_an_agency_may_ask_to_be_found_instead_of_us(feed):
    article = published(feed)
    link = "https://quill.example/fog"
    article.basis.fields["link"] = link
    article.basis.save()
    Source.objects.update(canonical_to_source=True)
    press.press_everything()
    page = surfaces()[article.path, "full"]
    assert f'<link rel="canonical" href="{link}">' in page
    assert f'<meta property="og:url" content="http://localhost:8000{article.path}">' in page
    assert '<meta name="robots" content="noarchive">' in page
    Source.objects.update(canonical_to_source=False, noindex=True)
    press.press_everything()
    page = surfaces()[article.path, "full"]
    assert f'<link rel="canonical" href="http://localhost:8000{article.path}">' in page
    assert '<meta name="robots" content="noindex, noarchive">' in page


def test_a_source_that_is_changed_in_the_desk_changes_its_pages(
    feed, django_capture_on_commit_callbacks
):
    article = published(feed)
    source = Source.objects.get()
    source.noindex = True
    with django_capture_on_commit_callbacks(execute=True):
        source.save()
    press.catch_up()
    assert '<meta name="robots" content="noindex, noarchive">' in surfaces()[article.path, "full"]


def test_the_page_of_corrections_lists_them_by_day_and_forgets_the_withdrawn(feed):
    with time_machine.travel("2026-11-20T10:00:00Z"):
        article = published(feed, headline="Fog")
    assert "/corrections/" not in where("Fog")
    with time_machine.travel("2026-11-21T10:00:00Z"):
        desk.correct(article, "It was six, not five.", by=ada())
        press.catch_up()
    with time_machine.travel("2026-11-22T10:00:00Z"):
        kind = NoticeKind.CLARIFICATION
        desk.correct(article, "Six boats, that is.", by=ada(), kind=kind)
        press.catch_up()
    page = surfaces()["/corrections/", "plain"]
    days = re.findall(r'<h2[^>]*><time datetime="([\d-]+)">', page)
    assert days == ["2026-11-22", "2026-11-21"]
    assert page.count(f'<a href="{article.path}">Fog</a>') == 2
    assert "/corrections/" in surfaces()["/", "plain"]
    desk.withdraw(article, "All wrong.", by=ada())
    press.catch_up()
    assert where(article.path) == {article.path}
    page = surfaces()["/corrections/", "plain"]
    assert "It was six" not in page and "Six boats" not in page


def test_the_publishers_own_words_stand_above_the_corrections(feed):
    article = published(feed, headline="Fog")
    StaticPage.objects.create(
        slug="corrections", title="How we correct", body="<p>Write to us.</p>"
    )
    desk.correct(article, "It was six, not five.", by=ada())
    press.catch_up()
    page = surfaces()["/corrections/", "plain"]
    assert page.index("How we correct") < page.index("Write to us.") < page.index("It was six")
    assert surfaces()["/", "plain"].count('href="/corrections/"') == 1


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
