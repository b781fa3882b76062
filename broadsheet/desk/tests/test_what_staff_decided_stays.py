"""No rule and no later version undoes an editor, and a fault in one item stops no other."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from broadsheet.desk import actions as desk
from broadsheet.desk.actions import intake
from broadsheet.desk.models import Article, Intake, Rule, Section, SectionRight
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.press import reads
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire.models import Fetch, Item, Source, Version
from tests.cast import ada, body, make_staff, ninjs, send
from tests.surfaces import status

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def held(feed):
    """An item that waits for the desk."""
    Rule.objects.update(action="hold")
    send(feed, ninjs())
    return Item.objects.get()


def test_a_later_version_of_a_discarded_item_is_not_published(feed, held):
    desk.discard(held, by=ada())
    Rule.objects.update(action="publish")
    send(feed, ninjs(version=2, body=body("new")))
    assert not Article.objects.exists()
    assert Intake.objects.get().outcome == Intake.Outcome.DISCARDED


def test_the_end_of_an_embargo_publishes_nothing_that_was_discarded(feed):
    with time_machine.travel(NOW, tick=False) as moment:
        data = ninjs().replace(b'"urgency"', b'"embargoedUntil": "2026-11-20T15:00:00Z", "urgency"')
        send(feed, data)
        assert Intake.objects.get().due_at is not None
        desk.discard(Item.objects.get(), by=ada())
        moment.shift(timedelta(hours=4))
        desk.publish_due()
        desk.catch_up()
    assert not Article.objects.exists()


def test_case_48_an_embargo_longer_than_the_age_limit_still_lifts(feed):
    Rule.objects.update(max_age_hours=48)
    with time_machine.travel(NOW, tick=False) as moment:
        data = ninjs(at=NOW)
        send(
            feed, data.replace(b'"urgency"', b'"embargoedUntil": "2026-11-23T12:00:00Z", "urgency"')
        )
        moment.shift(timedelta(hours=72, minutes=1))
        desk.publish_due()
    assert Article.objects.get().live


def test_put_back_the_rules_decide_about_it_again(feed, held):
    editor = ada()
    desk.discard(held, by=editor)
    desk.take_up(held, by=editor)
    Rule.objects.update(action="publish")
    send(feed, ninjs(version=2, body=body("new")))
    assert Article.objects.get().live


def test_case_49_the_licence_runs_for_what_staff_publish(held):
    Source.objects.update(online_days=30)
    article = desk.publish_item(held, by=ada())
    article.refresh_from_db()
    assert article.wire_expires == article.first_published_at + timedelta(days=30)


def test_an_item_is_published_once_by_two_editors(held):
    editor = ada()
    desk.publish_item(held, by=editor)
    with pytest.raises(Refusal):
        desk.publish_item(Item.objects.get(), by=editor)


def test_a_version_that_cannot_be_taken_stops_no_other(feed, monkeypatch):
    taken = intake.compare

    def compare(version: Version) -> None:
        if version.headline == "Poison":
            raise ValueError("no likeness of that")
        taken(version)

    monkeypatch.setattr(intake, "compare", compare)
    send(feed, ninjs("urn:quill:1", headline="Poison"), "1.json")
    send(feed, ninjs("urn:quill:2", headline="Harbour opens early", body=body("two")), "2.json")
    assert [a.shown_headline for a in Article.objects.all()] == ["Harbour opens early"]
    untaken = Intake.objects.get(item__key="urn:quill:1")
    assert untaken.outcome == Intake.Outcome.HELD
    assert untaken.reasons == intake.UNTAKEN["reasons"]


def test_a_withdrawal_that_cannot_be_taken_still_darkens_the_report(feed, monkeypatch):
    send(feed, ninjs())

    def fail(version: Version) -> None:
        raise ValueError

    monkeypatch.setattr(intake, "ask_withdrawal", fail)
    monkeypatch.setattr(intake, "_withdraw_waiting", lambda: None)
    send(feed, ninjs(version=2, status="canceled"))
    assert Article.objects.get().withdrawn_at is not None


def test_a_withdrawal_that_cannot_be_told_darkens_its_report_and_stops_no_other(feed, monkeypatch):
    send(feed, ninjs("urn:quill:1"), "1.json")

    def fail(version: Version, sentence: str) -> str:
        raise ValueError

    monkeypatch.setattr(intake, "told", fail)
    send(feed, ninjs("urn:quill:1", version=2, status="canceled"), "2.json")
    send(feed, ninjs("urn:quill:2", headline="Harbour opens early", body=body("two")), "3.json")
    assert Article.objects.get(item__key="urn:quill:1").withdrawn_at is not None
    assert Article.objects.get(item__key="urn:quill:2").visible(clock.now())


def test_rights_in_one_section_publish_nothing_into_another(feed):
    Rule.objects.all().delete()
    send(feed, ninjs())
    group = Group.objects.create(name="Markets desk")
    group.permissions.set(
        Permission.objects.filter(
            codename__in=["access_admin", "change_article", "publish_article"]
        )
    )
    markets = Section.objects.get(slug="markets")
    SectionRight.objects.create(group=group, section=markets, change=True, publish=True)
    user = make_staff("max@lantern.example", "long-enough-a-word", publisher=False, name="Max")
    user.groups.set([group])
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    # The paper's first section is World: there the item would stand.
    answer = client.post(reverse("desk_publish_item", args=[Item.objects.get().pk]))
    assert answer.status_code in (302, 403)
    assert not Article.objects.exists()


def test_case_40_a_withdrawal_does_not_wait_for_the_whole_paper(
    feed, django_capture_on_commit_callbacks
):
    send(feed, ninjs())
    press.press_everything()
    path = Article.objects.get().path
    announce(Subject.SITE)
    with django_capture_on_commit_callbacks(execute=True):
        send(feed, ninjs(version=2, status="canceled"))
    assert status(path) == 410
    assert press.catch_up(whole=False) == 0, "the whole paper is left for the press's own lane"
    assert reads.lag() > 0
    assert press.catch_up() > 0


def test_a_changed_licence_takes_its_rows_before_the_press_logs_counter(feed):
    """Whoever works at an article has its row first; the other order would be a deadlock."""
    for number in range(3):
        text = body(f"mark{number}")
        send(feed, ninjs(f"urn:quill:{number}", headline=f"Report {number}", body=text))
    source = Source.objects.get()
    source.online_days = 30
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        source.save()
    written = [query["sql"] for query in asked.captured_queries]
    rows = [n for n, sql in enumerate(written) if sql.startswith('UPDATE "desk_article"')]
    counted = [n for n, sql in enumerate(written) if sql.startswith('UPDATE "press_log_counter"')]
    assert len(rows) == 3
    assert max(rows) < min(counted)


def test_a_document_that_is_no_longer_kept_says_so(client, feed):
    send(feed, ninjs())
    fetch = Fetch.objects.get()
    Fetch.objects.filter(pk=fetch.pk).update(blob="")
    publisher = make_staff("pia@lantern.example", "long-enough-a-word", publisher=True, name="Pia")
    client.force_login(publisher, "allauth.account.auth_backends.AuthenticationBackend")
    address = reverse("desk_replay", args=[fetch.pk])
    answer = client.post(address, follow=True, headers={"x-forwarded-for": "127.0.0.1"})
    assert "no longer kept" in answer.content.decode()
