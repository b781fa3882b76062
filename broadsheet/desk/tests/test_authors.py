"""Who writes for the paper: named on our own reports, never on an agency's."""

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Author, Authorship, Edit, Section
from broadsheet.desk.reads import card_view
from broadsheet.desk.tests import test_article_form
from broadsheet.desk.tests.test_article_form import errors, opened, post, url
from broadsheet.kit.say import Refusal
from broadsheet.press.frame import make_frame
from broadsheet.press.pages import preview
from tests.cast import ninjs, send
from tests.picture_cast import own_picture

pytestmark = pytest.mark.django_db
client = test_article_form.client


@pytest.fixture
def article(paper):
    made = Article(headline="Ours", body="<p>Text.</p>", section=Section.objects.first())
    made.save()
    made.save_revision().publish()
    return Article.objects.get()


@pytest.fixture
def authors(paper):
    return [Author.objects.create(name=name) for name in ("Maren Oduya", "Tove Brandt")]


def byline(article):
    return card_view(Article.objects.get(pk=article.pk), make_frame().zone).byline


def test_a_report_of_ours_names_its_authors_in_order(client, article, authors):
    post(client, article, opened(client, url(article)) | {"authors": "tove brandt\nMaren Oduya"})
    assert article.authors.splitlines() == ["tove-brandt", "maren-oduya"]
    assert [a.author.name for a in Authorship.objects.all()] == ["Tove Brandt", "Maren Oduya"]
    assert byline(article) == "Tove Brandt and Maren Oduya"
    edit = Edit.objects.get(field="authors")
    assert (edit.before, edit.after) == ("", "tove-brandt\nmaren-oduya")
    assert "Tove Brandt, Maren Oduya" in client.get(reverse("desk_log", args=[article.pk])).text
    desk.bring_back(edit, by=client.editor)
    assert not Authorship.objects.exists()


def test_authors_go_before_a_byline_in_words(client, article, authors):
    post(client, article, opened(client, url(article)) | {"byline": "Our staff"})
    assert byline(article) == "Our staff"
    post(client, article, opened(client, url(article)) | {"authors": "Tove Brandt"})
    assert byline(article) == "Tove Brandt"


def test_somebody_whom_nobody_knows_is_refused(client, article, authors):
    answer = post(client, article, opened(client, url(article)) | {"authors": "Tove Brand"})
    assert "There is no author “Tove Brand”" in str(errors(answer)["authors"])
    assert article.authors == ""


def test_two_editors_do_not_overwrite_each_others_authors(client, article, authors):
    hers = opened(client, url(article))
    post(client, article, opened(client, url(article)) | {"authors": "Tove Brandt"})
    answer = post(client, article, hers | {"authors": "Maren Oduya"})
    assert "Somebody else has changed this" in str(errors(answer)["authors"])
    post(client, article, hers | {"kicker": "Tides"})
    assert (article.kicker, article.authors) == ("Tides", "tove-brandt")


def test_an_agencys_report_names_no_author_of_ours(client, feed, authors):
    send(feed, ninjs())
    article = Article.objects.get()
    data = opened(client, url(article))
    assert "authors" not in data
    post(client, article, data | {"authors": "Tove Brandt"})
    assert (article.authors, Authorship.objects.count()) == ("", 0)


def test_a_byline_of_ours_on_an_agencys_report_is_told_to_readers(client, feed):
    send(feed, ninjs())
    article = Article.objects.get()
    post(client, article, opened(client, url(article)) | {"byline": "Maren Oduya"})
    assert article.disclosure.form == "edited"
    post(client, article, opened(client, url(article)) | {"byline": ""})
    assert article.disclosure.form == "untouched"
    post(client, article, opened(client, url(article)) | {"dateline": "SKERRIN"})
    assert article.disclosure.form == "edited"


def test_the_wires_own_byline_typed_again_is_no_change(client, feed):
    send(feed, ninjs())
    article = Article.objects.get()
    article.basis.fields["byline"] = "Ilse Varga"
    article.byline = "Ilse Varga"
    assert article.disclosure.form == "untouched"


def test_a_renamed_author_keeps_the_address(authors, article):
    article.authors = "tove-brandt"
    article.save()
    desk.refresh(article)
    author = authors[1]
    author.name = "Tove Lind"
    author.save()
    assert (author.slug, byline(article)) == ("tove-brandt", "Tove Lind")


def test_authors_are_kept_in_the_desk(client, paper):
    add = reverse("authors:add")
    picture = own_picture()
    data = {"name": "Maren  Oduya", "biography": "Writes.", "picture": picture.pk}
    assert client.post(add, data).status_code == 302
    assert Author.objects.get().slug == "maren-oduya"
    assert (
        "There is an author of this name already." in client.post(add, {"name": "maren oduya"}).text
    )
    answer = client.post(add, {"name": "Bo", "biography": "A {{ mark }}"})
    assert "is not a token of this text" in answer.text
    bare = own_picture(credit="")
    assert "has no credit" in client.post(add, {"name": "Bo", "picture": bare.pk}).text
    assert Author.objects.count() == 1


def test_names_of_authors_are_suggested_to_editors_only(client, authors):
    address = reverse("desk_authors")
    assert client.get(address, {"q": "tov"}).json()["names"] == [
        {"name": "Tove Brandt", "note": ""}
    ]
    assert client.get(address).json() == {"names": []}
    assert Client().get(address, {"q": "tov"}).status_code == 302


def test_a_preview_names_the_topics_and_authors_of_the_draft(client, article, authors):
    data = opened(client, url(article)) | {"authors": "Tove Brandt", "topics": "weather"}
    post(client, article, data)
    data |= {"opening": opened(client, url(article))["opening"]}
    post(client, article, data | {"authors": "Maren Oduya", "topics": ""}, publish=False)
    draft = Article.objects.get(pk=article.pk).get_latest_revision_as_object()
    page = preview(draft, make_frame())
    assert ">Maren Oduya</a>" in page
    assert "/topic/weather/" not in page
    assert byline(article) == "Tove Brandt"


def test_an_authors_name_cannot_be_released_to_a_wire(client, article):
    with pytest.raises(Refusal):
        desk.release(article, "authors", by=client.editor)
