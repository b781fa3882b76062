"""One report by mail and by a feed that vouches for it, in either order: published once."""

import json
from datetime import timedelta

import pytest

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Intake, Notice, NoticeKind, Rule, Section
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press_log.models import Entry
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Version
from tests.cast import ada, body, make_feed, ninjs, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(paper):
    """A mailbox of the agency; a rule would publish what it brings, if mail could be trusted."""
    box = wire.add_feed("quill-mail", "imaps://mail.example/INBOX", agency="Quill")
    world = Section.objects.get(slug="world")
    Rule.objects.create(name="mail", feed=box, section=world, action="publish", max_age_hours=None)
    return box


def told():
    """How often the press was told of a report."""
    return Entry.objects.filter(subject="article").count()


@pytest.mark.parametrize("mail_first", [True, False])
def test_case_19_by_mail_and_by_a_trusted_feed_is_published_once_in_either_order(
    mailbox, tmp_path, mail_first
):
    feed = make_feed(tmp_path / "quill")
    for one in (mailbox, feed) if mail_first else (feed, mailbox):
        send(one, ninjs())
    send(mailbox, ninjs())
    assert Version.objects.count() == 1
    article = Article.objects.get()
    assert article.live
    assert Intake.objects.get().outcome == Intake.Outcome.PUBLISHED
    assert told() == 1
    press.catch_up()


def test_case_19_what_staff_discarded_is_not_published_by_a_second_feed(mailbox, tmp_path):
    send(mailbox, ninjs())
    item = Intake.objects.get().item
    desk.discard(item, by=ada())
    send(make_feed(tmp_path / "quill"), ninjs())
    assert not Article.objects.exists()
    assert Intake.objects.get().outcome == Intake.Outcome.DISCARDED


def test_case_19_a_draft_that_staff_began_stays_theirs(mailbox, tmp_path):
    send(mailbox, ninjs())
    draft = desk.make_article(Intake.objects.get().item, by=ada())
    send(make_feed(tmp_path / "quill"), ninjs())
    draft.refresh_from_db()
    assert not draft.live
    assert not draft.path


def test_case_19_a_second_mailbox_vouches_for_nothing(mailbox):
    send(mailbox, ninjs())
    send(wire.add_feed("quill-2", "imaps://mail.example/B", agency="Quill"), ninjs())
    assert not Article.objects.exists()


def test_case_54_the_feed_whose_rule_publishes_decides_in_either_order(paper, tmp_path):
    held = make_feed(tmp_path / "held", publish=False)
    open_feed = wire.add_feed("quill-open", str(tmp_path / "open"), agency="Quill")
    world = Section.objects.get(slug="world")
    Rule.objects.create(
        name="o", feed=open_feed, section=world, action="publish", max_age_hours=None
    )
    send(held, ninjs("urn:one"))
    assert not Article.objects.exists()
    send(open_feed, ninjs("urn:one"))
    two = ninjs("urn:two", headline="Another", body=body("other"))
    for feed in (open_feed, held):
        send(feed, two)
    assert Article.objects.filter(live=True).count() == 2


def test_case_29_a_test_message_stays_held_however_many_feeds_bring_it(mailbox, tmp_path):
    message = ninjs(headline="TEST - PLEASE IGNORE")
    send(mailbox, message)
    send(make_feed(tmp_path / "quill"), message)
    assert not Article.objects.exists()


def test_case_19_an_update_by_mail_is_taken_over_once_the_feed_brings_it(mailbox, tmp_path):
    feed = make_feed(tmp_path / "quill")
    send(feed, ninjs())
    newer = ninjs(version=2, headline="Harbour stays open", note="Correction: it stays open.")
    send(mailbox, newer)
    article = Article.objects.get()
    assert article.waiting is not None
    send(feed, newer)
    article.refresh_from_db()
    assert (article.waiting, article.full_headline) == (None, "Harbour stays open")
    assert not Notice.objects.exists()


def test_case_52_a_correction_by_mail_is_told_once_the_feed_brings_it(mailbox, tmp_path):
    feed = make_feed(tmp_path / "quill")
    send(feed, ninjs())
    newer = ninjs(version=2, headline="CORRECTED: Harbour stays open", body=body("second"))
    send(mailbox, newer)
    assert not Notice.objects.exists()
    send(feed, newer)
    send(mailbox, newer)
    assert Notice.objects.get().kind == NoticeKind.CORRECTION


def test_case_48_what_waits_for_its_embargo_is_not_held_by_a_second_feeds_rule(paper, tmp_path):
    """The feed whose rule publishes counts when the embargo lifts, too."""
    until = (clock.now() + timedelta(days=1)).isoformat()
    embargoed = json.dumps(json.loads(ninjs()) | {"embargoedUntil": until}).encode()
    send(make_feed(tmp_path / "quill"), embargoed)
    assert Intake.objects.get().due_at is not None, Intake.objects.get().reasons
    send(make_feed_held(tmp_path), embargoed)
    assert Intake.objects.get().due_at is not None


def make_feed_held(tmp_path):
    """A second feed of the agency; its rule holds."""
    feed = wire.add_feed("quill-held", str(tmp_path / "held"), agency="Quill")
    Rule.objects.create(name="held", feed=feed, action="hold")
    return feed
