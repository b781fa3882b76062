"""What the wire says of its items after they were sent (docs/cases.md, 29 to 56)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Intake, Notice, Rule, WithdrawalRequest
from broadsheet.desk.wording import reason_text
from broadsheet.gate.pressed import open_store
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.wire.formats import parse
from broadsheet.wire.ingest import take_in
from broadsheet.wire.models import Feed, Fetch, Item, Source, Version
from tests.cast import ada, body, ninjs, send
from tests.surfaces import status, surfaces

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def stating(data, **facts):
    """A ninjs item with keys set."""
    return json.dumps(json.loads(data) | facts).encode()


def reasons(key="urn:quill:1"):
    return " ".join(map(reason_text, Intake.objects.get(item__key=key).reasons))


def pressed():
    press.catch_up()
    return surfaces()


@pytest.mark.parametrize(
    "facts",
    [
        {"headline": "TEST - PLEASE IGNORE"},
        {"headline": "Eds: daybook for Friday"},
        {"headline": "ADVISORY: Budget of the world desk"},
        {"body": ""},
    ],
)
def test_case_29_what_is_no_news_is_never_public(feed, facts):
    Rule.objects.create(order=1, name="all", action="publish", stop=False, max_age_hours=None)
    send(feed, ninjs(**facts))
    assert not Article.objects.exists()
    assert Intake.objects.get().outcome == "held"
    assert "no" in reasons()


def test_case_29_a_signal_of_the_standard_says_that_it_is_a_test(feed):
    send(feed, stating(ninjs(), signals=[{"qcode": "nmsig:test"}]))
    assert Version.objects.get().kind == "test"
    assert not Article.objects.exists()


def test_case_30_attached_and_linked_old_stories_are_not_posted_as_new(feed):
    Rule.objects.update(max_age_hours=48)
    attached = {
        "type": "text", "uri": "urn:quill:2008", "headlines": [{"value": "Quarry fire"}],
        "versionCreated": "2008-05-01T00:00:00Z",
        "bodies": [{"contentType": "text/html", "value": body("archive")}],
    }  # fmt: skip
    now = datetime.now(UTC)
    linked = body() + '<p><a href="https://q.example/2008/quarry">Quarry fire</a></p>'
    send(feed, stating(ninjs(at=now, body=linked), associations=[attached]))
    send(feed, ninjs("urn:quill:2008", at=datetime(2008, 5, 1, tzinfo=UTC)))
    assert Item.objects.count() == 2
    assert Article.objects.get().item.key == "urn:quill:1"
    assert "older" in reasons("urn:quill:2008")
    assert "archive" not in Article.objects.get().full_body


def test_case_37_an_update_that_equals_ours_leaves_the_field_ours(feed):
    send(feed, ninjs(version=1, headline="Harbour opens early"))
    editor, article = ada(), Article.objects.get()
    article.headline = "Harbour opens at five"
    article.save_revision(user=editor).publish(user=editor)
    before = Edit.objects.count(), Notice.objects.count()
    send(feed, ninjs(version=2, headline="Harbour opens at five"))
    article = Article.objects.get()
    assert article.owned == {"headline"}
    assert (Edit.objects.count(), Notice.objects.count()) == before
    send(feed, ninjs(version=3, headline="Harbour shut"))
    assert Article.objects.get().full_headline == "Harbour opens at five"


def entering(data, **facts):
    """Take a document in whose one entry states more than its format can say here."""
    feed = Feed.objects.get()
    fetch = Fetch.objects.create(feed=feed, name="item.json", outcome="taken")
    with gathered():
        take_in((replace(parse(data).entries[0], **facts),), fetch, feed.source)
        desk.catch_up()


def asking(named, key="urn:quill:kill"):
    """A text that asks to withdraw another item."""
    text = ninjs(key, headline=f"Please kill item {named}", body="<p>Not genuine.</p>")
    entering(text, withdraws=named)


def test_case_39_a_text_that_asks_to_withdraw_another_item_is_proposed_to_the_desk(feed):
    send(feed, ninjs("urn:quill:20261120:157"))
    asking("Quill 157")
    request = WithdrawalRequest.objects.get()
    assert request.item.key == "urn:quill:20261120:157"
    assert Article.objects.get().withdrawn_at is None
    desk.settle_request(request, confirm=True, reason="Not genuine.", by=ada())
    article = Article.objects.get()
    assert article.withdrawn_at is not None
    assert article.item.status == "canceled"
    assert article.notices.get().text == "Not genuine."


def test_case_39_an_unpublished_target_does_not_publish_itself_any_more(feed):
    soon = datetime.now(UTC) + timedelta(hours=1)
    send(feed, stating(ninjs("urn:quill:157"), embargoed=soon.isoformat()))
    assert Intake.objects.get().due_at
    asking("urn:quill:157")
    with time_machine.travel(soon + timedelta(minutes=1)):
        assert desk.publish_due() == 0
        send(feed, ninjs("urn:quill:157", version=2))
    assert not Article.objects.exists()
    assert "asks to withdraw" in reasons("urn:quill:157")
    desk.settle_request(WithdrawalRequest.objects.get(), confirm=False, reason="", by=ada())
    send(feed, ninjs("urn:quill:157", version=3, headline="Fog"))
    assert Article.objects.get().full_headline == "Fog"


def test_case_39_what_names_nothing_known_is_in_the_queue_all_the_same(feed):
    asking("Quill 999")
    request = WithdrawalRequest.objects.get()
    assert request.item is None
    with pytest.raises(Refusal, match="Quill 999"):
        desk.settle_request(request, confirm=True, reason="x", by=ada())
    assert WithdrawalRequest.objects.get().settled_at is None


def withdrawn_and_usable_again(feed):
    send(feed, ninjs(version=1, headline="Letter shows closure"))
    editor, article = ada(), Article.objects.get()
    article.standfirst = "Our summary."
    article.save_revision(user=editor).publish(user=editor)
    send(feed, ninjs(version=2, status="canceled", note="Not genuine."))
    send(feed, ninjs(version=3, headline="Letter was genuine"))
    return editor


def test_case_46_usable_after_a_withdrawal_needs_a_person_and_history_shows_both(feed):
    editor = withdrawn_and_usable_again(feed)
    before = Article.objects.get()
    assert before.withdrawn_at is not None
    with pytest.raises(Refusal, match="reason"):
        desk.reinstate(before, " ", by=editor)
    desk.reinstate(before, "The letter was genuine after all.", by=editor)
    after = Article.objects.get()
    assert (after.path, after.first_published_at) == (before.path, before.first_published_at)
    assert after.full_headline == "Letter was genuine"
    assert after.owned == {"standfirst"}
    kinds = list(after.notices.order_by("id").values_list("kind", flat=True))
    assert kinds == ["withdrawal", "reinstatement"]
    pages = pressed()
    assert "genuine after all" in pages[after.path, "full"]
    assert after.path in pages["/", "plain"]
    assert after.item.status == "usable"


def test_case_46_a_withdrawal_is_not_undone_while_the_agency_has_not_released_it(feed):
    send(feed, ninjs(version=1))
    send(feed, ninjs(version=2, status="canceled"))
    with pytest.raises(Refusal, match="not released"):
        desk.reinstate(Article.objects.get(), "Why not.", by=ada())
    assert Article.objects.get().withdrawn_at is not None


def test_case_46_an_item_without_an_article_is_made_one_by_a_person_only(feed):
    send(feed, ninjs(version=1, status="canceled"))
    send(feed, ninjs(version=2))
    item, editor = Item.objects.get(), ada()
    assert not Article.objects.exists()
    with pytest.raises(Refusal, match="withdrawn"):
        desk.make_article(item, by=editor)
    desk.readmit(item)
    assert desk.make_article(Item.objects.get(), by=editor).live is False


def test_case_47_a_hold_darkens_and_usable_brings_back_all_that_was_there(feed):
    send(feed, ninjs(version=1, headline="Harbour opens early"))
    editor, article = ada(), Article.objects.get()
    article.headline = "Ours"
    article.save_revision(user=editor).publish(user=editor)
    before = Article.objects.get()
    for number in (2, 3):
        send(feed, ninjs(version=number, status="withheld", note="We look into it."))
    pages = pressed()
    assert (before.path, "full") not in pages
    assert "We look into it." in pages[before.path, "plain"]
    assert "being checked" in pages[before.path, "plain"]
    assert {path for (path, _), page in pages.items() if "Ours" in page} == set()
    assert Notice.objects.count() == 1
    send(feed, ninjs(version=4))
    after = Article.objects.get()
    assert after.full_headline == "Ours"
    for name in ("path", "first_published_at", "headline"):
        assert getattr(after, name) == getattr(before, name)
    assert "Ours" in pressed()[after.path, "full"]


def test_case_48_an_embargo_lifts_on_its_own_and_nothing_is_seen_before(feed):
    lifts = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    send(feed, stating(ninjs(headline="Sealed budget"), embargoed=lifts.isoformat()))
    assert not Article.objects.exists()
    assert reasons().startswith("Embargoed until")
    assert desk.publish_due() == 0
    assert not {page for page in pressed().values() if "Sealed" in page}
    with time_machine.travel(lifts, tick=False):
        assert desk.publish_due() == 1
        assert desk.publish_due() == 0
        article = Article.objects.get()
        assert article.first_published_at == lifts
        assert article.visible(lifts)
        assert "Sealed budget" in pressed()["/", "plain"]
    assert Intake.objects.get().due_at is None


def test_case_48_an_embargo_covers_every_version_and_may_be_moved(feed):
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    second = first + timedelta(hours=1)
    send(feed, stating(ninjs(version=1), embargoed=first.isoformat()))
    unnumbered = json.loads(ninjs(headline="Another transport")) | {"version": ""}
    send(feed, json.dumps(unnumbered).encode())
    assert Intake.objects.get().due_at == first
    send(feed, stating(ninjs(version=3), embargoed=second.isoformat()))
    with time_machine.travel(first + timedelta(minutes=1)):
        assert desk.publish_due() == 0
    with time_machine.travel(second):
        assert desk.publish_due() == 1


def test_case_48_an_embargo_added_after_publication_holds_the_report_until_then(feed):
    send(feed, ninjs(version=1, headline="Too early"))
    path = Article.objects.get().path
    lifts = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    send(feed, stating(ninjs(version=2, headline="Too early"), embargoed=lifts.isoformat()))
    pages = pressed()
    assert not Article.objects.get().visible(datetime.now(UTC))
    assert {p for (p, _), page in pages.items() if "Too early" in page} <= {path}
    store = open_store(settings.HOME / "pressed.sqlite3")
    bounds = {row[0] for row in store.execute("SELECT not_before FROM page WHERE path=?", (path,))}
    store.close()
    assert bounds == {lifts.timestamp()}


def test_case_48_an_embargo_without_an_end_waits_for_the_wire(feed):
    entering(ninjs(version=1), embargo=datetime.max.replace(tzinfo=UTC))
    assert Intake.objects.get().due_at is None
    assert "until the wire lifts it" in reasons()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=3000)):
        assert desk.publish_due() == 0
    send(feed, ninjs(version=2))
    assert Article.objects.get().live


def test_case_49_an_expiry_of_the_item_takes_it_off_the_site(feed):
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    send(feed, stating(ninjs(headline="Fleeting"), expires=ends.isoformat()))
    press.announce_due()
    article = Article.objects.get()
    assert article.wire_expires == ends
    assert "Fleeting" in pressed()["/", "plain"]
    with time_machine.travel(ends + timedelta(seconds=1)):
        press.announce_due()
        pages = pressed()
    assert status(article.path) == 410
    assert not {path for (path, _), page in pages.items() if "Fleeting" in page}


def test_case_49_the_days_of_the_licence_end_a_report_also_when_they_are_set_later(feed):
    Source.objects.update(online_days=30)
    send(feed, ninjs("urn:a", headline="Under licence"))
    article = Article.objects.get()
    assert article.wire_expires == article.first_published_at + timedelta(days=30)
    sooner = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
    send(feed, stating(ninjs("urn:a", version=2), expires=sooner.isoformat()))
    assert Article.objects.get().wire_expires == sooner
    source = Source.objects.get()
    source.online_days = 7
    source.save()
    assert Article.objects.get().wire_expires == article.first_published_at + timedelta(days=7)
    source.online_days = None
    source.save()
    assert Article.objects.get().wire_expires == sooner


def test_case_54_without_a_rule_or_a_section_an_item_is_in_the_queue_unmapped(feed):
    Rule.objects.update(section=None)
    send(feed, ninjs("urn:a"))
    assert Intake.objects.get(item__key="urn:a").queue == "unmapped"
    assert "No section" in reasons("urn:a")
    Rule.objects.all().delete()
    send(feed, ninjs("urn:b"))
    assert Intake.objects.get(item__key="urn:b").queue == "unmapped"
    assert "No rule" in reasons("urn:b")
    assert not Article.objects.exists()
    assert Intake.objects.count() == Item.objects.count() == 2


def test_case_54_a_rule_that_is_deleted_leaves_what_it_did(feed):
    send(feed, ninjs("urn:a"))
    Rule.objects.all().delete()
    send(feed, ninjs("urn:a", version=2, headline="Goes on"))
    assert Article.objects.get().full_headline == "Goes on"
    assert Intake.objects.get().rule == "quill"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [({"auto_publish": False}, "not published by rules"), ({"max_age_hours": 1}, "source's age")],
)
def test_a_source_may_ask_for_more_than_the_rules_do(feed, asked, reason):
    Source.objects.update(**asked)
    send(feed, ninjs(at=datetime.now(UTC) - timedelta(hours=2)))
    assert reason in reasons()


def test_a_date_ahead_of_the_clock_is_for_the_desk(feed):
    send(feed, ninjs(at=datetime.now(UTC) + timedelta(hours=5, minutes=30)))
    assert "ahead" in reasons()
    send(feed, stating(ninjs("urn:b"), versionCreated="the day before yesterday"))
    assert "could not be read" in reasons("urn:b")


def test_case_39_a_text_that_names_another_item_is_read_from_the_wires_own_words(feed):
    send(feed, ninjs("urn:quill:20261120:157", headline="Letter shows closure"))
    text = "<p>Please kill item Quill 157. The letter was not genuine.</p>"
    send(feed, ninjs("urn:quill:158", headline="To all editors", body=text))
    assert WithdrawalRequest.objects.get().item.key == "urn:quill:20261120:157"
    assert Article.objects.get().item.key == "urn:quill:20261120:157"
