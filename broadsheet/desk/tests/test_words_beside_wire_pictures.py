"""An agency's picture: its file is the agency's, its words are until staff change them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.images.forms import get_image_form

from broadsheet.desk.models import Article, Picture
from broadsheet.press import actions as press
from tests.cast import body, send
from tests.picture_cast import jpeg, pictured
from tests.surfaces import surfaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(feed, tmp_path):
    (tmp_path / "quill" / "p.jpg").write_bytes(jpeg())
    send(feed, pictured("urn:quill:1", {"href": "p.jpg", "caption": "The quay at dawn"}))
    press.press_everything()
    return Article.objects.get()


def form_for(picture, files=None, **changed):
    made = get_image_form(Picture)
    blank = made(instance=picture)
    values = {name: blank.initial.get(name) or "" for name in blank.fields if name != "file"}
    return made(values | {"tags": ""} | changed, files or {}, instance=picture)


def test_case_51_words_that_staff_change_make_the_picture_reworked(article):
    assert "have not edited it" in surfaces()[article.path, "full"]
    form = form_for(Picture.objects.get(), caption="The quay, where the fire began")
    assert form.is_valid(), form.errors
    form.save()
    press.press_everything()
    page = surfaces()[article.path, "full"]
    assert "where the fire began" in page
    assert "have not edited it" not in page
    assert Article.objects.get().disclosure.fields == ("picture",)


def test_what_only_staff_see_changes_nothing(article):
    form = form_for(Picture.objects.get(), title="Quay for the archive")
    assert form.is_valid(), form.errors
    form.save()
    assert Article.objects.get().disclosure.form == "untouched"


def test_the_agencys_file_is_not_replaced(article):
    file = SimpleUploadedFile("x.jpg", jpeg("red"), "image/jpeg")
    form = form_for(Picture.objects.get(), {"file": file})
    assert not form.is_valid()
    assert "Upload yours as a new picture." in str(form.errors["file"])


def test_a_kicker_is_part_of_the_headline(article):
    article.kicker = "Exclusive"
    assert article.disclosure.fields == ("headline",)


def test_case_51_one_file_in_two_reports_keeps_the_words_of_each(feed, article):
    second = {"href": "p.jpg", "caption": "File picture: the quay in 2019"}
    send(feed, pictured("urn:quill:2", second, headline="Harbour closes", body=body("other")))
    shown = {a.item.key: a.shown_picture.caption for a in Article.objects.all()}
    assert shown == {
        "urn:quill:1": "The quay at dawn",
        "urn:quill:2": "File picture: the quay in 2019",
    }


def test_case_50_the_earliest_end_of_a_files_rights_holds_for_all_reports(feed, article):
    over = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    second = {"href": "p.jpg", "caption": "The quay at dawn", "more": {"expires": over}}
    send(feed, pictured("urn:quill:2", second, headline="Harbour closes", body=body("other")))
    assert {a.shown_picture for a in Article.objects.all()} == {None}


def test_a_feed_that_moved_keeps_its_pictures(feed, article, tmp_path):
    feed.location = str(tmp_path / "elsewhere")
    feed.save()
    picture = Picture.objects.get()
    form = form_for(picture, credit="Photo: Quill Agency")
    assert form.is_valid(), form.errors
    form.save()
    press.press_everything()
    assert Article.objects.get().shown_picture == picture
