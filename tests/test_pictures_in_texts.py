"""Pictures that a wire put into its text: in the library under their own words, never hotlinked."""

import pytest
from django.test import Client

from broadsheet.desk.models import Article, WirePicture
from broadsheet.press import actions as press
from tests.cast import ada, ninjs, send
from tests.picture_cast import drop, pictured
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db

QUAY = (
    '<figure><img src="quay.jpg" alt="A quay"><figcaption>The quay. Photo: Ann Lee</figcaption>'
    "</figure>"
)
CRANE = '<figure><img src="crane.jpg"><figcaption>The crane</figcaption></figure>'
WORDS = "<p>The ferry sails again on Friday, the harbour master said to all.</p>"


def test_case_28_a_picture_of_the_text_is_the_reports_when_it_has_no_other(feed, tmp_path):
    drop(tmp_path / "quill", "quay.jpg")
    send(feed, ninjs("urn:quill:1", body=WORDS + QUAY))
    press.catch_up()
    article = Article.objects.get()
    shown = article.shown_picture
    assert (shown.credit, shown.caption, shown.description) == ("Ann Lee", "The quay.", "A quay")
    page = surfaces()[(article.path, "full")]
    assert "Ann Lee" in page
    assert 'src="quay.jpg"' not in page
    assert page.count("<figcaption") == 1


def test_case_51_pictures_of_the_text_come_after_the_reports_own_and_need_a_credit(feed, tmp_path):
    drop(tmp_path / "quill", "own.jpg", "quay.jpg", "crane.jpg")
    own = {"href": "own.jpg", "credit": "Photo: Bo", "caption": "The own"}
    send(feed, pictured("urn:quill:1", own, body=WORDS + QUAY + CRANE))
    press.catch_up()
    article = Article.objects.get()
    assert article.shown_picture.credit == "Photo: Bo"
    rows = WirePicture.objects.order_by("pk").values_list("picture__caption", "picture__credit")
    assert list(rows) == [("The own", "Photo: Bo"), ("The quay.", "Ann Lee"), ("The crane", "")]
    client = Client()
    client.force_login(ada())
    shown = client.get(f"/desk/snippets/desk/article/edit/{article.pk}/").content.decode()
    assert "The quay." in shown
    assert "has no credit" in shown
    article.shown_picture.delete()
    article.refresh_from_db()
    assert article.shown_picture.credit == "Ann Lee"


def test_case_51_the_items_credit_is_its_own_pictures_and_not_that_of_one_in_the_text(
    feed, tmp_path
):
    drop(tmp_path / "quill", "own.jpg", "crane.jpg")
    sent = pictured("urn:quill:1", {"href": "own.jpg", "credit": ""}, body=WORDS + CRANE)
    send(feed, sent.replace(b'"type": "text"', b'"type": "text", "creditline": "Quill"'))
    credits = WirePicture.objects.order_by("pk").values_list("picture__credit", flat=True)
    assert list(credits) == ["Quill", ""]


def test_case_50_a_picture_taken_back_does_not_return_by_the_text(feed, tmp_path):
    drop(tmp_path / "quill", "quay.jpg")
    gone = {"href": "quay.jpg", "credit": "Ann Lee", "more": {"pubstatus": "canceled"}}
    send(feed, pictured("urn:quill:1", gone, body=WORDS + QUAY))
    press.catch_up()
    assert Article.objects.get().shown_picture is None
    assert not WirePicture.objects.exists()
