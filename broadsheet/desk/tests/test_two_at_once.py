"""Updates that meet: with each other, with a publication, with a crash in between."""

from datetime import UTC, datetime

import pytest
from django.db.models.signals import post_save
from django.test import Client

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Cursor, Notice
from broadsheet.desk.tests.test_article_form import opened, url
from broadsheet.press_log.models import Entry
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Item, Version
from broadsheet.wire.transports.base import Arrival
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db


def arrive(feed, data):
    """The wire takes it; the desk does not, yet."""
    wire.take_arrival(feed, Arrival("x.json", data, "application/json", None, datetime.now(UTC)))


def test_case_36_two_updates_in_one_second_are_two_versions_and_one_article(feed):
    at = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    send(feed, ninjs(headline="One", at=at))
    arrive(feed, ninjs(version=2, headline="Two", at=at, body=body("second")))
    arrive(feed, ninjs(version=3, headline="CORRECTED-Three", at=at, body=body("third")))
    desk.catch_up()
    entries = Entry.objects.count()
    assert desk.catch_up() == 0
    arrive(feed, ninjs(version=3, headline="CORRECTED-Three", at=at, body=body("third")))
    desk.catch_up()
    assert (Item.objects.count(), Article.objects.count()) == (1, 1)
    assert list(Version.objects.values_list("number", flat=True)) == [1, 2, 3]
    assert "third crew" in Article.objects.get().full_body
    assert Notice.objects.count() == 1
    assert Entry.objects.count() == entries


def test_case_36_a_crash_between_two_steps_leaves_nothing_half_done(feed):
    send(feed, ninjs(headline="One", body=body("first")))
    arrive(feed, ninjs(version=2, headline="CORRECTED-Two", body=body("second")))
    before = Cursor.objects.get().position
    state = Article.objects.values().get()

    def crash(**_):
        raise KeyboardInterrupt

    post_save.connect(crash, sender=Notice)
    try:
        with pytest.raises(KeyboardInterrupt):
            desk.catch_up()
    finally:
        post_save.disconnect(crash, sender=Notice)
    assert Article.objects.values().get() == state
    assert (Cursor.objects.get().position, Notice.objects.count()) == (before, 0)
    assert desk.catch_up() == 1
    assert desk.catch_up() == 0
    assert "second crew" in Article.objects.get().full_body
    assert Notice.objects.count() == 1


def test_case_36_an_update_during_a_publication_loses_neither(feed):
    send(feed, ninjs(headline="One", body=body("first")))
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(ada(), "allauth.account.auth_backends.AuthenticationBackend")
    article = Article.objects.get()
    form = opened(client, url(article)) | {"headline": "Ours", "action-publish": "1"}
    send(feed, ninjs(version=2, headline="Two", body=body("second")))
    assert client.post(url(article), form).status_code == 302
    article.refresh_from_db()
    assert (article.headline, article.basis.number) == ("Ours", 2)
    assert "second crew" in article.full_body


def test_case_37_an_update_that_equals_what_staff_wrote_leaves_the_field_theirs(feed):
    send(feed, ninjs(headline="One"))
    article, editor = Article.objects.get(), ada()
    article.headline = "Two boats are back"
    article.save_revision(user=editor, clean=False).publish(user=editor)
    send(feed, ninjs(version=2, headline="Two boats are back", body=body("second")))
    article.refresh_from_db()
    assert (article.headline, article.owned) == ("Two boats are back", {"headline"})
    assert article.edits.count() == 1
