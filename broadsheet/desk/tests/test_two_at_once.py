"""Updates that meet: with each other, with a publication, with a crash in between."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse
from wagtail.admin.models import EditingSession

from broadsheet.accounts.actions import make_staff
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Cursor, Notice
from broadsheet.desk.tests.test_article_form import opened, url
from broadsheet.press_log.models import Entry
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Item, Version
from broadsheet.wire.transports.base import Arrival
from tests.cast import PASSWORD, ada, body, ninjs, send

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


def signed_in(user):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def heard_of(client, article, **told):
    """What a browser tells every ten seconds, and what it is told."""
    session = EditingSession.objects.filter(user=client.session["_auth_user_id"]).latest("pk")
    names = (article._meta.app_label, article._meta.model_name, article.pk, session.pk)
    return client.post(reverse("wagtailadmin_editing_sessions:ping", args=names), told).json()


def test_who_opens_a_report_is_told_who_has_it_open_and_when_they_were_last_seen(feed):
    send(feed, ninjs(headline="One"))
    article = Article.objects.get()
    bea = make_staff("bea@lantern.example", PASSWORD, publisher=False, name="Bea")
    first, second = signed_in(ada()), signed_in(bea)
    morning = datetime(2026, 11, 22, 6, 40, tzinfo=UTC)
    with time_machine.travel(morning, tick=False):
        assert "has this report open" not in first.get(url(article)).content.decode()
        shown = second.get(url(article)).content.decode()
        assert "Ada has this report open too, last seen there at 12:10." in shown
        assert "changes that are not saved yet" not in shown
        told = heard_of(first, article)
        assert [other["user"] for other in told["other_sessions"]] == ["Bea"]
        heard_of(second, article, is_editing="1")
        shown = first.get(url(article)).content.decode()
        assert "Bea has this report open too" in shown
        assert "changes that are not saved yet" in shown
        assert "Ada has this report open" not in shown
    with time_machine.travel(morning + timedelta(minutes=26), tick=False):
        assert "has this report open" not in first.get(url(article)).content.decode()


def test_who_opens_a_locked_report_is_told_who_locked_it_and_since_when(feed):
    send(feed, ninjs(headline="One"))
    article = Article.objects.get()
    bea = make_staff("bea@lantern.example", PASSWORD, publisher=False, name="Bea")
    locked_at = datetime(2026, 11, 22, 6, 40, tzinfo=UTC)
    Article.objects.update(locked=True, locked_by=bea, locked_at=locked_at)
    shown = signed_in(ada()).get(url(article)).content.decode()
    said = " ".join(shown.split())
    assert "was locked" in said and "Bea" in said and "12:10" in said
    answer = signed_in(ada()).post(url(article), {"headline": "Mine", "action-publish": "1"})
    assert answer.status_code in (200, 302, 403)
    assert Article.objects.get().headline is None
