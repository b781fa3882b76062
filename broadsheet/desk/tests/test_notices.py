"""What readers are told: when, in whose words, and how it can be undone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.models import SavedArticle
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Notice, NoticeKind
from broadsheet.desk.tests.test_article_form import opened, url
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.wire.models import Version
from tests.cast import ada, ben, body, ninjs, send
from tests.surfaces import status, surfaces, where

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def client(paper):
    user = ada()
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    made.editor = user
    return made


@pytest.fixture
def article(feed):
    send(feed, ninjs(headline="Harbour opens early", body=body("first")))
    press.press_everything()
    return Article.objects.get()


def publish(client, article, **posted):
    data = opened(client, url(article)) | posted | {"action-publish": "1"}
    answer = client.post(url(article), data)
    assert answer.status_code == 302, answer.context["form"].errors
    article.refresh_from_db()


@pytest.mark.parametrize("kind", ["correction", "clarification"])
def test_case_52_a_note_stands_on_the_page_with_its_time_in_the_papers_zone(client, article, kind):
    with time_machine.travel(NOW, tick=False):
        client.post(
            reverse("desk_correct", args=[article.pk]), {"kind": kind, "text": "It was six."}
        )
        press.catch_up()
    page = surfaces()[article.path, "full"]
    assert "It was six." in page
    assert "17:30" in page
    assert "CorrectionComment" in page
    assert Notice.objects.get().by == client.editor


def test_case_52_a_typo_is_mended_without_a_note_and_is_in_the_log(client, article):
    publish(client, article, headline="Harbour opens early today", reason="typo")
    assert not Notice.objects.exists()
    edit = Edit.objects.get()
    assert (edit.field, edit.reason, edit.by) == ("headline", "typo", client.editor)
    assert article.revisions.count() == 1
    log = client.get(reverse("desk_log", args=[article.pk])).content.decode()
    assert "typo" in log


def test_a_fresh_note_is_taken_back_and_the_log_keeps_it(client, article):
    note = desk.correct(article, "It was six.", by=client.editor)
    client.post(reverse("desk_take_back", args=[note.pk]))
    press.catch_up()
    assert "It was six." not in surfaces()[article.path, "full"]
    assert "It was six." in client.get(reverse("desk_log", args=[article.pk])).content.decode()
    with pytest.raises(Refusal):
        desk.take_back(Notice.objects.get(), by=client.editor)


def test_a_note_that_readers_have_had_is_replaced_not_taken_back(client, article):
    with time_machine.travel(NOW, tick=False):
        note = desk.correct(article, "It was six.", by=client.editor)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        answer = client.post(reverse("desk_take_back", args=[note.pk]), follow=True)
        assert "more than ten minutes" in answer.content.decode()
        client.post(reverse("desk_amend", args=[note.pk]), {"text": "It was seven."})
        press.catch_up()
    page = surfaces()[article.path, "full"]
    assert "It was seven." in page
    assert "It was six." not in page
    first = Notice.objects.get(pk=note.pk)
    assert (first.text, first.taken_back_by) == ("It was six.", client.editor)
    with pytest.raises(Refusal):
        desk.amend(first, "Again", by=client.editor)
    with pytest.raises(Refusal):
        desk.amend(Notice.objects.latest("id"), "  ", by=client.editor)


def test_a_notice_is_never_rewritten(client, article):
    note = desk.correct(article, "It was six.", by=client.editor)
    note.text = "It was nine."
    with pytest.raises(ValueError, match="not rewritten"):
        note.save()
    with pytest.raises(ValueError, match="not rewritten"):
        note.save(update_fields=["text"])
    assert Notice.objects.get().text == "It was six."


def test_a_report_the_desk_holds_is_dark_and_comes_back_as_it_was(client, article, feed):
    publish(client, article, headline="Ours")
    first = article.first_published_at
    client.post(reverse("desk_hold", args=[article.pk]), {"text": "We are checking the figures."})
    press.catch_up()
    assert status(article.path) == 404
    assert "We are checking the figures." in surfaces()[article.path, "plain"]
    assert where("Ours") == set()
    send(feed, ninjs(version=2, headline="Later", body=body("second")))
    article.refresh_from_db()
    assert article.held, "A usable version of the wire does not lift what the desk holds."
    client.post(reverse("desk_release_hold", args=[article.pk]))
    press.catch_up()
    article.refresh_from_db()
    assert (article.held, article.headline, article.first_published_at) == (False, "Ours", first)
    assert status(article.path) == 200
    assert "Ours" in surfaces()["/", "plain"]
    assert "checking the figures" not in surfaces()[article.path, "full"]


def test_what_the_agency_holds_the_desk_does_not_release(client, article, feed):
    desk.hold(article, "We look.", by=client.editor)
    send(feed, ninjs(version=2, status="withheld", note="Wait for word."))
    desk.release_hold(article, by=client.editor)
    article.refresh_from_db()
    assert article.held
    with pytest.raises(Refusal):
        desk.release_hold(article, by=client.editor)
    press.catch_up()
    assert "Wait for word." in surfaces()[article.path, "plain"]


@pytest.mark.parametrize("act", [desk.hold, desk.correct])
def test_a_note_needs_words_and_a_published_report(client, article, act):
    for text, live in (("  ", True), ("It was six.", False)):
        Article.objects.update(live=live)
        with pytest.raises(Refusal):
            act(article, text, by=client.editor)
    assert not Notice.objects.exists()


def test_withdrawing_says_first_what_goes_dark(client, article):
    SavedArticle.objects.create(reader=ben(), article=article.pk)
    text = client.get(reverse("desk_withdraw", args=[article.pk])).content.decode()
    for word in (article.path, "the section World", "1 reader has saved it", "who may withdraw"):
        assert word in text
    article.refresh_from_db()
    assert article.withdrawn_at is None


def test_case_40_a_withdrawn_report_is_gone_from_every_surface_whatever_staff_held(
    client, article, feed
):
    publish(client, article, headline="Ours of the harbour", kicker="Tides")
    reader = ben()
    SavedArticle.objects.create(reader=reader, article=article.pk)
    send(feed, ninjs("urn:other", headline="Another report"))
    press.catch_up()
    slug = article.path.rsplit("/", 1)[1]
    assert {"/", "/world/", "/feed.rss", "/feed.atom", "/feed.json"} <= where("Ours of the harbour")
    send(feed, ninjs(version=2, status="canceled", note="The letter was not genuine."))
    press.catch_up()
    article.refresh_from_db()
    assert where("Ours of the harbour") == set()
    assert where(slug) - {article.path} == set()
    assert status(article.path) == 410
    assert "The letter was not genuine." in surfaces()[article.path, "plain"]
    browser = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert b"Ours of the harbour" not in browser.get("/search", {"q": "harbour"}).content
    browser.force_login(reader, "allauth.account.auth_backends.AuthenticationBackend")
    assert b"Ours of the harbour" not in browser.get("/account/saved/").content
    assert b"Ours of the harbour" not in browser.get(url(article, "preview_on_edit")).content
    assert (article.headline, article.item.versions.count()) == ("Ours of the harbour", 2)
    assert Version.objects.filter(item=article.item).count() == 2


def test_case_40_no_act_of_staff_brings_a_withdrawn_report_back(client, article):
    desk.withdraw(article, "Wrong island.", by=client.editor)
    data = {"headline": "Again", "action-publish": "1"}
    client.post(url(article), opened(client, url(article)) | data)
    edit = Edit.objects.filter(article=article).first()
    if edit is not None:
        desk.bring_back(edit, by=client.editor)
    for act in (desk.hold, desk.correct):
        with pytest.raises(Refusal):
            act(article, "Words.", by=client.editor)
    press.catch_up()
    assert status(article.path) == 410
    assert where("Again") == set()


def test_case_44_a_link_that_was_already_sent_out_leads_to_the_notice(client, article, feed):
    """No newsletter is made yet; what somebody was sent is the address, and it says why."""
    sent = article.path
    publish(client, article, headline="Another headline by now")
    send(feed, ninjs(version=2, status="canceled", note="The letter was not genuine."))
    press.catch_up()
    assert status(sent) == 410
    page = surfaces()[sent, "plain"]
    assert "The letter was not genuine." in page
    assert "Another headline" not in page
    assert {path for path, _ in surfaces() if path == sent} == {sent}
    assert [variant for path, variant in surfaces() if path == sent] == ["plain"]


def test_case_45_every_list_asks_whether_a_report_is_visible(client, article, feed):
    """Pages that point to it, the wall at its address, search, what readers saved."""
    reader = ben()
    SavedArticle.objects.create(reader=reader, article=article.pk)
    send(feed, ninjs("urn:other", headline="Another report"))
    press.catch_up()
    other = Article.objects.get(item__key="urn:other")
    assert "Harbour opens early" in surfaces()[other.path, "full"]
    assert (article.path, "teaser") in surfaces()
    desk.withdraw(article, "Wrong island.", by=client.editor)
    press.catch_up()
    assert "Harbour opens early" not in surfaces()[other.path, "full"]
    assert (article.path, "teaser") not in surfaces()
    browser = Client(headers={"x-forwarded-for": "127.0.0.1"})
    browser.force_login(reader, "allauth.account.auth_backends.AuthenticationBackend")
    assert b"Harbour opens early" not in browser.get("/account/saved/").content
    assert b"Harbour opens early" not in browser.get("/search", {"q": "harbour"}).content


def test_case_35_a_field_given_back_follows_the_wire_and_the_note_says_so(client, article, feed):
    publish(client, article, headline="Ours", standfirst="Ours too.")
    assert article.disclosure.fields == ("headline", "standfirst")
    client.post(reverse("desk_release", args=[article.pk, "headline"]))
    article.refresh_from_db()
    assert (article.headline, article.disclosure.fields) == (None, ("standfirst",))
    send(feed, ninjs(version=2, headline="Wire two"))
    client.post(reverse("desk_release", args=[article.pk, "standfirst"]))
    article.refresh_from_db()
    assert (article.full_headline, article.disclosure.form) == ("Wire two", "untouched")
    press.catch_up()
    assert "staff have not edited it" in surfaces()[article.path, "full"]
    assert [edit.after for edit in Edit.objects.filter(field="headline")] == ["Ours", None]


def test_one_field_is_brought_back_to_what_it_was_and_the_others_stay(client, article):
    publish(client, article, headline="First of ours", kicker="Tides")
    publish(client, article, headline="Second of ours", kicker="Ports")
    change = Edit.objects.get(field="headline", after="Second of ours")
    client.post(reverse("desk_bring_back", args=[change.pk]))
    article.refresh_from_db()
    assert (article.headline, article.kicker) == ("First of ours", "Ports")
    client.post(
        reverse("desk_bring_back", args=[Edit.objects.get(field="kicker", after="Ports").pk])
    )
    article.refresh_from_db()
    assert article.kicker == "Tides"
    assert opened(client, url(article))["headline"] == "First of ours"
    client.post(reverse("desk_bring_back", args=[Edit.objects.filter(field="headline").first().pk]))
    article.refresh_from_db()
    assert article.headline is None
    assert all(edit.by == client.editor for edit in Edit.objects.all())


def test_a_body_brought_back_does_not_hide_that_the_wire_went_on(client, article, feed):
    data = opened(client, url(article) + "?rework=1")
    data |= {"body": data["body"].replace("first crew", "our crew"), "action-publish": "1"}
    client.post(url(article), data)
    send(feed, ninjs(version=2, body=body("second")))
    desk.take_waiting(article, by=client.editor)
    change = Edit.objects.filter(field="body", after=None).get()
    client.post(reverse("desk_bring_back", args=[change.pk]))
    article.refresh_from_db()
    assert "our crew" in article.full_body
    assert (article.basis.number, article.waiting.number, article.body_from.number) == (2, 2, 1)


def test_the_log_says_who_changed_what_from_what_to_what(client, article):
    publish(client, article, headline="Harbour opens late", access="premium")
    text = client.get(reverse("desk_log", args=[article.pk])).content.decode()
    for said in ("Ada", "headline", "Harbour opens late", "premium", "metered",
                 "Until then it followed the wire."):  # fmt: skip
        assert said in text
    assert '<del><span class="w-sr-only">Removed: </span>early</del>' in text
    publish(client, article, headline="Harbour opens later")
    text = client.get(reverse("desk_log", args=[article.pk])).content.decode()
    assert '<del><span class="w-sr-only">Removed: </span>late</del>' in text


def test_byline_and_dateline_of_a_wire_report_take_a_right_of_their_own(client, article):
    assert "byline" in opened(client, url(article))
    for group in client.editor.groups.all():
        group.permissions.remove(group.permissions.get(codename="credit_article"))
    assert "byline" not in opened(client, url(article))
    client.post(url(article), opened(client, url(article)) | {
        "byline": "Me", "action-publish": "1",
    })  # fmt: skip
    article.refresh_from_db()
    assert article.byline == ""


def test_an_article_locked_by_another_is_saved_by_nobody_else(client, article):
    from tests.cast import make_staff

    olu = make_staff("olu@lantern.example", "lanterns-and-ledgers", publisher=False, name="Olu")
    Article.objects.update(locked=True, locked_by=olu)
    before = Article.objects.values().get()
    client.post(url(article), {"headline": "Ours", "action-publish": "1"})
    answer = client.post(reverse("desk_release", args=[article.pk, "headline"]), follow=True)
    assert "Olu has locked this article" in answer.content.decode()
    assert Article.objects.values().get() == before


def test_a_report_leaves_and_appears_at_its_minute(client, article):
    with time_machine.travel(NOW, tick=False):
        publish(client, article, expire_at="2026-11-20 20:00", headline="Ours")
    assert article.expire_at == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    press.catch_up()
    assert article.visible(datetime(2026, 11, 20, 14, 29, 59, tzinfo=UTC))
    assert not article.visible(datetime(2026, 11, 20, 14, 30, tzinfo=UTC))
    listed = reverse("wagtailsnippets_desk_article:list")
    text = client.get(listed).content.decode()
    assert "until 20 November 2026, 20:00" in text, text[text.index("<tbody") :][:3000]
    with time_machine.travel(datetime(2026, 11, 20, 14, 31, tzinfo=UTC), tick=False):
        call_command("publish_scheduled", verbosity=0)
        press.catch_up()
    assert status(article.path) == 410
    assert where("Ours") == set()


def test_the_gate_keeps_to_the_minute_what_the_desk_set(client, article):
    import sqlite3

    from django.conf import settings

    publish(client, article, expire_at="2999-11-20 20:00", embargo_until="2998-11-20 20:00")
    press.catch_up()
    store = sqlite3.connect(settings.HOME / "pressed.sqlite3")
    row = store.execute(
        "SELECT not_before, not_after FROM page WHERE path=? AND variant='full'", (article.path,)
    ).fetchone()
    store.close()
    bounds = (
        datetime(2998, 11, 20, 14, 30, tzinfo=UTC),
        datetime(2999, 11, 20, 14, 30, tzinfo=UTC),
    )
    assert row == tuple(moment.timestamp() for moment in bounds)


def test_the_list_of_articles_asks_the_database_once_for_all_rows(client, article):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("wagtailsnippets_desk_article:list"))
        return len(captured)

    asked()
    few = asked()
    Article.objects.bulk_create(
        [Article(section=article.section, live=True, path=f"/{n}") for n in range(30)]
    )
    assert asked() == few


def test_notices_of_every_kind_are_named(client, article):
    for kind in NoticeKind.values:
        Notice.objects.create(article=article, kind=kind, text=f"Told: {kind}.")
    text = client.get(reverse("desk_log", args=[article.pk])).content.decode()
    assert all(f"Told: {kind}." in text for kind in NoticeKind.values)
