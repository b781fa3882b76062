"""An agency takes back a picture by the id it gave it, whatever its address (docs/cases.md, 50)."""

import json

import pytest

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Picture, WirePicture
from broadsheet.press import actions as press
from broadsheet.wire import actions as wire
from broadsheet.wire.tests.formats.agency import g2_picture, g2_text, message
from tests.cast import send
from tests.picture_cast import drop, pictured
from tests.surfaces import where

pytestmark = pytest.mark.django_db

CANCELED = '<pubStatus qcode="stat:canceled"/>'


def news(*items):
    """A message whose pictures are files beside it."""
    return message(*items).replace(b"https://pics.example/", b"")


def referring(guid, version=2):
    """The text, which names a picture's id and brings its file."""
    text = g2_text(guid="urn:g2:t").replace('version="1"', f'version="{version}"')
    remote = f'<remoteContent residref="{guid}" href="p1-high.jpg" contenttype="image/jpeg"/>'
    return text.replace("</contentSet>", f"{remote}</contentSet>")


def settle():
    """What the worker does next."""
    desk.end_rights()
    press.catch_up()


@pytest.fixture
def shown(feed, tmp_path):
    """A report on the page with its picture, which is an item of its own at the agency."""
    drop(tmp_path / "quill", "p1-high.jpg")
    send(feed, news(g2_text(guid="urn:g2:t"), g2_picture("urn:g2:p1")), "one.xml")
    press.catch_up()
    assert Article.objects.get().shown_picture.credit == "Pat Quay/Harbour"
    assert where("Pat Quay/Harbour")
    return feed


def test_case_50_a_canceled_picture_item_takes_the_picture_from_the_page(shown):
    send(shown, news(g2_picture("urn:g2:p1", meta=CANCELED)), "two.xml")
    settle()
    article = Article.objects.get()
    assert (article.shown_picture, article.withdrawn_at) == (None, None)
    assert where("Pat Quay/Harbour") == set()
    assert Picture.objects.get().withdrawn_by == "Quill"


def test_case_50_a_text_that_refers_to_a_canceled_picture_does_not_bring_it_back(shown):
    gone = g2_picture("urn:g2:p1", meta=CANCELED)
    send(shown, news(referring("urn:g2:p1"), gone), "two.xml")
    settle()
    send(shown, news(referring("urn:g2:p1", version=3)), "three.xml")
    settle()
    assert Article.objects.get().shown_picture is None
    assert not Picture.objects.filter(withdrawn_at=None).exists()


def test_case_50_a_picture_that_was_canceled_before_it_came_is_never_fetched(feed, tmp_path):
    drop(tmp_path / "quill", "p1-high.jpg")
    send(feed, news(g2_picture("urn:g2:p1", meta=CANCELED)), "one.xml")
    send(feed, news(g2_text(guid="urn:g2:t"), g2_picture("urn:g2:p1")), "two.xml")
    settle()
    assert Article.objects.get().shown_picture is None
    row = WirePicture.objects.get(item__key="urn:g2:t")
    assert (row.picture, row.next_at) == (None, None)


def test_case_50_an_associated_picture_is_taken_back_by_its_id_alone(feed, tmp_path):
    drop(tmp_path / "quill", "quay.jpg", "crane.jpg")
    quay = {"href": "quay.jpg", "credit": "Photo: Bo", "more": {"uri": "urn:p:quay"}}
    crane = {"href": "crane.jpg", "credit": "Photo: Al", "more": {"uri": "urn:p:crane"}}
    send(feed, pictured("urn:quill:1", quay, crane))
    newer = json.loads(pictured("urn:quill:1", crane, version=2))
    newer["associations"].append(
        {"type": "picture", "uri": "urn:p:quay", "pubStatus": "canceled", "renditions": []}
    )
    send(feed, json.dumps(newer).encode())
    settle()
    assert Article.objects.get().shown_picture.credit == "Photo: Al"
    assert Picture.objects.get(credit="Photo: Bo").withdrawn_at is not None


def test_case_50_a_canceled_picture_of_another_agency_takes_nothing(shown, tmp_path):
    other = wire.add_feed("crow", str(tmp_path / "crow"), agency="Crow")
    send(other, news(g2_picture("urn:g2:p1", meta=CANCELED)), "two.xml")
    settle()
    assert Article.objects.get().shown_picture is not None
